from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Self, TypeVar, cast

from attrs import define as _attrs_define

from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.replace_default_template_params import ReplaceDefaultTemplateParams


T = TypeVar("T", bound="ReplaceDefaultTemplate")


@_attrs_define
class ReplaceDefaultTemplate:
    """The template of ZNS steps that name none."""

    template: int | str
    """ a registered template's name, or CareSoft's scenario id """
    code_param: None | str | Unset = UNSET
    """ which parameter takes the code, of a template that is not registered; `otp` if left out """
    params: ReplaceDefaultTemplateParams | Unset = UNSET
    """ the template's other parameters """

    def to_dict(self) -> dict[str, Any]:
        template: int | str
        template = self.template

        code_param: None | str | Unset
        if isinstance(self.code_param, Unset):
            code_param = UNSET
        else:
            code_param = self.code_param

        params: dict[str, Any] | Unset = UNSET
        if not isinstance(self.params, Unset):
            params = self.params.to_dict()

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "template": template,
            }
        )
        if code_param is not UNSET:
            field_dict["code_param"] = code_param
        if params is not UNSET:
            field_dict["params"] = params

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        from ..models.replace_default_template_params import (
            ReplaceDefaultTemplateParams,
        )

        d = dict(src_dict)

        def _parse_template(data: object) -> int | str:
            return cast(int | str, data)

        template = _parse_template(d.pop("template"))

        def _parse_code_param(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        code_param = _parse_code_param(d.pop("code_param", UNSET))

        _params = d.pop("params", UNSET)
        params: ReplaceDefaultTemplateParams | Unset
        if isinstance(_params, Unset):
            params = UNSET
        else:
            params = ReplaceDefaultTemplateParams.from_dict(_params)

        replace_default_template = cls(
            template=template,
            code_param=code_param,
            params=params,
        )

        return replace_default_template
