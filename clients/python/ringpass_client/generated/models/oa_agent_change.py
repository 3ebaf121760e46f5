from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Self, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.known_oa_agent_action import KnownOaAgentAction
from ..models.known_oa_agent_role import KnownOaAgentRole

if TYPE_CHECKING:
    from ..models.oa_author import OaAuthor


T = TypeVar("T", bound="OaAgentChange")


@_attrs_define
class OaAgentChange:
    """A line of the agents' history."""

    what: KnownOaAgentAction | str
    """ What was done with an agent. """
    agent_id: str
    name: str
    role: KnownOaAgentRole | str
    """ What an agent may do at Zalo. """
    at: datetime.datetime
    """ RFC 3339 in UTC, with milliseconds. """
    by: OaAuthor
    """ Who changed something at an OA's call desk. """
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        what: str
        if isinstance(self.what, KnownOaAgentAction):
            what = self.what.value
        else:
            what = self.what

        agent_id = self.agent_id

        name = self.name

        role: str
        if isinstance(self.role, KnownOaAgentRole):
            role = self.role.value
        else:
            role = self.role

        at = self.at.isoformat()

        by = self.by.to_dict()

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "what": what,
                "agent_id": agent_id,
                "name": name,
                "role": role,
                "at": at,
                "by": by,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        from ..models.oa_author import OaAuthor

        d = dict(src_dict)

        def _parse_what(data: object) -> KnownOaAgentAction | str:
            try:
                if not isinstance(data, str):
                    raise TypeError()
                componentsschemas_oa_agent_action_type_0 = KnownOaAgentAction(data)

                return componentsschemas_oa_agent_action_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(KnownOaAgentAction | str, data)

        what = _parse_what(d.pop("what"))

        agent_id = d.pop("agent_id")

        name = d.pop("name")

        def _parse_role(data: object) -> KnownOaAgentRole | str:
            try:
                if not isinstance(data, str):
                    raise TypeError()
                componentsschemas_oa_agent_role_type_0 = KnownOaAgentRole(data)

                return componentsschemas_oa_agent_role_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(KnownOaAgentRole | str, data)

        role = _parse_role(d.pop("role"))

        at = datetime.datetime.fromisoformat(d.pop("at"))

        by = OaAuthor.from_dict(d.pop("by"))

        oa_agent_change = cls(
            what=what,
            agent_id=agent_id,
            name=name,
            role=role,
            at=at,
            by=by,
        )

        oa_agent_change.additional_properties = d
        return oa_agent_change

    @property
    def additional_keys(self) -> list[str]:
        return list(self.additional_properties.keys())

    def __getitem__(self, key: str) -> Any:
        return self.additional_properties[key]

    def __setitem__(self, key: str, value: Any) -> None:
        self.additional_properties[key] = value

    def __delitem__(self, key: str) -> None:
        del self.additional_properties[key]

    def __contains__(self, key: str) -> bool:
        return key in self.additional_properties
