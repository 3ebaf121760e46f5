from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Self, TypeVar, cast

from attrs import define as _attrs_define

from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.send_voice_otp_metadata import SendVoiceOtpMetadata


T = TypeVar("T", bound="SendVoiceOtp")


@_attrs_define
class SendVoiceOtp:
    """``POST /v1/voice-otp``: a call that reads a code out."""

    phone: str
    """ E.164, or a national number with `region`; blanks, dots, dashes and brackets in it are taken out """
    otp: str
    """ 4 to 10 digits """
    region: None | str | Unset = UNSET
    metadata: SendVoiceOtpMetadata | Unset = UNSET
    consent_reference: None | str | Unset = UNSET
    scenario: None | str | Unset = UNSET
    ring_timeout: int | Unset = UNSET
    """ seconds; `25` if left out """

    def to_dict(self) -> dict[str, Any]:
        phone = self.phone

        otp = self.otp

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

        scenario: None | str | Unset
        if isinstance(self.scenario, Unset):
            scenario = UNSET
        else:
            scenario = self.scenario

        ring_timeout = self.ring_timeout

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "phone": phone,
                "otp": otp,
            }
        )
        if region is not UNSET:
            field_dict["region"] = region
        if metadata is not UNSET:
            field_dict["metadata"] = metadata
        if consent_reference is not UNSET:
            field_dict["consent_reference"] = consent_reference
        if scenario is not UNSET:
            field_dict["scenario"] = scenario
        if ring_timeout is not UNSET:
            field_dict["ring_timeout"] = ring_timeout

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        from ..models.send_voice_otp_metadata import SendVoiceOtpMetadata

        d = dict(src_dict)
        phone = d.pop("phone")

        otp = d.pop("otp")

        def _parse_region(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        region = _parse_region(d.pop("region", UNSET))

        _metadata = d.pop("metadata", UNSET)
        metadata: SendVoiceOtpMetadata | Unset
        if isinstance(_metadata, Unset):
            metadata = UNSET
        else:
            metadata = SendVoiceOtpMetadata.from_dict(_metadata)

        def _parse_consent_reference(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        consent_reference = _parse_consent_reference(d.pop("consent_reference", UNSET))

        def _parse_scenario(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        scenario = _parse_scenario(d.pop("scenario", UNSET))

        ring_timeout = d.pop("ring_timeout", UNSET)

        send_voice_otp = cls(
            phone=phone,
            otp=otp,
            region=region,
            metadata=metadata,
            consent_reference=consent_reference,
            scenario=scenario,
            ring_timeout=ring_timeout,
        )

        return send_voice_otp
