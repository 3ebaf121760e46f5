from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Self, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

T = TypeVar("T", bound="OaReplies")


@_attrs_define
class OaReplies:
    """What a customer gets whose call nobody takes; null: nothing."""

    out_of_hours: None | str
    busy: None | str
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        out_of_hours: None | str
        out_of_hours = self.out_of_hours

        busy: None | str
        busy = self.busy

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "out_of_hours": out_of_hours,
                "busy": busy,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        d = dict(src_dict)

        def _parse_out_of_hours(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        out_of_hours = _parse_out_of_hours(d.pop("out_of_hours"))

        def _parse_busy(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        busy = _parse_busy(d.pop("busy"))

        oa_replies = cls(
            out_of_hours=out_of_hours,
            busy=busy,
        )

        oa_replies.additional_properties = d
        return oa_replies

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
