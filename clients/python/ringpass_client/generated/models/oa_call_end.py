from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any, Self, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

T = TypeVar("T", bound="OaCallEnd")


@_attrs_define
class OaCallEnd:
    """What Zalo told of a call that has ended; null: it did not say."""

    call_id: None | str
    """ Zalo's id of the call. """
    told_at: datetime.datetime
    """ RFC 3339 in UTC, with milliseconds. """
    init_time: datetime.datetime | None
    """ When the call began. """
    waiting_seconds: float | None
    talk_seconds: float | None
    duration_seconds: float | None
    status_code: None | str
    """ As Zalo wrote it. What it means is not documented. """
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        call_id: None | str
        call_id = self.call_id

        told_at = self.told_at.isoformat()

        init_time: None | str
        if isinstance(self.init_time, datetime.datetime):
            init_time = self.init_time.isoformat()
        else:
            init_time = self.init_time

        waiting_seconds: float | None
        waiting_seconds = self.waiting_seconds

        talk_seconds: float | None
        talk_seconds = self.talk_seconds

        duration_seconds: float | None
        duration_seconds = self.duration_seconds

        status_code: None | str
        status_code = self.status_code

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "call_id": call_id,
                "told_at": told_at,
                "init_time": init_time,
                "waiting_seconds": waiting_seconds,
                "talk_seconds": talk_seconds,
                "duration_seconds": duration_seconds,
                "status_code": status_code,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        d = dict(src_dict)

        def _parse_call_id(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        call_id = _parse_call_id(d.pop("call_id"))

        told_at = datetime.datetime.fromisoformat(d.pop("told_at"))

        def _parse_init_time(data: object) -> datetime.datetime | None:
            if data is None:
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                init_time_type_0 = datetime.datetime.fromisoformat(data)

                return init_time_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(datetime.datetime | None, data)

        init_time = _parse_init_time(d.pop("init_time"))

        def _parse_waiting_seconds(data: object) -> float | None:
            if data is None:
                return data
            return cast(float | None, data)

        waiting_seconds = _parse_waiting_seconds(d.pop("waiting_seconds"))

        def _parse_talk_seconds(data: object) -> float | None:
            if data is None:
                return data
            return cast(float | None, data)

        talk_seconds = _parse_talk_seconds(d.pop("talk_seconds"))

        def _parse_duration_seconds(data: object) -> float | None:
            if data is None:
                return data
            return cast(float | None, data)

        duration_seconds = _parse_duration_seconds(d.pop("duration_seconds"))

        def _parse_status_code(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        status_code = _parse_status_code(d.pop("status_code"))

        oa_call_end = cls(
            call_id=call_id,
            told_at=told_at,
            init_time=init_time,
            waiting_seconds=waiting_seconds,
            talk_seconds=talk_seconds,
            duration_seconds=duration_seconds,
            status_code=status_code,
        )

        oa_call_end.additional_properties = d
        return oa_call_end

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
