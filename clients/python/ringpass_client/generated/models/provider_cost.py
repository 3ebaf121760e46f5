from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Self, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.known_counted_channel import KnownCountedChannel
from ..models.known_provider_name import KnownProviderName

T = TypeVar("T", bound="ProviderCost")


@_attrs_define
class ProviderCost:
    """What a provider was paid for a channel."""

    channel: KnownCountedChannel | str
    """ A channel, or `oa_consent`: asking customers of an OA. """
    provider: KnownProviderName | str
    """ Who carries it out. """
    estimated: str
    settled: str
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        channel: str
        if isinstance(self.channel, KnownCountedChannel):
            channel = self.channel.value
        else:
            channel = self.channel

        provider: str
        if isinstance(self.provider, KnownProviderName):
            provider = self.provider.value
        else:
            provider = self.provider

        estimated = self.estimated

        settled = self.settled

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "channel": channel,
                "provider": provider,
                "estimated": estimated,
                "settled": settled,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        d = dict(src_dict)

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

        def _parse_provider(data: object) -> KnownProviderName | str:
            try:
                if not isinstance(data, str):
                    raise TypeError()
                componentsschemas_provider_name_type_0 = KnownProviderName(data)

                return componentsschemas_provider_name_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(KnownProviderName | str, data)

        provider = _parse_provider(d.pop("provider"))

        estimated = d.pop("estimated")

        settled = d.pop("settled")

        provider_cost = cls(
            channel=channel,
            provider=provider,
            estimated=estimated,
            settled=settled,
        )

        provider_cost.additional_properties = d
        return provider_cost

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
