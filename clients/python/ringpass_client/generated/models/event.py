from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Self, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.known_event_type import KnownEventType

if TYPE_CHECKING:
    from ..models.delivery_data import DeliveryData
    from ..models.event_data_type_7 import EventDataType7
    from ..models.limit_refusal_data import LimitRefusalData
    from ..models.oa_call_data import OaCallData
    from ..models.oa_consent_data import OaConsentData
    from ..models.provider import Provider
    from ..models.verification_data import VerificationData
    from ..models.webhook_endpoint_data import WebhookEndpointData


T = TypeVar("T", bound="Event")


@_attrs_define
class Event:
    """A fact that has been written, told once."""

    id: str
    """ The same whenever and however often the event is told. """
    type_: KnownEventType | str
    """ What happened. """
    timestamp: datetime.datetime
    """ RFC 3339 in UTC, with milliseconds. """
    sequence: int
    """ Its number among the events of its subject, from 1 without gaps. """
    subject: str
    """ The id of the record that it is about. """
    test: bool
    """ Whether the record's number is a test number. """
    data: (
        DeliveryData
        | EventDataType7
        | LimitRefusalData
        | OaCallData
        | OaConsentData
        | Provider
        | VerificationData
        | WebhookEndpointData
    )
    """ The record after it happened; by the type, whose. A type that is new may have other data. """
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        from ..models.delivery_data import DeliveryData
        from ..models.limit_refusal_data import LimitRefusalData
        from ..models.oa_call_data import OaCallData
        from ..models.oa_consent_data import OaConsentData
        from ..models.provider import Provider
        from ..models.verification_data import VerificationData
        from ..models.webhook_endpoint_data import WebhookEndpointData

        id = self.id

        type_: str
        if isinstance(self.type_, KnownEventType):
            type_ = self.type_.value
        else:
            type_ = self.type_

        timestamp = self.timestamp.isoformat()

        sequence = self.sequence

        subject = self.subject

        test = self.test

        data: dict[str, Any]
        if (
            isinstance(self.data, VerificationData)
            or isinstance(self.data, DeliveryData)
            or isinstance(self.data, OaConsentData)
            or isinstance(self.data, OaCallData)
            or isinstance(self.data, Provider)
            or isinstance(self.data, LimitRefusalData)
            or isinstance(self.data, WebhookEndpointData)
        ):
            data = self.data.to_dict()
        else:
            data = self.data.to_dict()

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "id": id,
                "type": type_,
                "timestamp": timestamp,
                "sequence": sequence,
                "subject": subject,
                "test": test,
                "data": data,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        from ..models.delivery_data import DeliveryData
        from ..models.event_data_type_7 import EventDataType7
        from ..models.limit_refusal_data import LimitRefusalData
        from ..models.oa_call_data import OaCallData
        from ..models.oa_consent_data import OaConsentData
        from ..models.provider import Provider
        from ..models.verification_data import VerificationData
        from ..models.webhook_endpoint_data import WebhookEndpointData

        d = dict(src_dict)
        id = d.pop("id")

        def _parse_type_(data: object) -> KnownEventType | str:
            try:
                if not isinstance(data, str):
                    raise TypeError()
                componentsschemas_event_type_type_0 = KnownEventType(data)

                return componentsschemas_event_type_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(KnownEventType | str, data)

        type_ = _parse_type_(d.pop("type"))

        timestamp = datetime.datetime.fromisoformat(d.pop("timestamp"))

        sequence = d.pop("sequence")

        subject = d.pop("subject")

        test = d.pop("test")

        def _parse_data(
            data: object,
        ) -> (
            DeliveryData
            | EventDataType7
            | LimitRefusalData
            | OaCallData
            | OaConsentData
            | Provider
            | VerificationData
            | WebhookEndpointData
        ):
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                data_type_0 = VerificationData.from_dict(data)

                return data_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                data_type_1 = DeliveryData.from_dict(data)

                return data_type_1
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                data_type_2 = OaConsentData.from_dict(data)

                return data_type_2
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                data_type_3 = OaCallData.from_dict(data)

                return data_type_3
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                data_type_4 = Provider.from_dict(data)

                return data_type_4
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                data_type_5 = LimitRefusalData.from_dict(data)

                return data_type_5
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                data_type_6 = WebhookEndpointData.from_dict(data)

                return data_type_6
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            if not isinstance(data, dict):
                raise TypeError()
            data_type_7 = EventDataType7.from_dict(data)

            return data_type_7

        data = _parse_data(d.pop("data"))

        event = cls(
            id=id,
            type_=type_,
            timestamp=timestamp,
            sequence=sequence,
            subject=subject,
            test=test,
            data=data,
        )

        event.additional_properties = d
        return event

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
