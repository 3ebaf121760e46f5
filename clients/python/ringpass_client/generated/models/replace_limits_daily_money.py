from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Self, TypeVar

from attrs import define as _attrs_define

T = TypeVar("T", bound="ReplaceLimitsDailyMoney")


@_attrs_define
class ReplaceLimitsDailyMoney:
    """in a day (UTC) by currency; `{"RUB": "5000"}` if left out. What is not named has 5000 RUB, 1500000 VND or 100 of any
    other; `{}` is no limit

    """

    def to_dict(self) -> dict[str, Any]:

        field_dict: dict[str, Any] = {}

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        replace_limits_daily_money = cls()

        return replace_limits_daily_money
