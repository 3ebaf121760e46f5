from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Self, TypeVar, cast

from attrs import define as _attrs_define

from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.start_verification_metadata import StartVerificationMetadata
    from ..models.workflow_step_choice import WorkflowStepChoice


T = TypeVar("T", bound="StartVerification")


@_attrs_define
class StartVerification:
    """``POST /v1/verifications``; what is left out comes from the client's settings."""

    phone: str
    """ E.164, or a national number with `region`; blanks, dots, dashes and brackets in it are taken out """
    region: None | str | Unset = UNSET
    metadata: StartVerificationMetadata | Unset = UNSET
    consent_reference: None | str | Unset = UNSET
    workflow: list[WorkflowStepChoice] | None | Unset = UNSET
    """ the steps, the first one first """
    code: None | str | Unset = UNSET
    """ your own code; without one Ringpass makes it """
    code_length: int | None | Unset = UNSET
    expires_in: int | None | Unset = UNSET
    attempts: int | None | Unset = UNSET
    ip: None | str | Unset = UNSET
    """ address of the end user; only counted by: IPv4, or the /64 of IPv6 """

    def to_dict(self) -> dict[str, Any]:
        phone = self.phone

        region: None | str | Unset
        if isinstance(self.region, Unset):
            region = UNSET
        else:
            region = self.region

        metadata: dict[str, Any] | Unset = UNSET
        if not isinstance(self.metadata, Unset):
            metadata = self.metadata.to_dict()

        consent_reference: None | str | Unset
        if isinstance(self.consent_reference, Unset):
            consent_reference = UNSET
        else:
            consent_reference = self.consent_reference

        workflow: list[dict[str, Any]] | None | Unset
        if isinstance(self.workflow, Unset):
            workflow = UNSET
        elif isinstance(self.workflow, list):
            workflow = []
            for workflow_type_0_item_data in self.workflow:
                workflow_type_0_item = workflow_type_0_item_data.to_dict()
                workflow.append(workflow_type_0_item)

        else:
            workflow = self.workflow

        code: None | str | Unset
        if isinstance(self.code, Unset):
            code = UNSET
        else:
            code = self.code

        code_length: int | None | Unset
        if isinstance(self.code_length, Unset):
            code_length = UNSET
        else:
            code_length = self.code_length

        expires_in: int | None | Unset
        if isinstance(self.expires_in, Unset):
            expires_in = UNSET
        else:
            expires_in = self.expires_in

        attempts: int | None | Unset
        if isinstance(self.attempts, Unset):
            attempts = UNSET
        else:
            attempts = self.attempts

        ip: None | str | Unset
        if isinstance(self.ip, Unset):
            ip = UNSET
        else:
            ip = self.ip

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "phone": phone,
            }
        )
        if region is not UNSET:
            field_dict["region"] = region
        if metadata is not UNSET:
            field_dict["metadata"] = metadata
        if consent_reference is not UNSET:
            field_dict["consent_reference"] = consent_reference
        if workflow is not UNSET:
            field_dict["workflow"] = workflow
        if code is not UNSET:
            field_dict["code"] = code
        if code_length is not UNSET:
            field_dict["code_length"] = code_length
        if expires_in is not UNSET:
            field_dict["expires_in"] = expires_in
        if attempts is not UNSET:
            field_dict["attempts"] = attempts
        if ip is not UNSET:
            field_dict["ip"] = ip

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        from ..models.start_verification_metadata import StartVerificationMetadata
        from ..models.workflow_step_choice import WorkflowStepChoice

        d = dict(src_dict)
        phone = d.pop("phone")

        def _parse_region(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        region = _parse_region(d.pop("region", UNSET))

        _metadata = d.pop("metadata", UNSET)
        metadata: StartVerificationMetadata | Unset
        if isinstance(_metadata, Unset):
            metadata = UNSET
        else:
            metadata = StartVerificationMetadata.from_dict(_metadata)

        def _parse_consent_reference(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        consent_reference = _parse_consent_reference(d.pop("consent_reference", UNSET))

        def _parse_workflow(data: object) -> list[WorkflowStepChoice] | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, list):
                    raise TypeError()
                workflow_type_0 = []
                _workflow_type_0 = data
                for workflow_type_0_item_data in _workflow_type_0:
                    workflow_type_0_item = WorkflowStepChoice.from_dict(workflow_type_0_item_data)

                    workflow_type_0.append(workflow_type_0_item)

                return workflow_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(list[WorkflowStepChoice] | None | Unset, data)

        workflow = _parse_workflow(d.pop("workflow", UNSET))

        def _parse_code(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        code = _parse_code(d.pop("code", UNSET))

        def _parse_code_length(data: object) -> int | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(int | None | Unset, data)

        code_length = _parse_code_length(d.pop("code_length", UNSET))

        def _parse_expires_in(data: object) -> int | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(int | None | Unset, data)

        expires_in = _parse_expires_in(d.pop("expires_in", UNSET))

        def _parse_attempts(data: object) -> int | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(int | None | Unset, data)

        attempts = _parse_attempts(d.pop("attempts", UNSET))

        def _parse_ip(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        ip = _parse_ip(d.pop("ip", UNSET))

        start_verification = cls(
            phone=phone,
            region=region,
            metadata=metadata,
            consent_reference=consent_reference,
            workflow=workflow,
            code=code,
            code_length=code_length,
            expires_in=expires_in,
            attempts=attempts,
            ip=ip,
        )

        return start_verification
