from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Self, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.known_zns_param_source import KnownZnsParamSource
from ..models.known_zns_param_type import KnownZnsParamType
from ..types import UNSET, Unset

T = TypeVar("T", bound="ZnsParam")


@_attrs_define
class ZnsParam:
    """A parameter of a template; it can be sent back as it is."""

    name: str
    type_: KnownZnsParamType | str
    """ What a value must look like. """
    max_length: int
    """ In characters. """
    required: bool
    """ Whether a send without it is refused. """
    source: KnownZnsParamSource | str
    """ Where a value comes from. """
    value: str | Unset = UNSET
    """ Of a `constant`. """
    key: str | Unset = UNSET
    """ Of `metadata`: the name of its entry. """
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        name = self.name

        type_: str
        if isinstance(self.type_, KnownZnsParamType):
            type_ = self.type_.value
        else:
            type_ = self.type_

        max_length = self.max_length

        required = self.required

        source: str
        if isinstance(self.source, KnownZnsParamSource):
            source = self.source.value
        else:
            source = self.source

        value = self.value

        key = self.key

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "name": name,
                "type": type_,
                "max_length": max_length,
                "required": required,
                "source": source,
            }
        )
        if value is not UNSET:
            field_dict["value"] = value
        if key is not UNSET:
            field_dict["key"] = key

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        d = dict(src_dict)
        name = d.pop("name")

        def _parse_type_(data: object) -> KnownZnsParamType | str:
            try:
                if not isinstance(data, str):
                    raise TypeError()
                componentsschemas_zns_param_type_type_0 = KnownZnsParamType(data)

                return componentsschemas_zns_param_type_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(KnownZnsParamType | str, data)

        type_ = _parse_type_(d.pop("type"))

        max_length = d.pop("max_length")

        required = d.pop("required")

        def _parse_source(data: object) -> KnownZnsParamSource | str:
            try:
                if not isinstance(data, str):
                    raise TypeError()
                componentsschemas_zns_param_source_type_0 = KnownZnsParamSource(data)

                return componentsschemas_zns_param_source_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(KnownZnsParamSource | str, data)

        source = _parse_source(d.pop("source"))

        value = d.pop("value", UNSET)

        key = d.pop("key", UNSET)

        zns_param = cls(
            name=name,
            type_=type_,
            max_length=max_length,
            required=required,
            source=source,
            value=value,
            key=key,
        )

        zns_param.additional_properties = d
        return zns_param

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
