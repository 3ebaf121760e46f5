from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Self, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

T = TypeVar("T", bound="NumberList")


@_attrs_define
class NumberList:
    """Numbers and prefixes that are treated apart."""

    numbers: list[str]
    """ As list keys, made for this client: they say nothing of the number, and can be sent back. """
    prefixes: list[str]
    """ How E.164 numbers begin. """
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        numbers = self.numbers

        prefixes = self.prefixes

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "numbers": numbers,
                "prefixes": prefixes,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        d = dict(src_dict)
        numbers = cast(list[str], d.pop("numbers"))

        prefixes = cast(list[str], d.pop("prefixes"))

        number_list = cls(
            numbers=numbers,
            prefixes=prefixes,
        )

        number_list.additional_properties = d
        return number_list

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
