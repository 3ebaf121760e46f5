from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Self, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

if TYPE_CHECKING:
    from ..models.oa_span import OaSpan


T = TypeVar("T", bound="OaHours")


@_attrs_define
class OaHours:
    """A span for each weekday; null: that day has none."""

    monday: None | OaSpan
    tuesday: None | OaSpan
    wednesday: None | OaSpan
    thursday: None | OaSpan
    friday: None | OaSpan
    saturday: None | OaSpan
    sunday: None | OaSpan
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        from ..models.oa_span import OaSpan

        monday: dict[str, Any] | None
        if isinstance(self.monday, OaSpan):
            monday = self.monday.to_dict()
        else:
            monday = self.monday

        tuesday: dict[str, Any] | None
        if isinstance(self.tuesday, OaSpan):
            tuesday = self.tuesday.to_dict()
        else:
            tuesday = self.tuesday

        wednesday: dict[str, Any] | None
        if isinstance(self.wednesday, OaSpan):
            wednesday = self.wednesday.to_dict()
        else:
            wednesday = self.wednesday

        thursday: dict[str, Any] | None
        if isinstance(self.thursday, OaSpan):
            thursday = self.thursday.to_dict()
        else:
            thursday = self.thursday

        friday: dict[str, Any] | None
        if isinstance(self.friday, OaSpan):
            friday = self.friday.to_dict()
        else:
            friday = self.friday

        saturday: dict[str, Any] | None
        if isinstance(self.saturday, OaSpan):
            saturday = self.saturday.to_dict()
        else:
            saturday = self.saturday

        sunday: dict[str, Any] | None
        if isinstance(self.sunday, OaSpan):
            sunday = self.sunday.to_dict()
        else:
            sunday = self.sunday

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "monday": monday,
                "tuesday": tuesday,
                "wednesday": wednesday,
                "thursday": thursday,
                "friday": friday,
                "saturday": saturday,
                "sunday": sunday,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        from ..models.oa_span import OaSpan

        d = dict(src_dict)

        def _parse_monday(data: object) -> None | OaSpan:
            if data is None:
                return data
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                monday_type_0 = OaSpan.from_dict(data)

                return monday_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(None | OaSpan, data)

        monday = _parse_monday(d.pop("monday"))

        def _parse_tuesday(data: object) -> None | OaSpan:
            if data is None:
                return data
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                tuesday_type_0 = OaSpan.from_dict(data)

                return tuesday_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(None | OaSpan, data)

        tuesday = _parse_tuesday(d.pop("tuesday"))

        def _parse_wednesday(data: object) -> None | OaSpan:
            if data is None:
                return data
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                wednesday_type_0 = OaSpan.from_dict(data)

                return wednesday_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(None | OaSpan, data)

        wednesday = _parse_wednesday(d.pop("wednesday"))

        def _parse_thursday(data: object) -> None | OaSpan:
            if data is None:
                return data
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                thursday_type_0 = OaSpan.from_dict(data)

                return thursday_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(None | OaSpan, data)

        thursday = _parse_thursday(d.pop("thursday"))

        def _parse_friday(data: object) -> None | OaSpan:
            if data is None:
                return data
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                friday_type_0 = OaSpan.from_dict(data)

                return friday_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(None | OaSpan, data)

        friday = _parse_friday(d.pop("friday"))

        def _parse_saturday(data: object) -> None | OaSpan:
            if data is None:
                return data
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                saturday_type_0 = OaSpan.from_dict(data)

                return saturday_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(None | OaSpan, data)

        saturday = _parse_saturday(d.pop("saturday"))

        def _parse_sunday(data: object) -> None | OaSpan:
            if data is None:
                return data
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                sunday_type_0 = OaSpan.from_dict(data)

                return sunday_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(None | OaSpan, data)

        sunday = _parse_sunday(d.pop("sunday"))

        oa_hours = cls(
            monday=monday,
            tuesday=tuesday,
            wednesday=wednesday,
            thursday=thursday,
            friday=friday,
            saturday=saturday,
            sunday=sunday,
        )

        oa_hours.additional_properties = d
        return oa_hours

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
