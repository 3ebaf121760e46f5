from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Self, TypeVar, cast

from attrs import define as _attrs_define

from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.replace_oa_span import ReplaceOaSpan


T = TypeVar("T", bound="ReplaceOaHours")


@_attrs_define
class ReplaceOaHours:
    """A span for each weekday; null, or left out: that day has none."""

    monday: None | ReplaceOaSpan | Unset = UNSET
    tuesday: None | ReplaceOaSpan | Unset = UNSET
    wednesday: None | ReplaceOaSpan | Unset = UNSET
    thursday: None | ReplaceOaSpan | Unset = UNSET
    friday: None | ReplaceOaSpan | Unset = UNSET
    saturday: None | ReplaceOaSpan | Unset = UNSET
    sunday: None | ReplaceOaSpan | Unset = UNSET

    def to_dict(self) -> dict[str, Any]:
        from ..models.replace_oa_span import ReplaceOaSpan

        monday: dict[str, Any] | None | Unset
        if isinstance(self.monday, Unset):
            monday = UNSET
        elif isinstance(self.monday, ReplaceOaSpan):
            monday = self.monday.to_dict()
        else:
            monday = self.monday

        tuesday: dict[str, Any] | None | Unset
        if isinstance(self.tuesday, Unset):
            tuesday = UNSET
        elif isinstance(self.tuesday, ReplaceOaSpan):
            tuesday = self.tuesday.to_dict()
        else:
            tuesday = self.tuesday

        wednesday: dict[str, Any] | None | Unset
        if isinstance(self.wednesday, Unset):
            wednesday = UNSET
        elif isinstance(self.wednesday, ReplaceOaSpan):
            wednesday = self.wednesday.to_dict()
        else:
            wednesday = self.wednesday

        thursday: dict[str, Any] | None | Unset
        if isinstance(self.thursday, Unset):
            thursday = UNSET
        elif isinstance(self.thursday, ReplaceOaSpan):
            thursday = self.thursday.to_dict()
        else:
            thursday = self.thursday

        friday: dict[str, Any] | None | Unset
        if isinstance(self.friday, Unset):
            friday = UNSET
        elif isinstance(self.friday, ReplaceOaSpan):
            friday = self.friday.to_dict()
        else:
            friday = self.friday

        saturday: dict[str, Any] | None | Unset
        if isinstance(self.saturday, Unset):
            saturday = UNSET
        elif isinstance(self.saturday, ReplaceOaSpan):
            saturday = self.saturday.to_dict()
        else:
            saturday = self.saturday

        sunday: dict[str, Any] | None | Unset
        if isinstance(self.sunday, Unset):
            sunday = UNSET
        elif isinstance(self.sunday, ReplaceOaSpan):
            sunday = self.sunday.to_dict()
        else:
            sunday = self.sunday

        field_dict: dict[str, Any] = {}

        field_dict.update({})
        if monday is not UNSET:
            field_dict["monday"] = monday
        if tuesday is not UNSET:
            field_dict["tuesday"] = tuesday
        if wednesday is not UNSET:
            field_dict["wednesday"] = wednesday
        if thursday is not UNSET:
            field_dict["thursday"] = thursday
        if friday is not UNSET:
            field_dict["friday"] = friday
        if saturday is not UNSET:
            field_dict["saturday"] = saturday
        if sunday is not UNSET:
            field_dict["sunday"] = sunday

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        from ..models.replace_oa_span import ReplaceOaSpan

        d = dict(src_dict)

        def _parse_monday(data: object) -> None | ReplaceOaSpan | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                monday_type_0 = ReplaceOaSpan.from_dict(data)

                return monday_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(None | ReplaceOaSpan | Unset, data)

        monday = _parse_monday(d.pop("monday", UNSET))

        def _parse_tuesday(data: object) -> None | ReplaceOaSpan | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                tuesday_type_0 = ReplaceOaSpan.from_dict(data)

                return tuesday_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(None | ReplaceOaSpan | Unset, data)

        tuesday = _parse_tuesday(d.pop("tuesday", UNSET))

        def _parse_wednesday(data: object) -> None | ReplaceOaSpan | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                wednesday_type_0 = ReplaceOaSpan.from_dict(data)

                return wednesday_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(None | ReplaceOaSpan | Unset, data)

        wednesday = _parse_wednesday(d.pop("wednesday", UNSET))

        def _parse_thursday(data: object) -> None | ReplaceOaSpan | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                thursday_type_0 = ReplaceOaSpan.from_dict(data)

                return thursday_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(None | ReplaceOaSpan | Unset, data)

        thursday = _parse_thursday(d.pop("thursday", UNSET))

        def _parse_friday(data: object) -> None | ReplaceOaSpan | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                friday_type_0 = ReplaceOaSpan.from_dict(data)

                return friday_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(None | ReplaceOaSpan | Unset, data)

        friday = _parse_friday(d.pop("friday", UNSET))

        def _parse_saturday(data: object) -> None | ReplaceOaSpan | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                saturday_type_0 = ReplaceOaSpan.from_dict(data)

                return saturday_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(None | ReplaceOaSpan | Unset, data)

        saturday = _parse_saturday(d.pop("saturday", UNSET))

        def _parse_sunday(data: object) -> None | ReplaceOaSpan | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                sunday_type_0 = ReplaceOaSpan.from_dict(data)

                return sunday_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(None | ReplaceOaSpan | Unset, data)

        sunday = _parse_sunday(d.pop("sunday", UNSET))

        replace_oa_hours = cls(
            monday=monday,
            tuesday=tuesday,
            wednesday=wednesday,
            thursday=thursday,
            friday=friday,
            saturday=saturday,
            sunday=sunday,
        )

        return replace_oa_hours
