from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any, Self, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

T = TypeVar("T", bound="WebhookAttempt")


@_attrs_define
class WebhookAttempt:
    """A try to deliver an event."""

    event_id: str
    attempt: int
    """ Its number among the tries of this event, from 1; a replay's is 1. """
    at: datetime.datetime
    """ RFC 3339 in UTC, with milliseconds. """
    http_status: int | None
    """ The status of the response; null: there was none. """
    error: None | str
    """ Why it failed: `http_<status>`, `timeout`, `connection_cut`, `connect_failed`, `name_not_resolved`,
    `address_not_public`; null: it did not. Further words may be added. """
    duration_ms: int
    next_at: datetime.datetime | None
    """ When the event is tried again; null: it is not. """
    replay: bool
    """ Whether you asked for it. """
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        event_id = self.event_id

        attempt = self.attempt

        at = self.at.isoformat()

        http_status: int | None
        http_status = self.http_status

        error: None | str
        error = self.error

        duration_ms = self.duration_ms

        next_at: None | str
        if isinstance(self.next_at, datetime.datetime):
            next_at = self.next_at.isoformat()
        else:
            next_at = self.next_at

        replay = self.replay

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "event_id": event_id,
                "attempt": attempt,
                "at": at,
                "http_status": http_status,
                "error": error,
                "duration_ms": duration_ms,
                "next_at": next_at,
                "replay": replay,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        d = dict(src_dict)
        event_id = d.pop("event_id")

        attempt = d.pop("attempt")

        at = datetime.datetime.fromisoformat(d.pop("at"))

        def _parse_http_status(data: object) -> int | None:
            if data is None:
                return data
            return cast(int | None, data)

        http_status = _parse_http_status(d.pop("http_status"))

        def _parse_error(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        error = _parse_error(d.pop("error"))

        duration_ms = d.pop("duration_ms")

        def _parse_next_at(data: object) -> datetime.datetime | None:
            if data is None:
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                next_at_type_0 = datetime.datetime.fromisoformat(data)

                return next_at_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(datetime.datetime | None, data)

        next_at = _parse_next_at(d.pop("next_at"))

        replay = d.pop("replay")

        webhook_attempt = cls(
            event_id=event_id,
            attempt=attempt,
            at=at,
            http_status=http_status,
            error=error,
            duration_ms=duration_ms,
            next_at=next_at,
            replay=replay,
        )

        webhook_attempt.additional_properties = d
        return webhook_attempt

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
