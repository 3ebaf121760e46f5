from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Self, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.known_channel import KnownChannel
from ..models.known_verification_reason import KnownVerificationReason
from ..models.known_verification_status import KnownVerificationStatus

if TYPE_CHECKING:
    from ..models.delivery_record import DeliveryRecord
    from ..models.verification_data_metadata import VerificationDataMetadata
    from ..models.workflow_step import WorkflowStep


T = TypeVar("T", bound="VerificationData")


@_attrs_define
class VerificationData:
    """A verification after something happened to it."""

    id: str
    phone: str
    """ E.164; masked unless the API key has the scope `phones:read`. """
    status: KnownVerificationStatus | str
    """ State of a verification; all but ``pending`` are its end. """
    reason: KnownVerificationReason | None | str
    """ Why it ended; null: it has not. """
    step: int
    """ The step of the last delivery, counted from 1; 1 before there is one. """
    channel: KnownChannel | str
    """ How a phone is reached. """
    workflow: list[WorkflowStep]
    code_length: int
    attempts_remaining: int
    expires_at: datetime.datetime
    """ RFC 3339 in UTC, with milliseconds. """
    created_at: datetime.datetime
    """ RFC 3339 in UTC, with milliseconds. """
    updated_at: datetime.datetime
    """ RFC 3339 in UTC, with milliseconds. """
    ended_at: datetime.datetime | None
    replaced_by: None | str
    """ The verification that was started for the same phone, which ended this one. """
    sign_in_server: None | str
    """ The sign-in server that made the code and checks it; then nobody checks it here, and the verification ends
    as `expired`. """
    test: bool
    """ Whether the number is a test number. """
    consent_reference: None | str
    """ The caller's own reference to the person's consent, as it came with the request. """
    metadata: VerificationDataMetadata
    """ As it came with the request. """
    deliveries: list[DeliveryRecord]
    """ The first one first. """
    phone_hash: str
    """ The same for the same number: it groups a client's events, and nobody can call it; empty if the number was
    deleted. """
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        id = self.id

        phone = self.phone

        status: str
        if isinstance(self.status, KnownVerificationStatus):
            status = self.status.value
        else:
            status = self.status

        reason: None | str
        if isinstance(self.reason, KnownVerificationReason):
            reason = self.reason.value
        else:
            reason = self.reason

        step = self.step

        channel: str
        if isinstance(self.channel, KnownChannel):
            channel = self.channel.value
        else:
            channel = self.channel

        workflow = []
        for workflow_item_data in self.workflow:
            workflow_item = workflow_item_data.to_dict()
            workflow.append(workflow_item)

        code_length = self.code_length

        attempts_remaining = self.attempts_remaining

        expires_at = self.expires_at.isoformat()

        created_at = self.created_at.isoformat()

        updated_at = self.updated_at.isoformat()

        ended_at: None | str
        if isinstance(self.ended_at, datetime.datetime):
            ended_at = self.ended_at.isoformat()
        else:
            ended_at = self.ended_at

        replaced_by: None | str
        replaced_by = self.replaced_by

        sign_in_server: None | str
        sign_in_server = self.sign_in_server

        test = self.test

        consent_reference: None | str
        consent_reference = self.consent_reference

        metadata = self.metadata.to_dict()

        deliveries = []
        for deliveries_item_data in self.deliveries:
            deliveries_item = deliveries_item_data.to_dict()
            deliveries.append(deliveries_item)

        phone_hash = self.phone_hash

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "id": id,
                "phone": phone,
                "status": status,
                "reason": reason,
                "step": step,
                "channel": channel,
                "workflow": workflow,
                "code_length": code_length,
                "attempts_remaining": attempts_remaining,
                "expires_at": expires_at,
                "created_at": created_at,
                "updated_at": updated_at,
                "ended_at": ended_at,
                "replaced_by": replaced_by,
                "sign_in_server": sign_in_server,
                "test": test,
                "consent_reference": consent_reference,
                "metadata": metadata,
                "deliveries": deliveries,
                "phone_hash": phone_hash,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        from ..models.delivery_record import DeliveryRecord
        from ..models.verification_data_metadata import VerificationDataMetadata
        from ..models.workflow_step import WorkflowStep

        d = dict(src_dict)
        id = d.pop("id")

        phone = d.pop("phone")

        def _parse_status(data: object) -> KnownVerificationStatus | str:
            try:
                if not isinstance(data, str):
                    raise TypeError()
                componentsschemas_verification_status_type_0 = KnownVerificationStatus(data)

                return componentsschemas_verification_status_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(KnownVerificationStatus | str, data)

        status = _parse_status(d.pop("status"))

        def _parse_reason(data: object) -> KnownVerificationReason | None | str:
            if data is None:
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                componentsschemas_verification_reason_type_0 = KnownVerificationReason(data)

                return componentsschemas_verification_reason_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(KnownVerificationReason | None | str, data)

        reason = _parse_reason(d.pop("reason"))

        step = d.pop("step")

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

        workflow = []
        _workflow = d.pop("workflow")
        for workflow_item_data in _workflow:
            workflow_item = WorkflowStep.from_dict(workflow_item_data)

            workflow.append(workflow_item)

        code_length = d.pop("code_length")

        attempts_remaining = d.pop("attempts_remaining")

        expires_at = datetime.datetime.fromisoformat(d.pop("expires_at"))

        created_at = datetime.datetime.fromisoformat(d.pop("created_at"))

        updated_at = datetime.datetime.fromisoformat(d.pop("updated_at"))

        def _parse_ended_at(data: object) -> datetime.datetime | None:
            if data is None:
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                ended_at_type_0 = datetime.datetime.fromisoformat(data)

                return ended_at_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(datetime.datetime | None, data)

        ended_at = _parse_ended_at(d.pop("ended_at"))

        def _parse_replaced_by(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        replaced_by = _parse_replaced_by(d.pop("replaced_by"))

        def _parse_sign_in_server(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        sign_in_server = _parse_sign_in_server(d.pop("sign_in_server"))

        test = d.pop("test")

        def _parse_consent_reference(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        consent_reference = _parse_consent_reference(d.pop("consent_reference"))

        metadata = VerificationDataMetadata.from_dict(d.pop("metadata"))

        deliveries = []
        _deliveries = d.pop("deliveries")
        for deliveries_item_data in _deliveries:
            deliveries_item = DeliveryRecord.from_dict(deliveries_item_data)

            deliveries.append(deliveries_item)

        phone_hash = d.pop("phone_hash")

        verification_data = cls(
            id=id,
            phone=phone,
            status=status,
            reason=reason,
            step=step,
            channel=channel,
            workflow=workflow,
            code_length=code_length,
            attempts_remaining=attempts_remaining,
            expires_at=expires_at,
            created_at=created_at,
            updated_at=updated_at,
            ended_at=ended_at,
            replaced_by=replaced_by,
            sign_in_server=sign_in_server,
            test=test,
            consent_reference=consent_reference,
            metadata=metadata,
            deliveries=deliveries,
            phone_hash=phone_hash,
        )

        verification_data.additional_properties = d
        return verification_data

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
