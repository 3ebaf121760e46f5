from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Self, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.known_delivery_cost_kind import KnownDeliveryCostKind

T = TypeVar("T", bound="DeliveryCost")


@_attrs_define
class DeliveryCost:
    """What a delivery costs."""

    amount: str
    """ A decimal number as text, so that it stays exact. """
    currency: str
    """ ISO 4217. """
    kind: KnownDeliveryCostKind | str
    """ Whether a delivery's cost is final. """
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        amount = self.amount

        currency = self.currency

        kind: str
        if isinstance(self.kind, KnownDeliveryCostKind):
            kind = self.kind.value
        else:
            kind = self.kind

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "amount": amount,
                "currency": currency,
                "kind": kind,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        d = dict(src_dict)
        amount = d.pop("amount")

        currency = d.pop("currency")

        def _parse_kind(data: object) -> KnownDeliveryCostKind | str:
            try:
                if not isinstance(data, str):
                    raise TypeError()
                componentsschemas_delivery_cost_kind_type_0 = KnownDeliveryCostKind(data)

                return componentsschemas_delivery_cost_kind_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(KnownDeliveryCostKind | str, data)

        kind = _parse_kind(d.pop("kind"))

        delivery_cost = cls(
            amount=amount,
            currency=currency,
            kind=kind,
        )

        delivery_cost.additional_properties = d
        return delivery_cost

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
