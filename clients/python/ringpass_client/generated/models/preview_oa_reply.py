from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any, Self, TypeVar, cast

from attrs import define as _attrs_define

from ..models.preview_oa_reply_reply import PreviewOaReplyReply
from ..types import UNSET, Unset

T = TypeVar("T", bound="PreviewOaReply")


@_attrs_define
class PreviewOaReply:
    """``POST /v1/oa/{oa_id}/settings/preview``: a reply as a customer would get it."""

    reply: PreviewOaReplyReply
    """ Why nobody takes a call. """
    at: datetime.datetime | None | Unset = UNSET
    """ when the customer calls; left out: now """
    text: None | str | Unset = UNSET
    """ a text to try; left out: the one that is set """

    def to_dict(self) -> dict[str, Any]:
        reply = self.reply.value

        at: None | str | Unset
        if isinstance(self.at, Unset):
            at = UNSET
        elif isinstance(self.at, datetime.datetime):
            at = self.at.isoformat()
        else:
            at = self.at

        text: None | str | Unset
        if isinstance(self.text, Unset):
            text = UNSET
        else:
            text = self.text

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "reply": reply,
            }
        )
        if at is not UNSET:
            field_dict["at"] = at
        if text is not UNSET:
            field_dict["text"] = text

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        d = dict(src_dict)
        reply = PreviewOaReplyReply(d.pop("reply"))

        def _parse_at(data: object) -> datetime.datetime | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                at_type_0 = datetime.datetime.fromisoformat(data)

                return at_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(datetime.datetime | None | Unset, data)

        at = _parse_at(d.pop("at", UNSET))

        def _parse_text(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        text = _parse_text(d.pop("text", UNSET))

        preview_oa_reply = cls(
            reply=reply,
            at=at,
            text=text,
        )

        return preview_oa_reply
