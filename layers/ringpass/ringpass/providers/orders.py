"""Orders to providers: a command or a step with the scenario or template looked up.

``ringpass.deliveries.order_builders`` makes them. An order prints no phone, code or parameter.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, Protocol

from ringpass.errors import ValidationFailed, invalid_field
from ringpass.phone import Phone
from ringpass.redaction import Secret

# The field of Bizfly's secret with the key of the account that all clients use.
_SHARED: Final = "api_key"
RING_TIMEOUT_SECONDS: Final = 25
"""How long a call rings unless the command says otherwise."""


class Order(Protocol):
    """Common part of every order."""

    @property
    def phone(self) -> Phone:
        """Phone to reach."""

    @property
    def has_own_account(self) -> bool:
        """Whether it is charged to an account of its own, not to the one that clients share."""

    def refusal(self, *, is_carried: bool) -> ValidationFailed | None:
        """Returns why providers do not carry it, with the field to change; None: not of its own.

        Args:
            is_carried: Whether another provider would, but is not configured.
        """


@dataclass(frozen=True, slots=True)
class VoiceOrder:
    """A call that reads a code out.

    Attributes:
        phone: Phone to call.
        otp: The code, 4 to 10 digits.
        otp_id: The scenario's id at the provider: ``OTP-975705``; None: there is none, so only a
            provider without scenarios carries it.
        key_field: The field of the provider's secret that holds the scenario's key.
        ring_timeout: How long it may ring, in seconds.
        needs_scenario: Whether the request or the step names the scenario: then a provider without
            scenarios does not carry it, as its call would have another text.
        no_scenario: Why there is none.
    """

    phone: Phone
    otp: Secret
    otp_id: str | None
    key_field: str = _SHARED
    ring_timeout: int = RING_TIMEOUT_SECONDS
    needs_scenario: bool = False
    no_scenario: ValidationFailed | None = None

    @property
    def has_own_account(self) -> bool:
        """Whether its scenario has a key of its own."""
        return self.key_field != _SHARED

    def refusal(self, *, is_carried: bool) -> ValidationFailed | None:
        """It names a scenario where no provider has any, or has none where all need one."""
        if self.needs_scenario and not is_carried:
            return invalid_field(
                ["scenario"],
                "scenario_not_supported",
                "no provider that is set for it has scenarios: leave it out",
            )
        return self.no_scenario


@dataclass(frozen=True, slots=True)
class CallOrder:
    """A call whose number ends in a code.

    Attributes:
        phone: Phone to call.
        code: Four digits; None: the provider calls from any number.
        detect_redirect: Whether MCN checks if the call is redirected.
    """

    phone: Phone
    code: Secret | None = None
    detect_redirect: bool = False

    @property
    def has_own_account(self) -> bool:
        """There is one account at MCN."""
        return False

    def refusal(self, *, is_carried: bool) -> ValidationFailed | None:
        """It asks for what no provider of the client does."""
        if is_carried:
            return None
        return invalid_field(
            ["code"], "no_provider", "no provider that is set for it makes this call"
        )


@dataclass(frozen=True, slots=True)
class MessageOrder:
    """A message from a template; a provider for which it has no id cannot carry it.

    Attributes:
        phone: Phone to reach.
        scenario_id: CareSoft's scenario id.
        zns_id: Zalo's own template id.
        params: The template's parameters; None: the provider's own mapping is used.
        ticket_id: CareSoft's ticket that the message answers; None: a new one is made.
    """

    phone: Phone
    scenario_id: int | None = None
    zns_id: str | None = None
    params: Mapping[str, str] | None = field(default=None, repr=False)
    ticket_id: int | None = None

    @property
    def has_own_account(self) -> bool:
        """There is one account at CareSoft, and one at Zalo."""
        return False

    def refusal(self, *, is_carried: bool) -> ValidationFailed | None:
        """Its template has no id at any provider of the client."""
        if is_carried:
            return None
        return invalid_field(
            ["template"], "no_provider", "no provider that is set for it has this template"
        )
