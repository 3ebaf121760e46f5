from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Self, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.known_channel import KnownChannel
from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.workflow_step_settings_params import WorkflowStepSettingsParams


T = TypeVar("T", bound="WorkflowStepSettings")


@_attrs_define
class WorkflowStepSettings:
    """A step of a workflow; what is not in it comes from the settings around it."""

    channel: KnownChannel | str
    """ How a phone is reached. """
    timeout_seconds: int | Unset = UNSET
    template: int | str | Unset = UNSET
    """ A registered template's name, or CareSoft's scenario id. """
    code_param: str | Unset = UNSET
    """ Which parameter takes the code; a registered template says itself. """
    params: WorkflowStepSettingsParams | Unset = UNSET
    """ The template's other parameters. """
    scenario: str | Unset = UNSET
    """ Bizfly's OTP id. """
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        channel: str
        if isinstance(self.channel, KnownChannel):
            channel = self.channel.value
        else:
            channel = self.channel

        timeout_seconds = self.timeout_seconds

        template: int | str | Unset
        if isinstance(self.template, Unset):
            template = UNSET
        else:
            template = self.template

        code_param = self.code_param

        params: dict[str, Any] | Unset = UNSET
        if not isinstance(self.params, Unset):
            params = self.params.to_dict()

        scenario = self.scenario

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
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
        from ..models.workflow_step_settings_params import WorkflowStepSettingsParams

        d = dict(src_dict)

        def _parse_channel(data: object) -> KnownChannel | str:
            try:
                if not isinstance(data, str):
                    raise TypeError()
                componentsschemas_channel_type_0 = KnownChannel(data)

                return componentsschemas_channel_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(KnownChannel | str, data)

        channel = _parse_channel(d.pop("channel"))

        timeout_seconds = d.pop("timeout_seconds", UNSET)

        def _parse_template(data: object) -> int | str | Unset:
            if isinstance(data, Unset):
                return data
            return cast(int | str | Unset, data)

        template = _parse_template(d.pop("template", UNSET))

        code_param = d.pop("code_param", UNSET)

        _params = d.pop("params", UNSET)
        params: WorkflowStepSettingsParams | Unset
        if isinstance(_params, Unset):
            params = UNSET
        else:
            params = WorkflowStepSettingsParams.from_dict(_params)

        scenario = d.pop("scenario", UNSET)

        workflow_step_settings = cls(
            channel=channel,
            timeout_seconds=timeout_seconds,
            template=template,
            code_param=code_param,
            params=params,
            scenario=scenario,
        )

        workflow_step_settings.additional_properties = d
        return workflow_step_settings

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
