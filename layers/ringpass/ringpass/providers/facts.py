"""What a provider is like: its channel, whom it reaches, and how its responses and receipts work.

Each provider's package states its facts in ``facts.py``; ``ringpass.wiring.provider_facts`` lists
them. Code elsewhere depends on a fact, never on a provider's name.
"""

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum


class ChannelName(StrEnum):
    """Name of a channel: how a phone is reached. Deliveries and settings store the values."""

    VOICE_OTP = "voice_otp"
    PASSWORD_CALL = "password_call"  # noqa: S105 - a name
    ZNS = "zns"


@dataclass(frozen=True, slots=True, kw_only=True)
class ProviderFacts:
    """Facts of one provider.

    Attributes:
        name: Its name, also of its secret; deliveries store it.
        channel: The channel that it serves.
        regions: ISO 3166 countries whose numbers it can reach.
        reaches_landlines: Whether it also reaches landlines.
        replies_with_id: Whether a response names the call; if not, receipts are matched by the
            called number and the time.
        has_tickets: Whether a message belongs to a ticket, which may be the caller's own.
        repeats_our_id: Whether receipts repeat the id that we gave to the message.
        is_optional: Whether a stack may be without it: then it is not even simulated.
        first_poll: How long after its creation a delivery is polled first; None: the provider
            cannot be polled.
    """

    name: str
    channel: ChannelName
    regions: frozenset[str]
    reaches_landlines: bool = False
    replies_with_id: bool = True
    has_tickets: bool = False
    repeats_our_id: bool = False
    is_optional: bool = False
    first_poll: timedelta | None = None
