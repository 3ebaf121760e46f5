from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Self, TypeVar

from attrs import define as _attrs_define

from ..models.replace_hourly_fraud_budget_mode import ReplaceHourlyFraudBudgetMode
from ..types import UNSET, Unset

T = TypeVar("T", bound="ReplaceHourlyFraudBudget")


@_attrs_define
class ReplaceHourlyFraudBudget:
    """How many codes may be started in an hour (UTC) and not verified."""

    mode: ReplaceHourlyFraudBudgetMode | Unset = UNSET
    """ `record`: nothing is refused, and decisions say what would be; `"record"` if left out """
    country_least: int | Unset = UNSET
    """ of a country, at least so many; a sixth of the day's if left out """
    ip_least: int | Unset = UNSET
    """ of an end user's address; a half of the day's if left out """
    percent: int | Unset = UNSET
    """ or so much of what was verified, if that is more; `20` if left out """

    def to_dict(self) -> dict[str, Any]:
        mode: str | Unset = UNSET
        if not isinstance(self.mode, Unset):
            mode = self.mode.value

        country_least = self.country_least

        ip_least = self.ip_least

        percent = self.percent

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

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        d = dict(src_dict)
        _mode = d.pop("mode", UNSET)
        mode: ReplaceHourlyFraudBudgetMode | Unset
        if isinstance(_mode, Unset):
            mode = UNSET
        else:
            mode = ReplaceHourlyFraudBudgetMode(_mode)

        country_least = d.pop("country_least", UNSET)

        ip_least = d.pop("ip_least", UNSET)

        percent = d.pop("percent", UNSET)

        replace_hourly_fraud_budget = cls(
            mode=mode,
            country_least=country_least,
            ip_least=ip_least,
            percent=percent,
        )

        return replace_hourly_fraud_budget
