from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Self, TypeVar

from attrs import define as _attrs_define

from ..types import UNSET, Unset

T = TypeVar("T", bound="RotateApiKey")


@_attrs_define
class RotateApiKey:
    """``POST /v1/keys/{id}/rotate``: a new key like an old one, which then ends."""

    overlap_seconds: int | Unset = UNSET
    """ how long the old key is still valid; `0` if left out """

    def to_dict(self) -> dict[str, Any]:
        overlap_seconds = self.overlap_seconds

        field_dict: dict[str, Any] = {}

        field_dict.update({})
        if overlap_seconds is not UNSET:
            field_dict["overlap_seconds"] = overlap_seconds

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        d = dict(src_dict)
        overlap_seconds = d.pop("overlap_seconds", UNSET)

        rotate_api_key = cls(
            overlap_seconds=overlap_seconds,
        )

        return rotate_api_key
