from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any, Self, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.known_oa_reply_kind import KnownOaReplyKind

T = TypeVar("T", bound="OaReplyPreview")


@_attrs_define
class OaReplyPreview:
    """A reply as a customer would get it."""

    reply: KnownOaReplyKind | str
    """ Why nobody takes a call. """
    text: None | str
    """ Null: no text is set, so nothing is sent. """
    at: datetime.datetime
    """ RFC 3339 in UTC, with milliseconds. """
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        reply: str
        if isinstance(self.reply, KnownOaReplyKind):
            reply = self.reply.value
        else:
            reply = self.reply

        text: None | str
        text = self.text

        at = self.at.isoformat()

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "reply": reply,
                "text": text,
                "at": at,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        d = dict(src_dict)

        def _parse_reply(data: object) -> KnownOaReplyKind | str:
            try:
                if not isinstance(data, str):
                    raise TypeError()
                componentsschemas_oa_reply_kind_type_0 = KnownOaReplyKind(data)

                return componentsschemas_oa_reply_kind_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(KnownOaReplyKind | str, data)

        reply = _parse_reply(d.pop("reply"))

        def _parse_text(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        text = _parse_text(d.pop("text"))

        at = datetime.datetime.fromisoformat(d.pop("at"))

        oa_reply_preview = cls(
            reply=reply,
            text=text,
            at=at,
        )

        oa_reply_preview.additional_properties = d
        return oa_reply_preview

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
