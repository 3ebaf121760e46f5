"""The events of a verification, from its history."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

from ringpass.clock import from_text
from ringpass.deliveries.model import Delivery
from ringpass.events.delivery_events import without_history
from ringpass.events.model import Event, EventType, to_json
from ringpass.ids import event_id, phone_hash
from ringpass.verifications.model import (
    TimelineEntry,
    TimelineEvent,
    Verification,
    VerificationStatus,
)
from ringpass.verifications.views import verification_view

_TYPES: Final[Mapping[TimelineEvent, EventType]] = {
    TimelineEvent.STARTED: EventType.VERIFICATION_STARTED,
    TimelineEvent.SENT: EventType.VERIFICATION_STEP_TAKEN,
    TimelineEvent.ENDED: EventType.VERIFICATION_ENDED,
}


def verification_facts(verification: Verification) -> list[TimelineEntry]:
    """Returns the lines of a verification's history that are events, in the order of writing."""
    return [entry for entry in verification.history if entry.event in _TYPES]


def verification_event(
    verification: Verification,
    sequence: int,
    deliveries: Sequence[Delivery],
    phone_key: str,
) -> Event:
    """Returns one event of a verification.

    Args:
        verification: The verification, after this fact or a later one was written.
        sequence: The number of the fact, counted from 1.
        deliveries: Its deliveries as they are now; those that it has by this fact are shown.
        phone_key: The look-up key of its number.
    """
    facts = verification_facts(verification)
    fact = facts[sequence - 1]
    known = {one.delivery_id for one in facts[:sequence] if one.delivery_id is not None}
    at_that_time = _at(verification, fact, facts[:sequence])
    shown = [delivery for delivery in deliveries if delivery.id in known]
    return Event(
        id=event_id(verification.id, sequence),
        client=verification.client,
        type=_type(at_that_time, fact),
        timestamp=fact.at,
        sequence=sequence,
        subject=verification.id,
        test=verification.test,
        data=to_json(_data(at_that_time, shown, phone_hash(phone_key, verification.client), fact)),
    )


def _type(verification: Verification, fact: TimelineEntry) -> EventType:
    is_approved = verification.status is VerificationStatus.APPROVED
    return EventType.VERIFICATION_APPROVED if is_approved else _TYPES[fact.event]


def _at(
    verification: Verification, fact: TimelineEntry, facts: Sequence[TimelineEntry]
) -> Verification:
    """Returns the verification as it was when its last fact was ``fact``."""
    if fact.event is TimelineEvent.ENDED:
        return verification
    steps = [one.step for one in facts if one.step is not None]
    return replace(
        verification,
        status=VerificationStatus.PENDING,
        updated_at=fact.at,
        # No step is taken once all attempts are used.
        paid=min(verification.paid, verification.attempts - 1),
        step=steps[-1] if steps else 0,
        ended_at=None,
        end_reason=None,
        replaced_by=None,
    )


def _data(
    verification: Verification, deliveries: Sequence[Delivery], hashed: str, fact: TimelineEntry
) -> dict[str, Any]:
    view = verification_view(verification, deliveries, from_text(fact.at), clear_phone=False)
    record = {name: value for name, value in view.items() if name != "history"}
    shown = [without_history(one) for one in view["deliveries"]]
    return {**record, "deliveries": shown, "phone_hash": hashed}
