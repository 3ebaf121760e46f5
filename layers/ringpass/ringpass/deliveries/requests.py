"""Requests of the send routes, as pydantic models."""

import json
from typing import Annotated

from pydantic import Field

from ringpass.http.fields import (
    _METADATA_KEYS,
    LARGEST_ID,
    Code,
    Command,
    ConsentReference,
    Digits,
    MetadataKey,
    MetadataValue,
    Params,
    PhoneField,
    Region,
    Scenario,
    TemplateRef,
)
from ringpass.providers.orders import RING_TIMEOUT_SECONDS
from ringpass.redaction import Secret


class SendCommand(Command):
    """What every send takes."""

    region: Region | None = None
    phone: PhoneField
    metadata: Annotated[dict[MetadataKey, MetadataValue], Field(max_length=_METADATA_KEYS)] = Field(
        default_factory=dict, repr=False
    )
    consent_reference: ConsentReference | None = Field(default=None, repr=False)

    def canonical(self) -> bytes:
        """Canonical bytes of the command, for its fingerprint; they hold phone and code."""
        return self._canonical_bytes(without={"region"})

    def _canonical_bytes(self, without: set[str]) -> bytes:
        clear = {
            name: value.reveal() if isinstance(value, Secret) else value
            for name, value in self.model_dump(exclude=without).items()
            # A request without one has the fingerprint that an older release gave it.
            if (name, value) != ("consent_reference", None)
        }
        return json.dumps(clear, sort_keys=True, separators=(",", ":")).encode()


class VoiceOtp(SendCommand):
    """``POST /v1/voice-otp``: a call that reads a code out."""

    otp: Code
    scenario: Scenario | None = None
    ring_timeout: Annotated[int, Field(ge=10, le=120, description="seconds")] = RING_TIMEOUT_SECONDS


class PasswordCall(SendCommand):
    """``POST /v1/password-calls``: a call whose number ends in the code."""

    code: Annotated[Secret, Digits(4, 4)] | None = None
    detect_redirect: bool = False


class Zns(SendCommand):
    """``POST /v1/zns``: a Zalo message from a template."""

    template: TemplateRef
    params: Params | None = Field(default=None, repr=False)
    ticket_id: Annotated[int, Field(ge=1, lt=LARGEST_ID)] | None = None


class RecordFeedback(Command):
    """``POST /v1/deliveries/{id}/feedback``: what became of the code of a single send."""

    verified: Annotated[
        bool, Field(description="whether the person entered the right code; `true` is final")
    ]
