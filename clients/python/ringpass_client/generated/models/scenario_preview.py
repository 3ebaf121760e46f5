from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Self, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

if TYPE_CHECKING:
    from ..models.scenario_line import ScenarioLine


T = TypeVar("T", bound="ScenarioPreview")


@_attrs_define
class ScenarioPreview:
    """What a callee hears, with a sample code; times are an estimate."""

    scenario_id: str
    seconds: int
    """ The length of all of it. """
    items: list[ScenarioLine]
    """ In the order of time, without gaps. """
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        scenario_id = self.scenario_id

        seconds = self.seconds

        items = []
        for items_item_data in self.items:
            items_item = items_item_data.to_dict()
            items.append(items_item)

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "scenario_id": scenario_id,
                "seconds": seconds,
                "items": items,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        from ..models.scenario_line import ScenarioLine

        d = dict(src_dict)
        scenario_id = d.pop("scenario_id")

        seconds = d.pop("seconds")

        items = []
        _items = d.pop("items")
        for items_item_data in _items:
            items_item = ScenarioLine.from_dict(items_item_data)

            items.append(items_item)

        scenario_preview = cls(
            scenario_id=scenario_id,
            seconds=seconds,
            items=items,
        )

        scenario_preview.additional_properties = d
        return scenario_preview

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
