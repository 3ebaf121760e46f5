from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Self, TypeVar

from attrs import define as _attrs_define

from ..models.replace_fraud_budget_mode import ReplaceFraudBudgetMode
from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.replace_address_countries import ReplaceAddressCountries
    from ..models.replace_hourly_fraud_budget import ReplaceHourlyFraudBudget


T = TypeVar("T", bound="ReplaceFraudBudget")


@_attrs_define
class ReplaceFraudBudget:
    """How many codes may be started in a day and not verified."""

    mode: ReplaceFraudBudgetMode | Unset = UNSET
    """ `record`: nothing is refused, and decisions say what would be; `"enforce"` if left out """
    country_least: int | Unset = UNSET
    """ of a country, at least so many; `20` if left out """
    ip_least: int | Unset = UNSET
    """ of an end user's address; `10` if left out """
    percent: int | Unset = UNSET
    """ or so much of what was verified, if that is more; `20` if left out """
    sends_least: int | Unset = UNSET
    """ of a country's unverified codes and single sends together, at least so many; as `country_least` if that is
    given, 1000 else; `1000` if left out """
    own_codes: bool | Unset = UNSET
    """ whether verified codes of the caller's own count as verified; `true` if left out """
    hourly: ReplaceHourlyFraudBudget | Unset = UNSET
    """ How many codes may be started in an hour (UTC) and not verified. """
    ip_countries: ReplaceAddressCountries | Unset = UNSET
    """ To how many countries an end user's address may start verifications in a day. """

    def to_dict(self) -> dict[str, Any]:
        mode: str | Unset = UNSET
        if not isinstance(self.mode, Unset):
            mode = self.mode.value

        country_least = self.country_least

        ip_least = self.ip_least

        percent = self.percent

        sends_least = self.sends_least

        own_codes = self.own_codes

        hourly: dict[str, Any] | Unset = UNSET
        if not isinstance(self.hourly, Unset):
            hourly = self.hourly.to_dict()

        ip_countries: dict[str, Any] | Unset = UNSET
        if not isinstance(self.ip_countries, Unset):
            ip_countries = self.ip_countries.to_dict()

        field_dict: dict[str, Any] = {}

        field_dict.update({})
        if mode is not UNSET:
            field_dict["mode"] = mode
        if country_least is not UNSET:
            field_dict["country_least"] = country_least
        if ip_least is not UNSET:
            field_dict["ip_least"] = ip_least
        if percent is not UNSET:
            field_dict["percent"] = percent
        if sends_least is not UNSET:
            field_dict["sends_least"] = sends_least
        if own_codes is not UNSET:
            field_dict["own_codes"] = own_codes
        if hourly is not UNSET:
            field_dict["hourly"] = hourly
        if ip_countries is not UNSET:
            field_dict["ip_countries"] = ip_countries

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        from ..models.replace_address_countries import ReplaceAddressCountries
        from ..models.replace_hourly_fraud_budget import ReplaceHourlyFraudBudget

        d = dict(src_dict)
        _mode = d.pop("mode", UNSET)
        mode: ReplaceFraudBudgetMode | Unset
        if isinstance(_mode, Unset):
            mode = UNSET
        else:
            mode = ReplaceFraudBudgetMode(_mode)

        country_least = d.pop("country_least", UNSET)

        ip_least = d.pop("ip_least", UNSET)

        percent = d.pop("percent", UNSET)

        sends_least = d.pop("sends_least", UNSET)

        own_codes = d.pop("own_codes", UNSET)

        _hourly = d.pop("hourly", UNSET)
        hourly: ReplaceHourlyFraudBudget | Unset
        if isinstance(_hourly, Unset):
            hourly = UNSET
        else:
            hourly = ReplaceHourlyFraudBudget.from_dict(_hourly)

        _ip_countries = d.pop("ip_countries", UNSET)
        ip_countries: ReplaceAddressCountries | Unset
        if isinstance(_ip_countries, Unset):
            ip_countries = UNSET
        else:
            ip_countries = ReplaceAddressCountries.from_dict(_ip_countries)

        replace_fraud_budget = cls(
            mode=mode,
            country_least=country_least,
            ip_least=ip_least,
            percent=percent,
            sends_least=sends_least,
            own_codes=own_codes,
            hourly=hourly,
            ip_countries=ip_countries,
        )

        return replace_fraud_budget
