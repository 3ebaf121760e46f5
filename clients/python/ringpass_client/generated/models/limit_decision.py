from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any, Self, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.known_counted_channel import KnownCountedChannel
from ..models.known_limit_refusal_code import KnownLimitRefusalCode

T = TypeVar("T", bound="LimitDecision")


@_attrs_define
class LimitDecision:
    """A send that a limit or a list refused; or, in mode `record`, would have refused."""

    id: str
    at: datetime.datetime
    """ RFC 3339 in UTC, with milliseconds. """
    code: KnownLimitRefusalCode | str
    """ Whether a limit or a list refused. """
    limit: str
    """ The limit or the list that refused. """
    cap: int | None | str
    """ What it allows; of `daily_money` an amount as text; null of a list. """
    counted: int | None | str
    """ What was counted then, in the same form; null where that is not known. """
    retry_after: int | None
    """ Seconds until there was room, at the latest; null where time does not help. """
    channel: KnownCountedChannel | str
    """ A channel, or `oa_consent`: asking customers of an OA. """
    country: str
    """ ISO 3166. """
    phone: str
    """ E.164; masked unless the API key has the scope `phones:read`. """
    starts: bool
    """ Whether it would have started a verification. """
    verification_id: None | str
    """ The verification that it was for; null if it would have started one. """
    step: int | None
    """ The step that was refused, counted from 1; null: it was a single send. """
    refused: bool
    """ False: the limit only records, and it was sent. Else nothing was reserved. """
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        id = self.id

        at = self.at.isoformat()

        code: str
        if isinstance(self.code, KnownLimitRefusalCode):
            code = self.code.value
        else:
            code = self.code

        limit = self.limit

        cap: int | None | str
        cap = self.cap

        counted: int | None | str
        counted = self.counted

        retry_after: int | None
        retry_after = self.retry_after

        channel: str
        if isinstance(self.channel, KnownCountedChannel):
            channel = self.channel.value
        else:
            channel = self.channel

        country = self.country

        phone = self.phone

        starts = self.starts

        verification_id: None | str
        verification_id = self.verification_id

        step: int | None
        step = self.step

        refused = self.refused

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "id": id,
                "at": at,
                "code": code,
                "limit": limit,
                "cap": cap,
                "counted": counted,
                "retry_after": retry_after,
                "channel": channel,
                "country": country,
                "phone": phone,
                "starts": starts,
                "verification_id": verification_id,
                "step": step,
                "refused": refused,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        d = dict(src_dict)
        id = d.pop("id")

        at = datetime.datetime.fromisoformat(d.pop("at"))

        def _parse_code(data: object) -> KnownLimitRefusalCode | str:
            try:
                if not isinstance(data, str):
                    raise TypeError()
                componentsschemas_limit_refusal_code_type_0 = KnownLimitRefusalCode(data)

                return componentsschemas_limit_refusal_code_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(KnownLimitRefusalCode | str, data)

        code = _parse_code(d.pop("code"))

        limit = d.pop("limit")

        def _parse_cap(data: object) -> int | None | str:
            if data is None:
                return data
            return cast(int | None | str, data)

        cap = _parse_cap(d.pop("cap"))

        def _parse_counted(data: object) -> int | None | str:
            if data is None:
                return data
            return cast(int | None | str, data)

        counted = _parse_counted(d.pop("counted"))

        def _parse_retry_after(data: object) -> int | None:
            if data is None:
                return data
            return cast(int | None, data)

        retry_after = _parse_retry_after(d.pop("retry_after"))

        def _parse_channel(data: object) -> KnownCountedChannel | str:
            try:
                if not isinstance(data, str):
                    raise TypeError()
                componentsschemas_counted_channel_type_0 = KnownCountedChannel(data)

                return componentsschemas_counted_channel_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(KnownCountedChannel | str, data)

        channel = _parse_channel(d.pop("channel"))

        country = d.pop("country")

        phone = d.pop("phone")

        starts = d.pop("starts")

        def _parse_verification_id(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        verification_id = _parse_verification_id(d.pop("verification_id"))

        def _parse_step(data: object) -> int | None:
            if data is None:
                return data
            return cast(int | None, data)

        step = _parse_step(d.pop("step"))

        refused = d.pop("refused")

        limit_decision = cls(
            id=id,
            at=at,
            code=code,
            limit=limit,
            cap=cap,
            counted=counted,
            retry_after=retry_after,
            channel=channel,
            country=country,
            phone=phone,
            starts=starts,
            verification_id=verification_id,
            step=step,
            refused=refused,
        )

        limit_decision.additional_properties = d
        return limit_decision

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
