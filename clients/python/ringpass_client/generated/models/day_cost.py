from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Self, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

if TYPE_CHECKING:
    from ..models.provider_cost import ProviderCost


T = TypeVar("T", bound="DayCost")


@_attrs_define
class DayCost:
    """What a day cost in one currency. Amounts are decimal numbers as text."""

    day: str
    """ Of the time zone `tz`. """
    currency: str
    """ ISO 4217. """
    estimated: str
    """ Of sends of which it is not known whether they are charged. """
    settled: str
    """ Of all others. """
    spent: None | str
    """ What the ledger holds, and the cap is compared with: estimates until they are settled. Null: the ledger
    counts days of UTC, and this is none. """
    cap: None | str
    """ What may be spent in a day of UTC, as it is set now; null: there is no cap, or this is no day of UTC. """
    providers: list[ProviderCost]
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        day = self.day

        currency = self.currency

        estimated = self.estimated

        settled = self.settled

        spent: None | str
        spent = self.spent

        cap: None | str
        cap = self.cap

        providers = []
        for providers_item_data in self.providers:
            providers_item = providers_item_data.to_dict()
            providers.append(providers_item)

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "day": day,
                "currency": currency,
                "estimated": estimated,
                "settled": settled,
                "spent": spent,
                "cap": cap,
                "providers": providers,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        from ..models.provider_cost import ProviderCost

        d = dict(src_dict)
        day = d.pop("day")

        currency = d.pop("currency")

        estimated = d.pop("estimated")

        settled = d.pop("settled")

        def _parse_spent(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        spent = _parse_spent(d.pop("spent"))

        def _parse_cap(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        cap = _parse_cap(d.pop("cap"))

        providers = []
        _providers = d.pop("providers")
        for providers_item_data in _providers:
            providers_item = ProviderCost.from_dict(providers_item_data)

            providers.append(providers_item)

        day_cost = cls(
            day=day,
            currency=currency,
            estimated=estimated,
            settled=settled,
            spent=spent,
            cap=cap,
            providers=providers,
        )

        day_cost.additional_properties = d
        return day_cost

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
