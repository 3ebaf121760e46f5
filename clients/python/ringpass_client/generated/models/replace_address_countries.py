from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Self, TypeVar

from attrs import define as _attrs_define

from ..models.replace_address_countries_mode import ReplaceAddressCountriesMode
from ..types import UNSET, Unset

T = TypeVar("T", bound="ReplaceAddressCountries")


@_attrs_define
class ReplaceAddressCountries:
    """To how many countries an end user's address may start verifications in a day."""

    mode: ReplaceAddressCountriesMode | Unset = UNSET
    """ `record`: nothing is refused, and decisions say what would be; `"record"` if left out """
    cap: int | Unset = UNSET
    """ countries without a verified code of it; `3` if left out """

    def to_dict(self) -> dict[str, Any]:
        mode: str | Unset = UNSET
        if not isinstance(self.mode, Unset):
            mode = self.mode.value

        cap = self.cap

        field_dict: dict[str, Any] = {}

        field_dict.update({})
        if mode is not UNSET:
            field_dict["mode"] = mode
        if cap is not UNSET:
            field_dict["cap"] = cap

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        d = dict(src_dict)
        _mode = d.pop("mode", UNSET)
        mode: ReplaceAddressCountriesMode | Unset
        if isinstance(_mode, Unset):
            mode = UNSET
        else:
            mode = ReplaceAddressCountriesMode(_mode)

        cap = d.pop("cap", UNSET)

        replace_address_countries = cls(
            mode=mode,
            cap=cap,
        )

        return replace_address_countries
