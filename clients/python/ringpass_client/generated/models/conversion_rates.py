from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Self, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

T = TypeVar("T", bound="ConversionRates")


@_attrs_define
class ConversionRates:
    """Shares, from 0 to 1, with four places; null where nothing can be divided by."""

    answered: float | None
    """ `answered` of `sends`. """
    approved: float | None
    """ `approved` of `sends`. """
    verified: float | None
    """ `ended.approved` and `feedback.verified` of `started` and all with feedback. """
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        answered: float | None
        answered = self.answered

        approved: float | None
        approved = self.approved

        verified: float | None
        verified = self.verified

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "answered": answered,
                "approved": approved,
                "verified": verified,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        d = dict(src_dict)

        def _parse_answered(data: object) -> float | None:
            if data is None:
                return data
            return cast(float | None, data)

        answered = _parse_answered(d.pop("answered"))

        def _parse_approved(data: object) -> float | None:
            if data is None:
                return data
            return cast(float | None, data)

        approved = _parse_approved(d.pop("approved"))

        def _parse_verified(data: object) -> float | None:
            if data is None:
                return data
            return cast(float | None, data)

        verified = _parse_verified(d.pop("verified"))

        conversion_rates = cls(
            answered=answered,
            approved=approved,
            verified=verified,
        )

        conversion_rates.additional_properties = d
        return conversion_rates

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
