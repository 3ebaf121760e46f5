"""The command that asks for a permission to call, as a pydantic model."""

import json
from dataclasses import replace
from typing import Annotated, Final

from pydantic import AfterValidator, Field
from pydantic_core import PydanticCustomError

from ringpass.http.fields import Command, PhoneField, Region
from ringpass.oa.consents.evidence import ConsentReason
from ringpass.oa.consents.model import Consent
from ringpass.phone import Phone
from ringpass.providers.zalo.call_type import CallType

_REGION: Final = "VN"


def _check_zalo_phone(phone: Phone) -> Phone:
    if phone.region != _REGION:
        raise PydanticCustomError("country_not_supported", "Zalo asks customers in VN only")
    if phone.is_landline:
        # Zalo's accounts are mobile phones'.
        raise PydanticCustomError("landline_not_supported", "a landline has no Zalo account")
    return phone


ZaloPhone = Annotated[PhoneField, AfterValidator(_check_zalo_phone)]
"""A number whose customer an OA can ask and call."""


class AskConsent(Command):
    """``POST /v1/oa/{oa_id}/consents``: have a customer asked for a permission to call."""

    region: Region | None = None
    phone: ZaloPhone
    call_type: Annotated[CallType, Field(strict=False, description="what is to be allowed")]
    reason: Annotated[
        ConsentReason, Field(strict=False, description="why the OA wants to call; Zalo shows it")
    ]
    name: (
        Annotated[
            str,
            Field(
                min_length=1,
                max_length=100,
                pattern=r"^[^\x00-\x1f\x7f]+$",
                description="what the OA calls the customer; calls are found by it",
            ),
        ]
        | None
    ) = Field(default=None, repr=False)
    user_id: (
        Annotated[
            str,
            Field(
                pattern=r"^[0-9]{1,32}$",
                description="Zalo's id of the customer, as a note: nobody is called by it before "
                "Zalo itself has told it for this number",
            ),
        ]
        | None
    ) = None

    def canonical(self) -> bytes:
        """The same bytes for every way to write the same command; they hold the phone."""
        fields = self.model_dump(mode="json", exclude={"region"})
        return json.dumps(fields, sort_keys=True, separators=(",", ":")).encode()

    def apply_to(self, consent: Consent) -> Consent:
        """Returns the permission with the customer's name and user id of this command."""
        return replace(consent, name=self.name or consent.name).with_user_note(self.user_id)
