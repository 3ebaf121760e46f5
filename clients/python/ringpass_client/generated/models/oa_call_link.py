from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any, Self, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.known_oa_call_link_state import KnownOaCallLinkState

T = TypeVar("T", bound="OaCallLink")


@_attrs_define
class OaCallLink:
    """The link of a call, without what opens it."""

    state: KnownOaCallLinkState | str
    """ What a link is good for. """
    opened_at: datetime.datetime | None
    ends_at: datetime.datetime
    """ RFC 3339 in UTC, with milliseconds. """
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        state: str
        if isinstance(self.state, KnownOaCallLinkState):
            state = self.state.value
        else:
            state = self.state

        opened_at: None | str
        if isinstance(self.opened_at, datetime.datetime):
            opened_at = self.opened_at.isoformat()
        else:
            opened_at = self.opened_at

        ends_at = self.ends_at.isoformat()

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "state": state,
                "opened_at": opened_at,
                "ends_at": ends_at,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        d = dict(src_dict)

        def _parse_state(data: object) -> KnownOaCallLinkState | str:
            try:
                if not isinstance(data, str):
                    raise TypeError()
                componentsschemas_oa_call_link_state_type_0 = KnownOaCallLinkState(data)

                return componentsschemas_oa_call_link_state_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(KnownOaCallLinkState | str, data)

        state = _parse_state(d.pop("state"))

        def _parse_opened_at(data: object) -> datetime.datetime | None:
            if data is None:
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                opened_at_type_0 = datetime.datetime.fromisoformat(data)

                return opened_at_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(datetime.datetime | None, data)

        opened_at = _parse_opened_at(d.pop("opened_at"))

        ends_at = datetime.datetime.fromisoformat(d.pop("ends_at"))

        oa_call_link = cls(
            state=state,
            opened_at=opened_at,
            ends_at=ends_at,
        )

        oa_call_link.additional_properties = d
        return oa_call_link

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
