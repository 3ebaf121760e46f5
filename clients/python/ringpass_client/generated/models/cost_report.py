from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Self, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

if TYPE_CHECKING:
    from ..models.cost_line import CostLine
    from ..models.day_cost import DayCost
    from ..models.unpriced_sends import UnpricedSends


T = TypeVar("T", bound="CostReport")


@_attrs_define
class CostReport:
    """What a period cost: its days, the first one first, and all of it by provider."""

    tz: str
    """ The time zone of its days: a name of the tz database. """
    start: datetime.datetime
    """ RFC 3339 in UTC, with milliseconds. """
    end: datetime.datetime
    """ RFC 3339 in UTC, with milliseconds. """
    items: list[DayCost]
    """ A day without costs is left out. """
    by: list[str]
    """ The dimensions of `lines`. """
    lines: list[CostLine]
    """ The whole period, by `by` and currency. """
    unpriced: list[UnpricedSends]
    next_cursor: None
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        tz = self.tz

        start = self.start.isoformat()

        end = self.end.isoformat()

        items = []
        for items_item_data in self.items:
            items_item = items_item_data.to_dict()
            items.append(items_item)

        by = self.by

        lines = []
        for lines_item_data in self.lines:
            lines_item = lines_item_data.to_dict()
            lines.append(lines_item)

        unpriced = []
        for unpriced_item_data in self.unpriced:
            unpriced_item = unpriced_item_data.to_dict()
            unpriced.append(unpriced_item)

        next_cursor = self.next_cursor

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "tz": tz,
                "start": start,
                "end": end,
                "items": items,
                "by": by,
                "lines": lines,
                "unpriced": unpriced,
                "next_cursor": next_cursor,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        from ..models.cost_line import CostLine
        from ..models.day_cost import DayCost
        from ..models.unpriced_sends import UnpricedSends

        d = dict(src_dict)
        tz = d.pop("tz")

        start = datetime.datetime.fromisoformat(d.pop("start"))

        end = datetime.datetime.fromisoformat(d.pop("end"))

        items = []
        _items = d.pop("items")
        for items_item_data in _items:
            items_item = DayCost.from_dict(items_item_data)

            items.append(items_item)

        by = cast(list[str], d.pop("by"))

        lines = []
        _lines = d.pop("lines")
        for lines_item_data in _lines:
            lines_item = CostLine.from_dict(lines_item_data)

            lines.append(lines_item)

        unpriced = []
        _unpriced = d.pop("unpriced")
        for unpriced_item_data in _unpriced:
            unpriced_item = UnpricedSends.from_dict(unpriced_item_data)

            unpriced.append(unpriced_item)

        next_cursor = d.pop("next_cursor")

        cost_report = cls(
            tz=tz,
            start=start,
            end=end,
            items=items,
            by=by,
            lines=lines,
            unpriced=unpriced,
            next_cursor=next_cursor,
        )

        cost_report.additional_properties = d
        return cost_report

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
