from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Self, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.known_oa_agent_role import KnownOaAgentRole

if TYPE_CHECKING:
    from ..models.oa_author import OaAuthor


T = TypeVar("T", bound="AddedOaAgent")


@_attrs_define
class AddedOaAgent:
    """An agent who was added."""

    agent_id: str
    """ Zalo's user id of the agent. """
    name: str
    role: KnownOaAgentRole | str
    """ What an agent may do at Zalo. """
    added_at: datetime.datetime
    """ RFC 3339 in UTC, with milliseconds. """
    added_by: OaAuthor
    """ Who changed something at an OA's call desk. """
    note: str
    """ What the agent has to do. """
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        agent_id = self.agent_id

        name = self.name

        role: str
        if isinstance(self.role, KnownOaAgentRole):
            role = self.role.value
        else:
            role = self.role

        added_at = self.added_at.isoformat()

        added_by = self.added_by.to_dict()

        note = self.note

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "agent_id": agent_id,
                "name": name,
                "role": role,
                "added_at": added_at,
                "added_by": added_by,
                "note": note,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        from ..models.oa_author import OaAuthor

        d = dict(src_dict)
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

        added_at = datetime.datetime.fromisoformat(d.pop("added_at"))

        added_by = OaAuthor.from_dict(d.pop("added_by"))

        note = d.pop("note")

        added_oa_agent = cls(
            agent_id=agent_id,
            name=name,
            role=role,
            added_at=added_at,
            added_by=added_by,
            note=note,
        )

        added_oa_agent.additional_properties = d
        return added_oa_agent

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
