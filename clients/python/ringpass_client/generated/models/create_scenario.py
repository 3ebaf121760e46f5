from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Self, TypeVar, cast

from attrs import define as _attrs_define

from ..types import UNSET, Unset

T = TypeVar("T", bound="CreateScenario")


@_attrs_define
class CreateScenario:
    """``POST /v1/scenarios``: a scenario as Bizfly's console has it, inactive at first."""

    name: str
    """ one's own; not one that looks like an OTP id """
    greeting: str
    """ what is read first """
    description: None | str | Unset = UNSET
    hotline: None | str | Unset = UNSET
    """ the number that calls """
    hotline_group: None | str | Unset = UNSET
    """ the group of numbers, one of which calls """
    voice: None | str | Unset = UNSET
    """ as the console names it; it does not read the digits """
    speed: float | Unset = UNSET
    """ how fast all but the digits is read; 1 is usual; `1.0` if left out """
    repeat: bool | Unset = UNSET
    """ whether the code is said again; `false` if left out """
    repeat_count: int | None | Unset = UNSET
    """ how often it is said, the first time counts; 2 if left out """
    repeat_pause_seconds: int | None | Unset = UNSET
    """ before it is said again; 2 if left out """
    repeat_announcement: None | str | Unset = UNSET
    """ what is read before the code is said again """
    closing: bool | Unset = UNSET
    """ whether something is read last; `false` if left out """
    closing_text: None | str | Unset = UNSET
    """ what is read last """
    otp_id: None | str | Unset = UNSET
    api_key: str | Unset = UNSET
    """ the field of the stack's Bizfly secret that holds the key; never the key; `"api_key"` if left out """

    def to_dict(self) -> dict[str, Any]:
        name = self.name

        greeting = self.greeting

        description: None | str | Unset
        if isinstance(self.description, Unset):
            description = UNSET
        else:
            description = self.description

        hotline: None | str | Unset
        if isinstance(self.hotline, Unset):
            hotline = UNSET
        else:
            hotline = self.hotline

        hotline_group: None | str | Unset
        if isinstance(self.hotline_group, Unset):
            hotline_group = UNSET
        else:
            hotline_group = self.hotline_group

        voice: None | str | Unset
        if isinstance(self.voice, Unset):
            voice = UNSET
        else:
            voice = self.voice

        speed = self.speed

        repeat = self.repeat

        repeat_count: int | None | Unset
        if isinstance(self.repeat_count, Unset):
            repeat_count = UNSET
        else:
            repeat_count = self.repeat_count

        repeat_pause_seconds: int | None | Unset
        if isinstance(self.repeat_pause_seconds, Unset):
            repeat_pause_seconds = UNSET
        else:
            repeat_pause_seconds = self.repeat_pause_seconds

        repeat_announcement: None | str | Unset
        if isinstance(self.repeat_announcement, Unset):
            repeat_announcement = UNSET
        else:
            repeat_announcement = self.repeat_announcement

        closing = self.closing

        closing_text: None | str | Unset
        if isinstance(self.closing_text, Unset):
            closing_text = UNSET
        else:
            closing_text = self.closing_text

        otp_id: None | str | Unset
        if isinstance(self.otp_id, Unset):
            otp_id = UNSET
        else:
            otp_id = self.otp_id

        api_key = self.api_key

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "name": name,
                "greeting": greeting,
            }
        )
        if description is not UNSET:
            field_dict["description"] = description
        if hotline is not UNSET:
            field_dict["hotline"] = hotline
        if hotline_group is not UNSET:
            field_dict["hotline_group"] = hotline_group
        if voice is not UNSET:
            field_dict["voice"] = voice
        if speed is not UNSET:
            field_dict["speed"] = speed
        if repeat is not UNSET:
            field_dict["repeat"] = repeat
        if repeat_count is not UNSET:
            field_dict["repeat_count"] = repeat_count
        if repeat_pause_seconds is not UNSET:
            field_dict["repeat_pause_seconds"] = repeat_pause_seconds
        if repeat_announcement is not UNSET:
            field_dict["repeat_announcement"] = repeat_announcement
        if closing is not UNSET:
            field_dict["closing"] = closing
        if closing_text is not UNSET:
            field_dict["closing_text"] = closing_text
        if otp_id is not UNSET:
            field_dict["otp_id"] = otp_id
        if api_key is not UNSET:
            field_dict["api_key"] = api_key

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        d = dict(src_dict)
        name = d.pop("name")

        greeting = d.pop("greeting")

        def _parse_description(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        description = _parse_description(d.pop("description", UNSET))

        def _parse_hotline(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        hotline = _parse_hotline(d.pop("hotline", UNSET))

        def _parse_hotline_group(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        hotline_group = _parse_hotline_group(d.pop("hotline_group", UNSET))

        def _parse_voice(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        voice = _parse_voice(d.pop("voice", UNSET))

        speed = d.pop("speed", UNSET)

        repeat = d.pop("repeat", UNSET)

        def _parse_repeat_count(data: object) -> int | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(int | None | Unset, data)

        repeat_count = _parse_repeat_count(d.pop("repeat_count", UNSET))

        def _parse_repeat_pause_seconds(data: object) -> int | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(int | None | Unset, data)

        repeat_pause_seconds = _parse_repeat_pause_seconds(d.pop("repeat_pause_seconds", UNSET))

        def _parse_repeat_announcement(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        repeat_announcement = _parse_repeat_announcement(d.pop("repeat_announcement", UNSET))

        closing = d.pop("closing", UNSET)

        def _parse_closing_text(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        closing_text = _parse_closing_text(d.pop("closing_text", UNSET))

        def _parse_otp_id(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        otp_id = _parse_otp_id(d.pop("otp_id", UNSET))

        api_key = d.pop("api_key", UNSET)

        create_scenario = cls(
            name=name,
            greeting=greeting,
            description=description,
            hotline=hotline,
            hotline_group=hotline_group,
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
        )

        return create_scenario
