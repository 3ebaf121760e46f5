from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Self, TypeVar, cast

from attrs import define as _attrs_define

from ..models.ask_oa_consent_call_type import AskOaConsentCallType
from ..models.ask_oa_consent_reason import AskOaConsentReason
from ..types import UNSET, Unset

T = TypeVar("T", bound="AskOaConsent")


@_attrs_define
class AskOaConsent:
    """``POST /v1/oa/{oa_id}/consents``: have a customer asked for a permission to call."""

    phone: str
    """ E.164, or a national number with `region`; blanks, dots, dashes and brackets in it are taken out """
    call_type: AskOaConsentCallType
    """ what is to be allowed """
    reason: AskOaConsentReason
    """ why the OA wants to call; Zalo shows it """
    region: None | str | Unset = UNSET
    name: None | str | Unset = UNSET
    user_id: None | str | Unset = UNSET

    def to_dict(self) -> dict[str, Any]:
        phone = self.phone

        call_type = self.call_type.value

        reason = self.reason.value

        region: None | str | Unset
        if isinstance(self.region, Unset):
            region = UNSET
        else:
            region = self.region

        name: None | str | Unset
        if isinstance(self.name, Unset):
            name = UNSET
        else:
            name = self.name

        user_id: None | str | Unset
        if isinstance(self.user_id, Unset):
            user_id = UNSET
        else:
            user_id = self.user_id

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "phone": phone,
                "call_type": call_type,
                "reason": reason,
            }
        )
        if region is not UNSET:
            field_dict["region"] = region
        if name is not UNSET:
            field_dict["name"] = name
        if user_id is not UNSET:
            field_dict["user_id"] = user_id

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        d = dict(src_dict)
        phone = d.pop("phone")

        call_type = AskOaConsentCallType(d.pop("call_type"))

        reason = AskOaConsentReason(d.pop("reason"))

        def _parse_region(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        region = _parse_region(d.pop("region", UNSET))

        def _parse_name(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        name = _parse_name(d.pop("name", UNSET))

        def _parse_user_id(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        user_id = _parse_user_id(d.pop("user_id", UNSET))

        ask_oa_consent = cls(
            phone=phone,
            call_type=call_type,
            reason=reason,
            region=region,
            name=name,
            user_id=user_id,
        )

        return ask_oa_consent
