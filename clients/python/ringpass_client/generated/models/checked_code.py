from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Self, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.known_checked_code_status import KnownCheckedCodeStatus

T = TypeVar("T", bound="CheckedCode")


@_attrs_define
class CheckedCode:
    """What a code came to."""

    id: str
    status: KnownCheckedCodeStatus | str
    """ What a code came to. """
    attempts_remaining: int
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        id = self.id

        status: str
        if isinstance(self.status, KnownCheckedCodeStatus):
            status = self.status.value
        else:
            status = self.status

        attempts_remaining = self.attempts_remaining

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "id": id,
                "status": status,
                "attempts_remaining": attempts_remaining,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        d = dict(src_dict)
        id = d.pop("id")

        def _parse_status(data: object) -> KnownCheckedCodeStatus | str:
            try:
                if not isinstance(data, str):
                    raise TypeError()
                componentsschemas_checked_code_status_type_0 = KnownCheckedCodeStatus(data)

                return componentsschemas_checked_code_status_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(KnownCheckedCodeStatus | str, data)

        status = _parse_status(d.pop("status"))

        attempts_remaining = d.pop("attempts_remaining")

        checked_code = cls(
            id=id,
            status=status,
            attempts_remaining=attempts_remaining,
        )

        checked_code.additional_properties = d
        return checked_code

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
