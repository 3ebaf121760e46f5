from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Self, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.default_template_params import DefaultTemplateParams


T = TypeVar("T", bound="DefaultTemplate")


@_attrs_define
class DefaultTemplate:
    """The template of ZNS steps that name none."""

    template: int | str
    """ A registered template's name, or CareSoft's scenario id. """
    params: DefaultTemplateParams
    """ The template's other parameters. """
    code_param: str | Unset = UNSET
    """ Which parameter takes the code; a registered template says itself. """
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        template: int | str
        template = self.template

        params = self.params.to_dict()

        code_param = self.code_param

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "template": template,
                "params": params,
            }
        )
        if code_param is not UNSET:
            field_dict["code_param"] = code_param

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        from ..models.default_template_params import DefaultTemplateParams

        d = dict(src_dict)

        def _parse_template(data: object) -> int | str:
            return cast(int | str, data)

        template = _parse_template(d.pop("template"))

        params = DefaultTemplateParams.from_dict(d.pop("params"))

        code_param = d.pop("code_param", UNSET)

        default_template = cls(
            template=template,
            params=params,
            code_param=code_param,
        )

        default_template.additional_properties = d
        return default_template

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
