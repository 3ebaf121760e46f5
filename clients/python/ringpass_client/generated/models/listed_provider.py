from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any, Self, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.known_channel import KnownChannel
from ..models.known_provider_name import KnownProviderName
from ..models.known_provider_status import KnownProviderStatus

T = TypeVar("T", bound="ListedProvider")


@_attrs_define
class ListedProvider:
    """How a provider is doing, and whether it is heard."""

    name: KnownProviderName | str
    """ Who carries it out. """
    channel: KnownChannel | str
    """ How a phone is reached. """
    status: KnownProviderStatus | str
    """ Whether a provider gets requests. """
    reason: None | str
    """ What failed last. """
    suspended_until: datetime.datetime | None
    """ When it is tried again; null if it is not suspended. """
    failures: int
    """ How many replies in a row said that it cannot serve us. """
    webhook_seen_at: datetime.datetime | None
    """ When it called its webhook last, to an hour; null: never. """
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        name: str
        if isinstance(self.name, KnownProviderName):
            name = self.name.value
        else:
            name = self.name

        channel: str
        if isinstance(self.channel, KnownChannel):
            channel = self.channel.value
        else:
            channel = self.channel

        status: str
        if isinstance(self.status, KnownProviderStatus):
            status = self.status.value
        else:
            status = self.status

        reason: None | str
        reason = self.reason

        suspended_until: None | str
        if isinstance(self.suspended_until, datetime.datetime):
            suspended_until = self.suspended_until.isoformat()
        else:
            suspended_until = self.suspended_until

        failures = self.failures

        webhook_seen_at: None | str
        if isinstance(self.webhook_seen_at, datetime.datetime):
            webhook_seen_at = self.webhook_seen_at.isoformat()
        else:
            webhook_seen_at = self.webhook_seen_at

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "name": name,
                "channel": channel,
                "status": status,
                "reason": reason,
                "suspended_until": suspended_until,
                "failures": failures,
                "webhook_seen_at": webhook_seen_at,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        d = dict(src_dict)

        def _parse_name(data: object) -> KnownProviderName | str:
            try:
                if not isinstance(data, str):
                    raise TypeError()
                componentsschemas_provider_name_type_0 = KnownProviderName(data)

                return componentsschemas_provider_name_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(KnownProviderName | str, data)

        name = _parse_name(d.pop("name"))

        def _parse_channel(data: object) -> KnownChannel | str:
            try:
                if not isinstance(data, str):
                    raise TypeError()
                componentsschemas_channel_type_0 = KnownChannel(data)

                return componentsschemas_channel_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(KnownChannel | str, data)

        channel = _parse_channel(d.pop("channel"))

        def _parse_status(data: object) -> KnownProviderStatus | str:
            try:
                if not isinstance(data, str):
                    raise TypeError()
                componentsschemas_provider_status_type_0 = KnownProviderStatus(data)

                return componentsschemas_provider_status_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(KnownProviderStatus | str, data)

        status = _parse_status(d.pop("status"))

        def _parse_reason(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        reason = _parse_reason(d.pop("reason"))

        def _parse_suspended_until(data: object) -> datetime.datetime | None:
            if data is None:
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                suspended_until_type_0 = datetime.datetime.fromisoformat(data)

                return suspended_until_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(datetime.datetime | None, data)

        suspended_until = _parse_suspended_until(d.pop("suspended_until"))

        failures = d.pop("failures")

        def _parse_webhook_seen_at(data: object) -> datetime.datetime | None:
            if data is None:
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                webhook_seen_at_type_0 = datetime.datetime.fromisoformat(data)

                return webhook_seen_at_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(datetime.datetime | None, data)

        webhook_seen_at = _parse_webhook_seen_at(d.pop("webhook_seen_at"))

        listed_provider = cls(
            name=name,
            channel=channel,
            status=status,
            reason=reason,
            suspended_until=suspended_until,
            failures=failures,
            webhook_seen_at=webhook_seen_at,
        )

        listed_provider.additional_properties = d
        return listed_provider

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
