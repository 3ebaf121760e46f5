"""Abandoned deliveries: their function ended between the reservation and the provider's reply."""

from datetime import datetime, timedelta
from typing import Final

from ringpass.clock import from_text, to_text
from ringpass.config import SEND_TIMEOUT_SECONDS
from ringpass.deliveries.model import Delivery, Fact, Source
from ringpass.deliveries.store import DeliveryRepository
from ringpass.outcomes import Status

# A function that is ended at its time-out may still be writing; a second makes sure.
LOST_AFTER: Final = timedelta(seconds=SEND_TIMEOUT_SECONDS + 1)


def is_lost(delivery: Delivery, now: datetime) -> bool:
    """Whether a delivery is reserved although its function cannot be running any more."""
    overdue = now - from_text(delivery.created_at) >= LOST_AFTER
    return delivery.status is Status.RESERVED and overdue


def give_up(deliveries: DeliveryRepository, delivery: Delivery, now: datetime) -> Delivery | None:
    """Write a lost delivery ``unknown``; returns it as it is then."""
    fact = Fact(to_text(now), Status.UNKNOWN, "function_ended", Source.TIMER)
    return deliveries.apply_and_schedule_poll(delivery, [fact], now)
