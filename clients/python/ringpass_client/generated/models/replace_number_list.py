from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Self, TypeVar, cast

from attrs import define as _attrs_define

from ..types import UNSET, Unset

T = TypeVar("T", bound="ReplaceNumberList")


@_attrs_define
class ReplaceNumberList:
    """Numbers and prefixes that are treated apart."""

    numbers: list[str] | Unset = UNSET
    prefixes: list[str] | Unset = UNSET

    def to_dict(self) -> dict[str, Any]:
        numbers: list[str] | Unset = UNSET
        if not isinstance(self.numbers, Unset):
            numbers = self.numbers

        prefixes: list[str] | Unset = UNSET
        if not isinstance(self.prefixes, Unset):
            prefixes = self.prefixes

        field_dict: dict[str, Any] = {}

        field_dict.update({})
        if numbers is not UNSET:
            field_dict["numbers"] = numbers
        if prefixes is not UNSET:
            field_dict["prefixes"] = prefixes

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        d = dict(src_dict)
        numbers = cast(list[str], d.pop("numbers", UNSET))

        prefixes = cast(list[str], d.pop("prefixes", UNSET))

        replace_number_list = cls(
            numbers=numbers,
            prefixes=prefixes,
        )

        return replace_number_list
