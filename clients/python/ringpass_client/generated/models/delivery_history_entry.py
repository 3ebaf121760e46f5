from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any, Self, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.known_delivery_history_source import KnownDeliveryHistorySource
from ..models.known_delivery_status import KnownDeliveryStatus

T = TypeVar("T", bound="DeliveryHistoryEntry")


@_attrs_define
class DeliveryHistoryEntry:
    """A line of a delivery's history."""

    at: datetime.datetime
    """ RFC 3339 in UTC, with milliseconds. """
    status: KnownDeliveryStatus | str
    """ State of a delivery. """
    reason: None | str
    """ Why. One that begins with `later_` changed nothing. """
    source: KnownDeliveryHistorySource | str
    """ Where a fact about a delivery came from. """
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        at = self.at.isoformat()

        status: str
        if isinstance(self.status, KnownDeliveryStatus):
            status = self.status.value
        else:
            status = self.status

        reason: None | str
        reason = self.reason

        source: str
        if isinstance(self.source, KnownDeliveryHistorySource):
            source = self.source.value
        else:
            source = self.source

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "at": at,
                "status": status,
                "reason": reason,
                "source": source,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        d = dict(src_dict)
        at = datetime.datetime.fromisoformat(d.pop("at"))

        def _parse_status(data: object) -> KnownDeliveryStatus | str:
            try:
                if not isinstance(data, str):
                    raise TypeError()
                componentsschemas_delivery_status_type_0 = KnownDeliveryStatus(data)

                return componentsschemas_delivery_status_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(KnownDeliveryStatus | str, data)

        status = _parse_status(d.pop("status"))

        def _parse_reason(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        reason = _parse_reason(d.pop("reason"))

        def _parse_source(data: object) -> KnownDeliveryHistorySource | str:
            try:
                if not isinstance(data, str):
                    raise TypeError()
                componentsschemas_delivery_history_source_type_0 = KnownDeliveryHistorySource(data)

                return componentsschemas_delivery_history_source_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(KnownDeliveryHistorySource | str, data)

        source = _parse_source(d.pop("source"))

        delivery_history_entry = cls(
            at=at,
            status=status,
            reason=reason,
            source=source,
        )

        delivery_history_entry.additional_properties = d
        return delivery_history_entry

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
