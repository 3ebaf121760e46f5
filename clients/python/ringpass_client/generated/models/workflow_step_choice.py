from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Self, TypeVar, cast

from attrs import define as _attrs_define

from ..models.workflow_step_choice_channel import WorkflowStepChoiceChannel
from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.workflow_step_choice_params_type_0 import WorkflowStepChoiceParamsType0


T = TypeVar("T", bound="WorkflowStepChoice")


@_attrs_define
class WorkflowStepChoice:
    """A step; what it leaves out comes from the client's settings."""

    channel: WorkflowStepChoiceChannel
    timeout_seconds: int | None | Unset = UNSET
    template: int | None | str | Unset = UNSET
    code_param: None | str | Unset = UNSET
    """ which parameter takes the code, of a template that is not registered """
    params: None | Unset | WorkflowStepChoiceParamsType0 = UNSET
    """ the template's other parameters """
    scenario: None | str | Unset = UNSET

    def to_dict(self) -> dict[str, Any]:
        from ..models.workflow_step_choice_params_type_0 import (
            WorkflowStepChoiceParamsType0,
        )

        channel = self.channel.value

        timeout_seconds: int | None | Unset
        if isinstance(self.timeout_seconds, Unset):
            timeout_seconds = UNSET
        else:
            timeout_seconds = self.timeout_seconds

        template: int | None | str | Unset
        if isinstance(self.template, Unset):
            template = UNSET
        else:
            template = self.template

        code_param: None | str | Unset
        if isinstance(self.code_param, Unset):
            code_param = UNSET
        else:
            code_param = self.code_param

        params: dict[str, Any] | None | Unset
        if isinstance(self.params, Unset):
            params = UNSET
        elif isinstance(self.params, WorkflowStepChoiceParamsType0):
            params = self.params.to_dict()
        else:
            params = self.params

        scenario: None | str | Unset
        if isinstance(self.scenario, Unset):
            scenario = UNSET
        else:
            scenario = self.scenario

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "channel": channel,
            }
        )
        if timeout_seconds is not UNSET:
            field_dict["timeout_seconds"] = timeout_seconds
        if template is not UNSET:
            field_dict["template"] = template
        if code_param is not UNSET:
            field_dict["code_param"] = code_param
        if params is not UNSET:
            field_dict["params"] = params
        if scenario is not UNSET:
            field_dict["scenario"] = scenario

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        from ..models.workflow_step_choice_params_type_0 import (
            WorkflowStepChoiceParamsType0,
        )

        d = dict(src_dict)
        channel = WorkflowStepChoiceChannel(d.pop("channel"))

        def _parse_timeout_seconds(data: object) -> int | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(int | None | Unset, data)

        timeout_seconds = _parse_timeout_seconds(d.pop("timeout_seconds", UNSET))

        def _parse_template(data: object) -> int | None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(int | None | str | Unset, data)

        template = _parse_template(d.pop("template", UNSET))

        def _parse_code_param(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        code_param = _parse_code_param(d.pop("code_param", UNSET))

        def _parse_params(data: object) -> None | Unset | WorkflowStepChoiceParamsType0:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                params_type_0 = WorkflowStepChoiceParamsType0.from_dict(data)

                return params_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(None | Unset | WorkflowStepChoiceParamsType0, data)

        params = _parse_params(d.pop("params", UNSET))

        def _parse_scenario(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        scenario = _parse_scenario(d.pop("scenario", UNSET))

        workflow_step_choice = cls(
            channel=channel,
            timeout_seconds=timeout_seconds,
            template=template,
            code_param=code_param,
            params=params,
            scenario=scenario,
        )

        return workflow_step_choice
