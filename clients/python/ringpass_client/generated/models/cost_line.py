from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Self, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.known_counted_channel import KnownCountedChannel
from ..models.known_provider_name import KnownProviderName
from ..types import UNSET, Unset

T = TypeVar("T", bound="CostLine")


@_attrs_define
class CostLine:
    """What the period cost, by the dimensions that were asked for and by currency."""

    currency: None | str
    """ ISO 4217; null: the provider had no price, so nothing is known of the cost. """
    sends: int
    """ Deliveries; of `oa_consent` requests for consent. """
    estimated: str
    settled: str
    note: None | str
    """ `no_price`: the amounts lack these sends. """
    day: str | Unset = UNSET
    """ Of the time zone `tz`. """
    provider: KnownProviderName | str | Unset = UNSET
    """ Who carries it out. """
    channel: KnownCountedChannel | str | Unset = UNSET
    """ A channel, or `oa_consent`: asking customers of an OA. """
    country: str | Unset = UNSET
    """ ISO 3166, or `other`. """
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        currency: None | str
        currency = self.currency

        sends = self.sends

        estimated = self.estimated

        settled = self.settled

        note: None | str
        note = self.note

        day = self.day

        provider: str | Unset
        if isinstance(self.provider, Unset):
            provider = UNSET
        elif isinstance(self.provider, KnownProviderName):
            provider = self.provider.value
        else:
            provider = self.provider

        channel: str | Unset
        if isinstance(self.channel, Unset):
            channel = UNSET
        elif isinstance(self.channel, KnownCountedChannel):
            channel = self.channel.value
        else:
            channel = self.channel

        country = self.country

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "currency": currency,
                "sends": sends,
                "estimated": estimated,
                "settled": settled,
                "note": note,
            }
        )
        if day is not UNSET:
            field_dict["day"] = day
        if provider is not UNSET:
            field_dict["provider"] = provider
        if channel is not UNSET:
            field_dict["channel"] = channel
        if country is not UNSET:
            field_dict["country"] = country

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        d = dict(src_dict)

        def _parse_currency(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        currency = _parse_currency(d.pop("currency"))

        sends = d.pop("sends")

        estimated = d.pop("estimated")

        settled = d.pop("settled")

        def _parse_note(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        note = _parse_note(d.pop("note"))

        day = d.pop("day", UNSET)

        def _parse_provider(data: object) -> KnownProviderName | str | Unset:
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                componentsschemas_provider_name_type_0 = KnownProviderName(data)

                return componentsschemas_provider_name_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(KnownProviderName | str | Unset, data)

        provider = _parse_provider(d.pop("provider", UNSET))

        def _parse_channel(data: object) -> KnownCountedChannel | str | Unset:
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                componentsschemas_counted_channel_type_0 = KnownCountedChannel(data)

                return componentsschemas_counted_channel_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(KnownCountedChannel | str | Unset, data)

        channel = _parse_channel(d.pop("channel", UNSET))

        country = d.pop("country", UNSET)

        cost_line = cls(
            currency=currency,
            sends=sends,
            estimated=estimated,
            settled=settled,
            note=note,
            day=day,
            provider=provider,
            channel=channel,
            country=country,
        )

        cost_line.additional_properties = d
        return cost_line

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
