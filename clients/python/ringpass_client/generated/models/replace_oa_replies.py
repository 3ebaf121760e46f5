from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Self, TypeVar, cast

from attrs import define as _attrs_define

from ..types import UNSET, Unset

T = TypeVar("T", bound="ReplaceOaReplies")


@_attrs_define
class ReplaceOaReplies:
    """The text for each case; null, or left out: nothing is sent."""

    out_of_hours: None | str | Unset = UNSET
    """ `{opens_at}` in it is the next opening, as `hh:mm dd/mm/yyyy` """
    busy: None | str | Unset = UNSET

    def to_dict(self) -> dict[str, Any]:
        out_of_hours: None | str | Unset
        if isinstance(self.out_of_hours, Unset):
            out_of_hours = UNSET
        else:
            out_of_hours = self.out_of_hours

        busy: None | str | Unset
        if isinstance(self.busy, Unset):
            busy = UNSET
        else:
            busy = self.busy

        field_dict: dict[str, Any] = {}

        field_dict.update({})
        if out_of_hours is not UNSET:
            field_dict["out_of_hours"] = out_of_hours
        if busy is not UNSET:
            field_dict["busy"] = busy

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        d = dict(src_dict)

        def _parse_out_of_hours(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        out_of_hours = _parse_out_of_hours(d.pop("out_of_hours", UNSET))

        def _parse_busy(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        busy = _parse_busy(d.pop("busy", UNSET))

        replace_oa_replies = cls(
            out_of_hours=out_of_hours,
            busy=busy,
        )

        return replace_oa_replies
