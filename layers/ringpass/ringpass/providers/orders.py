"""Orders to providers: a command or a step with the scenario or template looked up.

``ringpass.deliveries.order_builders`` makes them. An order prints no phone, code or parameter.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, Protocol

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


@dataclass(frozen=True, slots=True)
class VoiceOrder:
    """A call that reads a code out.

    Attributes:
        phone: Phone to call.
        otp: The code, 4 to 10 digits.
        otp_id: The scenario's id at the provider: ``OTP-975705``.
        key_field: The field of the provider's secret that holds the scenario's key.
        ring_timeout: How long it may ring, in seconds.
    """

    phone: Phone
    otp: Secret
    otp_id: str
    key_field: str = _SHARED
    ring_timeout: int = RING_TIMEOUT_SECONDS

    @property
    def has_own_account(self) -> bool:
        """Whether its scenario has a key of its own."""
        return self.key_field != _SHARED


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
