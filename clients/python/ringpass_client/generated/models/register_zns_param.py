from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Self, TypeVar, cast

from attrs import define as _attrs_define

from ..models.register_zns_param_source import RegisterZnsParamSource
from ..models.register_zns_param_type import RegisterZnsParamType
from ..types import UNSET, Unset

T = TypeVar("T", bound="RegisterZnsParam")


@_attrs_define
class RegisterZnsParam:
    """A parameter of a template."""

    name: str
    """ as the template has it, without `<` and `>` """
    type_: RegisterZnsParamType | Unset = UNSET
    """ `date` is `dd/mm/yyyy`, or `hh:mm:ss dd/mm/yyyy`; `"text"` if left out """
    max_length: int | Unset = UNSET
    """ in characters; `500` if left out """
    required: bool | Unset = UNSET
    """ `true` if left out """
    source: RegisterZnsParamSource | Unset = UNSET
    """ where the value comes from; `code`: in a verification its code, in a single send `params`; `"request"` if
    left out """
    value: None | str | Unset = UNSET
    """ of a `constant` """
    key: None | str | Unset = UNSET
    """ of `metadata`: the name of its entry """

    def to_dict(self) -> dict[str, Any]:
        name = self.name

        type_: str | Unset = UNSET
        if not isinstance(self.type_, Unset):
            type_ = self.type_.value

        max_length = self.max_length

        required = self.required

        source: str | Unset = UNSET
        if not isinstance(self.source, Unset):
            source = self.source.value

        value: None | str | Unset
        if isinstance(self.value, Unset):
            value = UNSET
        else:
            value = self.value

        key: None | str | Unset
        if isinstance(self.key, Unset):
            key = UNSET
        else:
            key = self.key

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "name": name,
            }
        )
        if type_ is not UNSET:
            field_dict["type"] = type_
        if max_length is not UNSET:
            field_dict["max_length"] = max_length
        if required is not UNSET:
            field_dict["required"] = required
        if source is not UNSET:
            field_dict["source"] = source
        if value is not UNSET:
            field_dict["value"] = value
        if key is not UNSET:
            field_dict["key"] = key

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        d = dict(src_dict)
        name = d.pop("name")

        _type_ = d.pop("type", UNSET)
        type_: RegisterZnsParamType | Unset
        if isinstance(_type_, Unset):
            type_ = UNSET
        else:
            type_ = RegisterZnsParamType(_type_)

        max_length = d.pop("max_length", UNSET)

        required = d.pop("required", UNSET)

        _source = d.pop("source", UNSET)
        source: RegisterZnsParamSource | Unset
        if isinstance(_source, Unset):
            source = UNSET
        else:
            source = RegisterZnsParamSource(_source)

        def _parse_value(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        value = _parse_value(d.pop("value", UNSET))

        def _parse_key(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        key = _parse_key(d.pop("key", UNSET))

        register_zns_param = cls(
            name=name,
            type_=type_,
            max_length=max_length,
            required=required,
            source=source,
            value=value,
            key=key,
        )

        return register_zns_param
