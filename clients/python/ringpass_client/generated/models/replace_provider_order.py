from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Self, TypeVar, cast

from attrs import define as _attrs_define

from ..models.replace_provider_order_zns_type_0_item import (
    ReplaceProviderOrderZnsType0Item,
)
from ..types import UNSET, Unset

T = TypeVar("T", bound="ReplaceProviderOrder")


@_attrs_define
class ReplaceProviderOrder:
    """The providers of each channel that has several, the first one asked first."""

    zns: list[ReplaceProviderOrderZnsType0Item] | None | Unset = UNSET

    def to_dict(self) -> dict[str, Any]:
        zns: list[str] | None | Unset
        if isinstance(self.zns, Unset):
            zns = UNSET
        elif isinstance(self.zns, list):
            zns = []
            for zns_type_0_item_data in self.zns:
                zns_type_0_item = zns_type_0_item_data.value
                zns.append(zns_type_0_item)

        else:
            zns = self.zns

        field_dict: dict[str, Any] = {}

        field_dict.update({})
        if zns is not UNSET:
            field_dict["zns"] = zns

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        d = dict(src_dict)

        def _parse_zns(data: object) -> list[ReplaceProviderOrderZnsType0Item] | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, list):
                    raise TypeError()
                zns_type_0 = []
                _zns_type_0 = data
                for zns_type_0_item_data in _zns_type_0:
                    zns_type_0_item = ReplaceProviderOrderZnsType0Item(zns_type_0_item_data)

                    zns_type_0.append(zns_type_0_item)

                return zns_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(list[ReplaceProviderOrderZnsType0Item] | None | Unset, data)

        zns = _parse_zns(d.pop("zns", UNSET))

        replace_provider_order = cls(
            zns=zns,
        )

        return replace_provider_order
