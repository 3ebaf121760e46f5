from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Self, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.known_channel import KnownChannel

T = TypeVar("T", bound="WorkflowStep")


@_attrs_define
class WorkflowStep:
    """A step of a workflow."""

    channel: KnownChannel | str
    """ How a phone is reached. """
    timeout_seconds: int
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        channel: str
        if isinstance(self.channel, KnownChannel):
            channel = self.channel.value
        else:
            channel = self.channel

        timeout_seconds = self.timeout_seconds

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "channel": channel,
                "timeout_seconds": timeout_seconds,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
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

        timeout_seconds = d.pop("timeout_seconds")

        workflow_step = cls(
            channel=channel,
            timeout_seconds=timeout_seconds,
        )

        workflow_step.additional_properties = d
        return workflow_step

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
