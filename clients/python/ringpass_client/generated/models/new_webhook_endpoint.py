from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any, Self, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.known_webhook_disabled_reason import KnownWebhookDisabledReason
from ..models.known_webhook_endpoint_status import KnownWebhookEndpointStatus

T = TypeVar("T", bound="NewWebhookEndpoint")


@_attrs_define
class NewWebhookEndpoint:
    """A webhook endpoint with its secret, which is shown this once."""

    id: str
    url: str
    """ Where events are posted. """
    types: list[str]
    """ Which events it gets: `delivery.settled`, `verification.*`, `*`. """
    description: None | str
    """ The owner's own words. """
    status: KnownWebhookEndpointStatus | str
    """ Whether a webhook endpoint gets events. """
    disabled_reason: KnownWebhookDisabledReason | None | str
    """ `gone`: it answered 410; `failing`: it took no event for three days; null: it is enabled. """
    version: int
    """ Counts the changes, from 1. """
    created_at: datetime.datetime
    """ RFC 3339 in UTC, with milliseconds. """
    updated_at: datetime.datetime
    """ RFC 3339 in UTC, with milliseconds. """
    secret: str
    """ It signs each request: `whsec_` and Base64, as Standard Webhooks has it. """
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        id = self.id

        url = self.url

        types = self.types

        description: None | str
        description = self.description

        status: str
        if isinstance(self.status, KnownWebhookEndpointStatus):
            status = self.status.value
        else:
            status = self.status

        disabled_reason: None | str
        if isinstance(self.disabled_reason, KnownWebhookDisabledReason):
            disabled_reason = self.disabled_reason.value
        else:
            disabled_reason = self.disabled_reason

        version = self.version

        created_at = self.created_at.isoformat()

        updated_at = self.updated_at.isoformat()

        secret = self.secret

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "id": id,
                "url": url,
                "types": types,
                "description": description,
                "status": status,
                "disabled_reason": disabled_reason,
                "version": version,
                "created_at": created_at,
                "updated_at": updated_at,
                "secret": secret,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        d = dict(src_dict)
        id = d.pop("id")

        url = d.pop("url")

        types = cast(list[str], d.pop("types"))

        def _parse_description(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        description = _parse_description(d.pop("description"))

        def _parse_status(data: object) -> KnownWebhookEndpointStatus | str:
            try:
                if not isinstance(data, str):
                    raise TypeError()
                componentsschemas_webhook_endpoint_status_type_0 = KnownWebhookEndpointStatus(data)

                return componentsschemas_webhook_endpoint_status_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(KnownWebhookEndpointStatus | str, data)

        status = _parse_status(d.pop("status"))

        def _parse_disabled_reason(data: object) -> KnownWebhookDisabledReason | None | str:
            if data is None:
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                componentsschemas_webhook_disabled_reason_type_0 = KnownWebhookDisabledReason(data)

                return componentsschemas_webhook_disabled_reason_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(KnownWebhookDisabledReason | None | str, data)

        disabled_reason = _parse_disabled_reason(d.pop("disabled_reason"))

        version = d.pop("version")

        created_at = datetime.datetime.fromisoformat(d.pop("created_at"))

        updated_at = datetime.datetime.fromisoformat(d.pop("updated_at"))

        secret = d.pop("secret")

        new_webhook_endpoint = cls(
            id=id,
            url=url,
            types=types,
            description=description,
            status=status,
            disabled_reason=disabled_reason,
            version=version,
            created_at=created_at,
            updated_at=updated_at,
            secret=secret,
        )

        new_webhook_endpoint.additional_properties = d
        return new_webhook_endpoint

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
