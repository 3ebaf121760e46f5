from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Self, TypeVar

from attrs import define as _attrs_define

T = TypeVar("T", bound="ReplaceOaSpan")


@_attrs_define
class ReplaceOaSpan:
    """The hours that begin on one day."""

    start: str
    """ `hh:mm`; this minute belongs to the span """
    end: str
    """ `hh:mm`, up to `24:00`; this minute does not belong to the span any more. Before `start`, it is on the next
    day """

    def to_dict(self) -> dict[str, Any]:
        start = self.start

        end = self.end

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "start": start,
                "end": end,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        d = dict(src_dict)
        start = d.pop("start")

        end = d.pop("end")

        replace_oa_span = cls(
            start=start,
            end=end,
        )

        return replace_oa_span
