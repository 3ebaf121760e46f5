from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Self, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.known_fraud_budget_mode import KnownFraudBudgetMode

T = TypeVar("T", bound="AddressCountries")


@_attrs_define
class AddressCountries:
    """To how many countries an end user's address may start verifications in a day."""

    mode: KnownFraudBudgetMode | str
    """ What becomes of a start beyond the fraud budget, or beyond one of its parts. """
    cap: int
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        mode: str
        if isinstance(self.mode, KnownFraudBudgetMode):
            mode = self.mode.value
        else:
            mode = self.mode

        cap = self.cap

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "mode": mode,
                "cap": cap,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        d = dict(src_dict)

        def _parse_mode(data: object) -> KnownFraudBudgetMode | str:
            try:
                if not isinstance(data, str):
                    raise TypeError()
                componentsschemas_fraud_budget_mode_type_0 = KnownFraudBudgetMode(data)

                return componentsschemas_fraud_budget_mode_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(KnownFraudBudgetMode | str, data)

        mode = _parse_mode(d.pop("mode"))

        cap = d.pop("cap")

        address_countries = cls(
            mode=mode,
            cap=cap,
        )

        address_countries.additional_properties = d
        return address_countries

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
