from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Self, TypeVar, cast

from attrs import define as _attrs_define

from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.send_password_call_metadata import SendPasswordCallMetadata


T = TypeVar("T", bound="SendPasswordCall")


@_attrs_define
class SendPasswordCall:
    """``POST /v1/password-calls``: a call whose number ends in the code."""

    phone: str
    """ E.164, or a national number with `region`; blanks, dots, dashes and brackets in it are taken out """
    region: None | str | Unset = UNSET
    metadata: SendPasswordCallMetadata | Unset = UNSET
    consent_reference: None | str | Unset = UNSET
    code: None | str | Unset = UNSET
    detect_redirect: bool | Unset = UNSET
    """ `false` if left out """

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

        code: None | str | Unset
        if isinstance(self.code, Unset):
            code = UNSET
        else:
            code = self.code

        detect_redirect = self.detect_redirect

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
        if code is not UNSET:
            field_dict["code"] = code
        if detect_redirect is not UNSET:
            field_dict["detect_redirect"] = detect_redirect

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        from ..models.send_password_call_metadata import SendPasswordCallMetadata

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
        metadata: SendPasswordCallMetadata | Unset
        if isinstance(_metadata, Unset):
            metadata = UNSET
        else:
            metadata = SendPasswordCallMetadata.from_dict(_metadata)

        def _parse_consent_reference(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        consent_reference = _parse_consent_reference(d.pop("consent_reference", UNSET))

        def _parse_code(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        code = _parse_code(d.pop("code", UNSET))

        detect_redirect = d.pop("detect_redirect", UNSET)

        send_password_call = cls(
            phone=phone,
            region=region,
            metadata=metadata,
            consent_reference=consent_reference,
            code=code,
            detect_redirect=detect_redirect,
        )

        return send_password_call
