from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Self, TypeVar, cast

from attrs import define as _attrs_define

from ..types import UNSET, Unset

T = TypeVar("T", bound="CopyScenario")


@_attrs_define
class CopyScenario:
    """``POST /v1/scenarios/{id}/copy``: a new, inactive scenario with the same script."""

    name: None | str | Unset = UNSET
    """ left out: the old one with a number """
    otp_id: None | str | Unset = UNSET
    """ left out: none, as Bizfly's console gives a new script a new one """

    def to_dict(self) -> dict[str, Any]:
        name: None | str | Unset
        if isinstance(self.name, Unset):
            name = UNSET
        else:
            name = self.name

        otp_id: None | str | Unset
        if isinstance(self.otp_id, Unset):
            otp_id = UNSET
        else:
            otp_id = self.otp_id

        field_dict: dict[str, Any] = {}

        field_dict.update({})
        if name is not UNSET:
            field_dict["name"] = name
        if otp_id is not UNSET:
            field_dict["otp_id"] = otp_id

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        d = dict(src_dict)

        def _parse_name(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        name = _parse_name(d.pop("name", UNSET))

        def _parse_otp_id(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        otp_id = _parse_otp_id(d.pop("otp_id", UNSET))

        copy_scenario = cls(
            name=name,
            otp_id=otp_id,
        )

        return copy_scenario
