from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any, Self, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

T = TypeVar("T", bound="ZnsQuota")


@_attrs_define
class ZnsQuota:
    """What the OA may send on a day, as Zalo said it last."""

    daily: int | None
    """ How many messages a day; null: Zalo has not said. """
    remaining: int | None
    """ How many of them were left then. """
    used_up_until: datetime.datetime | None
    """ Until when Zalo is not asked, because the OA's or the template's quota is used up. """
    heard_at: datetime.datetime
    """ RFC 3339 in UTC, with milliseconds. """
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        daily: int | None
        daily = self.daily

        remaining: int | None
        remaining = self.remaining

        used_up_until: None | str
        if isinstance(self.used_up_until, datetime.datetime):
            used_up_until = self.used_up_until.isoformat()
        else:
            used_up_until = self.used_up_until

        heard_at = self.heard_at.isoformat()

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "daily": daily,
                "remaining": remaining,
                "used_up_until": used_up_until,
                "heard_at": heard_at,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        d = dict(src_dict)

        def _parse_daily(data: object) -> int | None:
            if data is None:
                return data
            return cast(int | None, data)

        daily = _parse_daily(d.pop("daily"))

        def _parse_remaining(data: object) -> int | None:
            if data is None:
                return data
            return cast(int | None, data)

        remaining = _parse_remaining(d.pop("remaining"))

        def _parse_used_up_until(data: object) -> datetime.datetime | None:
            if data is None:
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                used_up_until_type_0 = datetime.datetime.fromisoformat(data)

                return used_up_until_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(datetime.datetime | None, data)

        used_up_until = _parse_used_up_until(d.pop("used_up_until"))

        heard_at = datetime.datetime.fromisoformat(d.pop("heard_at"))

        zns_quota = cls(
            daily=daily,
            remaining=remaining,
            used_up_until=used_up_until,
            heard_at=heard_at,
        )

        zns_quota.additional_properties = d
        return zns_quota

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
