from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Self, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.known_provider_name import KnownProviderName
from ..models.known_provider_suspension_ended_status import (
    KnownProviderSuspensionEndedStatus,
)

T = TypeVar("T", bound="ProviderSuspensionEnded")


@_attrs_define
class ProviderSuspensionEnded:
    """A provider that is asked again."""

    name: KnownProviderName | str
    """ Who carries it out. """
    status: KnownProviderSuspensionEndedStatus | str
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        name: str
        if isinstance(self.name, KnownProviderName):
            name = self.name.value
        else:
            name = self.name

        status: str
        if isinstance(self.status, KnownProviderSuspensionEndedStatus):
            status = self.status.value
        else:
            status = self.status

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "name": name,
                "status": status,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        d = dict(src_dict)

        def _parse_name(data: object) -> KnownProviderName | str:
            try:
                if not isinstance(data, str):
                    raise TypeError()
                componentsschemas_provider_name_type_0 = KnownProviderName(data)

                return componentsschemas_provider_name_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(KnownProviderName | str, data)

        name = _parse_name(d.pop("name"))

        def _parse_status(data: object) -> KnownProviderSuspensionEndedStatus | str:
            try:
                if not isinstance(data, str):
                    raise TypeError()
                status_type_0 = KnownProviderSuspensionEndedStatus(data)

                return status_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(KnownProviderSuspensionEndedStatus | str, data)

        status = _parse_status(d.pop("status"))

        provider_suspension_ended = cls(
            name=name,
            status=status,
        )

        provider_suspension_ended.additional_properties = d
        return provider_suspension_ended

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
