from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any, Self, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.known_scenario_status import KnownScenarioStatus

T = TypeVar("T", bound="Scenario")


@_attrs_define
class Scenario:
    """An OTP Call scenario, as Bizfly's console has it."""

    id: str
    status: KnownScenarioStatus | str
    """ Where a scenario is on its one way. """
    name: str
    """ No other scenario of the client has it. """
    description: None | str
    hotline: None | str
    """ The number that calls. """
    hotline_group: None | str
    """ The group of numbers, one of which calls. """
    greeting: str
    """ What is read first. """
    voice: None | str
    """ As the console names it; it does not read the digits. """
    speed: float
    """ How fast all but the digits is read; 1 is usual. """
    repeat: bool
    """ Whether the code is said again. """
    repeat_count: int | None
    """ How often it is said; the first time counts. """
    repeat_pause_seconds: int | None
    """ Before it is said again. """
    repeat_announcement: None | str
    """ What is read before the code is said again. """
    closing: bool
    """ Whether something is read last. """
    closing_text: None | str
    otp_id: None | str
    """ Its id at Bizfly. """
    api_key: str
    """ The field of the stack's Bizfly secret that holds its key. """
    version: int
    """ Counts the changes, from 1. """
    copy_of: None | str
    """ The scenario that it was copied from. """
    created_at: datetime.datetime
    """ RFC 3339 in UTC, with milliseconds. """
    updated_at: datetime.datetime
    """ RFC 3339 in UTC, with milliseconds. """
    activated_at: datetime.datetime | None
    deactivated_at: datetime.datetime | None
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        id = self.id

        status: str
        if isinstance(self.status, KnownScenarioStatus):
            status = self.status.value
        else:
            status = self.status

        name = self.name

        description: None | str
        description = self.description

        hotline: None | str
        hotline = self.hotline

        hotline_group: None | str
        hotline_group = self.hotline_group

        greeting = self.greeting

        voice: None | str
        voice = self.voice

        speed = self.speed

        repeat = self.repeat

        repeat_count: int | None
        repeat_count = self.repeat_count

        repeat_pause_seconds: int | None
        repeat_pause_seconds = self.repeat_pause_seconds

        repeat_announcement: None | str
        repeat_announcement = self.repeat_announcement

        closing = self.closing

        closing_text: None | str
        closing_text = self.closing_text

        otp_id: None | str
        otp_id = self.otp_id

        api_key = self.api_key

        version = self.version

        copy_of: None | str
        copy_of = self.copy_of

        created_at = self.created_at.isoformat()

        updated_at = self.updated_at.isoformat()

        activated_at: None | str
        if isinstance(self.activated_at, datetime.datetime):
            activated_at = self.activated_at.isoformat()
        else:
            activated_at = self.activated_at

        deactivated_at: None | str
        if isinstance(self.deactivated_at, datetime.datetime):
            deactivated_at = self.deactivated_at.isoformat()
        else:
            deactivated_at = self.deactivated_at

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "id": id,
                "status": status,
                "name": name,
                "description": description,
                "hotline": hotline,
                "hotline_group": hotline_group,
                "greeting": greeting,
                "voice": voice,
                "speed": speed,
                "repeat": repeat,
                "repeat_count": repeat_count,
                "repeat_pause_seconds": repeat_pause_seconds,
                "repeat_announcement": repeat_announcement,
                "closing": closing,
                "closing_text": closing_text,
                "otp_id": otp_id,
                "api_key": api_key,
                "version": version,
                "copy_of": copy_of,
                "created_at": created_at,
                "updated_at": updated_at,
                "activated_at": activated_at,
                "deactivated_at": deactivated_at,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        d = dict(src_dict)
        id = d.pop("id")

        def _parse_status(data: object) -> KnownScenarioStatus | str:
            try:
                if not isinstance(data, str):
                    raise TypeError()
                componentsschemas_scenario_status_type_0 = KnownScenarioStatus(data)

                return componentsschemas_scenario_status_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(KnownScenarioStatus | str, data)

        status = _parse_status(d.pop("status"))

        name = d.pop("name")

        def _parse_description(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        description = _parse_description(d.pop("description"))

        def _parse_hotline(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        hotline = _parse_hotline(d.pop("hotline"))

        def _parse_hotline_group(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        hotline_group = _parse_hotline_group(d.pop("hotline_group"))

        greeting = d.pop("greeting")

        def _parse_voice(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        voice = _parse_voice(d.pop("voice"))

        speed = d.pop("speed")

        repeat = d.pop("repeat")

        def _parse_repeat_count(data: object) -> int | None:
            if data is None:
                return data
            return cast(int | None, data)

        repeat_count = _parse_repeat_count(d.pop("repeat_count"))

        def _parse_repeat_pause_seconds(data: object) -> int | None:
            if data is None:
                return data
            return cast(int | None, data)

        repeat_pause_seconds = _parse_repeat_pause_seconds(d.pop("repeat_pause_seconds"))

        def _parse_repeat_announcement(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        repeat_announcement = _parse_repeat_announcement(d.pop("repeat_announcement"))

        closing = d.pop("closing")

        def _parse_closing_text(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        closing_text = _parse_closing_text(d.pop("closing_text"))

        def _parse_otp_id(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        otp_id = _parse_otp_id(d.pop("otp_id"))

        api_key = d.pop("api_key")

        version = d.pop("version")

        def _parse_copy_of(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        copy_of = _parse_copy_of(d.pop("copy_of"))

        created_at = datetime.datetime.fromisoformat(d.pop("created_at"))

        updated_at = datetime.datetime.fromisoformat(d.pop("updated_at"))

        def _parse_activated_at(data: object) -> datetime.datetime | None:
            if data is None:
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                activated_at_type_0 = datetime.datetime.fromisoformat(data)

                return activated_at_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(datetime.datetime | None, data)

        activated_at = _parse_activated_at(d.pop("activated_at"))

        def _parse_deactivated_at(data: object) -> datetime.datetime | None:
            if data is None:
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                deactivated_at_type_0 = datetime.datetime.fromisoformat(data)

                return deactivated_at_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(datetime.datetime | None, data)

        deactivated_at = _parse_deactivated_at(d.pop("deactivated_at"))

        scenario = cls(
            id=id,
            status=status,
            name=name,
            description=description,
            hotline=hotline,
            hotline_group=hotline_group,
            greeting=greeting,
            voice=voice,
            speed=speed,
            repeat=repeat,
            repeat_count=repeat_count,
            repeat_pause_seconds=repeat_pause_seconds,
            repeat_announcement=repeat_announcement,
            closing=closing,
            closing_text=closing_text,
            otp_id=otp_id,
            api_key=api_key,
            version=version,
            copy_of=copy_of,
            created_at=created_at,
            updated_at=updated_at,
            activated_at=activated_at,
            deactivated_at=deactivated_at,
        )

        scenario.additional_properties = d
        return scenario

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
