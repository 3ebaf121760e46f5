from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Self, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.known_scenario_part import KnownScenarioPart

T = TypeVar("T", bound="ScenarioLine")


@_attrs_define
class ScenarioLine:
    """A part of what a callee hears."""

    at_seconds: int
    """ When it begins, from the moment that the call is taken. """
    seconds: int
    """ How long it lasts. """
    kind: KnownScenarioPart | str
    """ What is heard. """
    text: str
    """ The words; of a pause none. """
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        at_seconds = self.at_seconds

        seconds = self.seconds

        kind: str
        if isinstance(self.kind, KnownScenarioPart):
            kind = self.kind.value
        else:
            kind = self.kind

        text = self.text

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "at_seconds": at_seconds,
                "seconds": seconds,
                "kind": kind,
                "text": text,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        d = dict(src_dict)
        at_seconds = d.pop("at_seconds")

        seconds = d.pop("seconds")

        def _parse_kind(data: object) -> KnownScenarioPart | str:
            try:
                if not isinstance(data, str):
                    raise TypeError()
                componentsschemas_scenario_part_type_0 = KnownScenarioPart(data)

                return componentsschemas_scenario_part_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(KnownScenarioPart | str, data)

        kind = _parse_kind(d.pop("kind"))

        text = d.pop("text")

        scenario_line = cls(
            at_seconds=at_seconds,
            seconds=seconds,
            kind=kind,
            text=text,
        )

        scenario_line.additional_properties = d
        return scenario_line

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
