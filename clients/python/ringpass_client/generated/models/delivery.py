from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Self, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.known_channel import KnownChannel
from ..models.known_delivery_status import KnownDeliveryStatus
from ..models.known_provider_name import KnownProviderName
from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.delivery_cost import DeliveryCost
    from ..models.delivery_history_entry import DeliveryHistoryEntry
    from ..models.delivery_metadata import DeliveryMetadata


T = TypeVar("T", bound="Delivery")


@_attrs_define
class Delivery:
    """One try to reach one phone over one channel at one provider."""

    id: str
    channel: KnownChannel | str
    """ How a phone is reached. """
    provider: KnownProviderName | str
    """ Who carries it out. """
    phone: str
    """ E.164; masked unless the API key has the scope `phones:read`. """
    status: KnownDeliveryStatus | str
    """ State of a delivery. """
    reason: None | str
    """ Why, such as `q850_17` or `timeout`. """
    provider_ref: None | str
    """ The provider's id of the call; MCN only. """
    cost: DeliveryCost | None
    """ Null where there is no price. """
    test: bool
    """ Whether the number is a test number. """
    retry_of: None | str
    """ The delivery that this one repeats. """
    retried_by: None | str
    """ The delivery that repeats this one. """
    verification_id: None | str
    """ The verification that it was made for. """
    verified: bool | None
    """ Of a single send: whether its feedback says that the code was verified; null: there is none yet. """
    verified_at: datetime.datetime | None
    """ When the feedback said so. """
    consent_reference: None | str
    """ The caller's own reference to the person's consent, as it came with the request. """
    created_at: datetime.datetime
    """ RFC 3339 in UTC, with milliseconds. """
    updated_at: datetime.datetime
    """ RFC 3339 in UTC, with milliseconds. """
    metadata: DeliveryMetadata
    """ As it came with the request. """
    history: list[DeliveryHistoryEntry]
    """ Every status, the first one first. """
    caller_number: str | Unset = UNSET
    """ The number that called; its last four digits are hidden if a code was sent. MCN only. """
    is_redirect: bool | Unset = UNSET
    """ Whether the callee redirects calls, if that was asked. MCN only. """
    ticket_id: str | Unset = UNSET
    """ The ticket at CareSoft. """
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        from ..models.delivery_cost import DeliveryCost

        id = self.id

        channel: str
        if isinstance(self.channel, KnownChannel):
            channel = self.channel.value
        else:
            channel = self.channel

        provider: str
        if isinstance(self.provider, KnownProviderName):
            provider = self.provider.value
        else:
            provider = self.provider

        phone = self.phone

        status: str
        if isinstance(self.status, KnownDeliveryStatus):
            status = self.status.value
        else:
            status = self.status

        reason: None | str
        reason = self.reason

        provider_ref: None | str
        provider_ref = self.provider_ref

        cost: dict[str, Any] | None
        if isinstance(self.cost, DeliveryCost):
            cost = self.cost.to_dict()
        else:
            cost = self.cost

        test = self.test

        retry_of: None | str
        retry_of = self.retry_of

        retried_by: None | str
        retried_by = self.retried_by

        verification_id: None | str
        verification_id = self.verification_id

        verified: bool | None
        verified = self.verified

        verified_at: None | str
        if isinstance(self.verified_at, datetime.datetime):
            verified_at = self.verified_at.isoformat()
        else:
            verified_at = self.verified_at

        consent_reference: None | str
        consent_reference = self.consent_reference

        created_at = self.created_at.isoformat()

        updated_at = self.updated_at.isoformat()

        metadata = self.metadata.to_dict()

        history = []
        for history_item_data in self.history:
            history_item = history_item_data.to_dict()
            history.append(history_item)

        caller_number = self.caller_number

        is_redirect = self.is_redirect

        ticket_id = self.ticket_id

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "id": id,
                "channel": channel,
                "provider": provider,
                "phone": phone,
                "status": status,
                "reason": reason,
                "provider_ref": provider_ref,
                "cost": cost,
                "test": test,
                "retry_of": retry_of,
                "retried_by": retried_by,
                "verification_id": verification_id,
                "verified": verified,
                "verified_at": verified_at,
                "consent_reference": consent_reference,
                "created_at": created_at,
                "updated_at": updated_at,
                "metadata": metadata,
                "history": history,
            }
        )
        if caller_number is not UNSET:
            field_dict["caller_number"] = caller_number
        if is_redirect is not UNSET:
            field_dict["is_redirect"] = is_redirect
        if ticket_id is not UNSET:
            field_dict["ticket_id"] = ticket_id

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        from ..models.delivery_cost import DeliveryCost
        from ..models.delivery_history_entry import DeliveryHistoryEntry
        from ..models.delivery_metadata import DeliveryMetadata

        d = dict(src_dict)
        id = d.pop("id")

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

        def _parse_provider(data: object) -> KnownProviderName | str:
            try:
                if not isinstance(data, str):
                    raise TypeError()
                componentsschemas_provider_name_type_0 = KnownProviderName(data)

                return componentsschemas_provider_name_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(KnownProviderName | str, data)

        provider = _parse_provider(d.pop("provider"))

        phone = d.pop("phone")

        def _parse_status(data: object) -> KnownDeliveryStatus | str:
            try:
                if not isinstance(data, str):
                    raise TypeError()
                componentsschemas_delivery_status_type_0 = KnownDeliveryStatus(data)

                return componentsschemas_delivery_status_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(KnownDeliveryStatus | str, data)

        status = _parse_status(d.pop("status"))

        def _parse_reason(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        reason = _parse_reason(d.pop("reason"))

        def _parse_provider_ref(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        provider_ref = _parse_provider_ref(d.pop("provider_ref"))

        def _parse_cost(data: object) -> DeliveryCost | None:
            if data is None:
                return data
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                cost_type_0 = DeliveryCost.from_dict(data)

                return cost_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(DeliveryCost | None, data)

        cost = _parse_cost(d.pop("cost"))

        test = d.pop("test")

        def _parse_retry_of(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        retry_of = _parse_retry_of(d.pop("retry_of"))

        def _parse_retried_by(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        retried_by = _parse_retried_by(d.pop("retried_by"))

        def _parse_verification_id(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        verification_id = _parse_verification_id(d.pop("verification_id"))

        def _parse_verified(data: object) -> bool | None:
            if data is None:
                return data
            return cast(bool | None, data)

        verified = _parse_verified(d.pop("verified"))

        def _parse_verified_at(data: object) -> datetime.datetime | None:
            if data is None:
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                verified_at_type_0 = datetime.datetime.fromisoformat(data)

                return verified_at_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(datetime.datetime | None, data)

        verified_at = _parse_verified_at(d.pop("verified_at"))

        def _parse_consent_reference(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        consent_reference = _parse_consent_reference(d.pop("consent_reference"))

        created_at = datetime.datetime.fromisoformat(d.pop("created_at"))

        updated_at = datetime.datetime.fromisoformat(d.pop("updated_at"))

        metadata = DeliveryMetadata.from_dict(d.pop("metadata"))

        history = []
        _history = d.pop("history")
        for history_item_data in _history:
            history_item = DeliveryHistoryEntry.from_dict(history_item_data)

            history.append(history_item)

        caller_number = d.pop("caller_number", UNSET)

        is_redirect = d.pop("is_redirect", UNSET)

        ticket_id = d.pop("ticket_id", UNSET)

        delivery = cls(
            id=id,
            channel=channel,
            provider=provider,
            phone=phone,
            status=status,
            reason=reason,
            provider_ref=provider_ref,
            cost=cost,
            test=test,
            retry_of=retry_of,
            retried_by=retried_by,
            verification_id=verification_id,
            verified=verified,
            verified_at=verified_at,
            consent_reference=consent_reference,
            created_at=created_at,
            updated_at=updated_at,
            metadata=metadata,
            history=history,
            caller_number=caller_number,
            is_redirect=is_redirect,
            ticket_id=ticket_id,
        )

        delivery.additional_properties = d
        return delivery

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
