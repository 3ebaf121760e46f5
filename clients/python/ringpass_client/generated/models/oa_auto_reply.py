from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any, Self, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.known_oa_reply_kind import KnownOaReplyKind
from ..models.known_oa_reply_state import KnownOaReplyState

T = TypeVar("T", bound="OaAutoReply")


@_attrs_define
class OaAutoReply:
    """What became of the text message to a customer whose call nobody took."""

    kind: KnownOaReplyKind | None | str
    """ Null: it was not looked at. """
    state: KnownOaReplyState | str
    """ What became of an auto-reply. """
    reason: None | str
    """ Why it was skipped or refused, or is unknown. """
    at: datetime.datetime
    """ RFC 3339 in UTC, with milliseconds. """
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        kind: None | str
        if isinstance(self.kind, KnownOaReplyKind):
            kind = self.kind.value
        else:
            kind = self.kind

        state: str
        if isinstance(self.state, KnownOaReplyState):
            state = self.state.value
        else:
            state = self.state

        reason: None | str
        reason = self.reason

        at = self.at.isoformat()

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "kind": kind,
                "state": state,
                "reason": reason,
                "at": at,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        d = dict(src_dict)

        def _parse_kind(data: object) -> KnownOaReplyKind | None | str:
            if data is None:
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                componentsschemas_oa_reply_kind_type_0 = KnownOaReplyKind(data)

                return componentsschemas_oa_reply_kind_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(KnownOaReplyKind | None | str, data)

        kind = _parse_kind(d.pop("kind"))

        def _parse_state(data: object) -> KnownOaReplyState | str:
            try:
                if not isinstance(data, str):
                    raise TypeError()
                componentsschemas_oa_reply_state_type_0 = KnownOaReplyState(data)

                return componentsschemas_oa_reply_state_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(KnownOaReplyState | str, data)

        state = _parse_state(d.pop("state"))

        def _parse_reason(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        reason = _parse_reason(d.pop("reason"))

        at = datetime.datetime.fromisoformat(d.pop("at"))

        oa_auto_reply = cls(
            kind=kind,
            state=state,
            reason=reason,
            at=at,
        )

        oa_auto_reply.additional_properties = d
        return oa_auto_reply

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
