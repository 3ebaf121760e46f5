"""Decides whether a person can have read the code of a delivery. Pure.

The fraud budget believes only verified codes that could be read.

Whoever starts a verification with a code of its own knows the code, and can check it at once. So a
verified code counts only if a person can have read it off the phone: after a delivery that may have
reached the phone, and not sooner than that takes.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Final

from ringpass.clock import from_text
from ringpass.deliveries.model import Delivery
from ringpass.outcomes import Status
from ringpass.providers.facts import ChannelName

READABLE_AFTER_SECONDS: Final[Mapping[ChannelName, int]] = {
    ChannelName.ZNS: 3,
    ChannelName.PASSWORD_CALL: 5,
    ChannelName.VOICE_OTP: 10,
}
"""How long after its reservation a delivery's code can have been read: a message arrives and is
looked at, a call rings and shows its number, a call rings, is answered and reads the code out."""

_MAY_HAVE_REACHED: Final = frozenset(
    {Status.ACCEPTED, Status.UNKNOWN, Status.ANSWERED, Status.DELIVERED}
)


def was_readable(deliveries: Iterable[Delivery], at: datetime, *, own_code: bool) -> bool:
    """Whether a person can have read a verification's code by this time.

    Args:
        deliveries: The verification's deliveries.
        at: When the right code was checked.
        own_code: Whether the caller chose the code. A Password Call that nobody answered has rung
            and shown its number: a code of ours can be known from nowhere else, the caller's can.
    """
    return any(
        from_text(delivery.created_at) + _readable_after(delivery) <= at
        for delivery in deliveries
        if delivery.status in _MAY_HAVE_REACHED
        or (not own_code and (delivery.channel, delivery.status) == _RANG)
    )


_RANG: Final = (ChannelName.PASSWORD_CALL, Status.NO_ANSWER)


def _readable_after(delivery: Delivery) -> timedelta:
    return timedelta(seconds=READABLE_AFTER_SECONDS[delivery.channel])
