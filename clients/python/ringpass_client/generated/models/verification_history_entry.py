from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any, Self, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.known_channel import KnownChannel
from ..models.known_verification_history_kind import KnownVerificationHistoryKind

T = TypeVar("T", bound="VerificationHistoryEntry")


@_attrs_define
class VerificationHistoryEntry:
    """A line of a verification's story."""

    at: datetime.datetime
    """ RFC 3339 in UTC, with milliseconds. """
    event: KnownVerificationHistoryKind | str
    """ Type of a line of a verification's story. """
    step: int | None
    """ The step that it is about, counted from 1. """
    channel: KnownChannel | None | str
    delivery_id: None | str
    reason: None | str
    """ Why, as a word: what a delivery came to, `time_out`, `next_asked`, the reason of a skip. """
    text: str
    """ The same as a sentence. """
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        at = self.at.isoformat()

        event: str
        if isinstance(self.event, KnownVerificationHistoryKind):
            event = self.event.value
        else:
            event = self.event

        step: int | None
        step = self.step

        channel: None | str
        if isinstance(self.channel, KnownChannel):
            channel = self.channel.value
        else:
            channel = self.channel

        delivery_id: None | str
        delivery_id = self.delivery_id

        reason: None | str
        reason = self.reason

        text = self.text

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "at": at,
                "event": event,
                "step": step,
                "channel": channel,
                "delivery_id": delivery_id,
                "reason": reason,
                "text": text,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        d = dict(src_dict)
        at = datetime.datetime.fromisoformat(d.pop("at"))

        def _parse_event(data: object) -> KnownVerificationHistoryKind | str:
            try:
                if not isinstance(data, str):
                    raise TypeError()
                componentsschemas_verification_history_kind_type_0 = KnownVerificationHistoryKind(
                    data
                )

                return componentsschemas_verification_history_kind_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(KnownVerificationHistoryKind | str, data)

        event = _parse_event(d.pop("event"))

        def _parse_step(data: object) -> int | None:
            if data is None:
                return data
            return cast(int | None, data)

        step = _parse_step(d.pop("step"))

        def _parse_channel(data: object) -> KnownChannel | None | str:
            if data is None:
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                componentsschemas_channel_type_0 = KnownChannel(data)

                return componentsschemas_channel_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(KnownChannel | None | str, data)

        channel = _parse_channel(d.pop("channel"))

        def _parse_delivery_id(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        delivery_id = _parse_delivery_id(d.pop("delivery_id"))

        def _parse_reason(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        reason = _parse_reason(d.pop("reason"))

        text = d.pop("text")

        verification_history_entry = cls(
            at=at,
            event=event,
            step=step,
            channel=channel,
            delivery_id=delivery_id,
            reason=reason,
            text=text,
        )

        verification_history_entry.additional_properties = d
        return verification_history_entry

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
