from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Self, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.known_fraud_budget_mode import KnownFraudBudgetMode

if TYPE_CHECKING:
    from ..models.address_countries import AddressCountries
    from ..models.hourly_fraud_budget import HourlyFraudBudget


T = TypeVar("T", bound="FraudBudget")


@_attrs_define
class FraudBudget:
    """How many codes may be started in a day and not verified."""

    mode: KnownFraudBudgetMode | str
    """ What becomes of a start beyond the fraud budget, or beyond one of its parts. """
    country_least: int
    """ Of a country, at least so many. """
    ip_least: int
    """ Of an end user's address, at least so many. """
    percent: int
    """ Or so much of what was verified, if that is more. """
    sends_least: int
    """ Of a country's unverified codes and single sends together, at least so many. """
    own_codes: bool
    """ Whether verified codes of the caller's own count as verified. """
    hourly: HourlyFraudBudget
    """ How many codes may be started in an hour (UTC) and not verified. """
    ip_countries: AddressCountries
    """ To how many countries an end user's address may start verifications in a day. """
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        mode: str
        if isinstance(self.mode, KnownFraudBudgetMode):
            mode = self.mode.value
        else:
            mode = self.mode

        country_least = self.country_least

        ip_least = self.ip_least

        percent = self.percent

        sends_least = self.sends_least

        own_codes = self.own_codes

        hourly = self.hourly.to_dict()

        ip_countries = self.ip_countries.to_dict()

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "mode": mode,
                "country_least": country_least,
                "ip_least": ip_least,
                "percent": percent,
                "sends_least": sends_least,
                "own_codes": own_codes,
                "hourly": hourly,
                "ip_countries": ip_countries,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        from ..models.address_countries import AddressCountries
        from ..models.hourly_fraud_budget import HourlyFraudBudget

        d = dict(src_dict)

        def _parse_mode(data: object) -> KnownFraudBudgetMode | str:
            try:
                if not isinstance(data, str):
                    raise TypeError()
                componentsschemas_fraud_budget_mode_type_0 = KnownFraudBudgetMode(data)

                return componentsschemas_fraud_budget_mode_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(KnownFraudBudgetMode | str, data)

        mode = _parse_mode(d.pop("mode"))

        country_least = d.pop("country_least")

        ip_least = d.pop("ip_least")

        percent = d.pop("percent")

        sends_least = d.pop("sends_least")

        own_codes = d.pop("own_codes")

        hourly = HourlyFraudBudget.from_dict(d.pop("hourly"))

        ip_countries = AddressCountries.from_dict(d.pop("ip_countries"))

        fraud_budget = cls(
            mode=mode,
            country_least=country_least,
            ip_least=ip_least,
            percent=percent,
            sends_least=sends_least,
            own_codes=own_codes,
            hourly=hourly,
            ip_countries=ip_countries,
        )

        fraud_budget.additional_properties = d
        return fraud_budget

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
