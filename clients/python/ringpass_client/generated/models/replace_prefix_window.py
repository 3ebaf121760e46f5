from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Self, TypeVar

from attrs import define as _attrs_define

T = TypeVar("T", bound="ReplacePrefixWindow")


@_attrs_define
class ReplacePrefixWindow:
    """At most so many to numbers of one prefix in any so many seconds."""

    cap: int
    seconds: int

    def to_dict(self) -> dict[str, Any]:
        cap = self.cap

        seconds = self.seconds

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "cap": cap,
                "seconds": seconds,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        d = dict(src_dict)
        cap = d.pop("cap")

        seconds = d.pop("seconds")

        replace_prefix_window = cls(
            cap=cap,
            seconds=seconds,
        )

        return replace_prefix_window
