"""The events of a customer's permission to be called, from its last changes."""

from dataclasses import replace
from typing import Any

from ringpass.clock import from_text
from ringpass.events.model import Event, EventType, to_json
from ringpass.ids import event_id, phone_hash
from ringpass.oa.consents.consent_view import consent_view
from ringpass.oa.consents.model import Consent, ConsentChange
from ringpass.phone import is_test_number


def consent_event(consent: Consent, sequence: int) -> Event:
    """Returns one event of a permission.

    Args:
        consent: The permission, after this change or a later one was written.
        sequence: The number of the change, one of those that the permission keeps.
    """
    change = consent.last_changes[sequence - consent.changes - 1]
    view = consent_view(_at(consent, change), from_text(change.at), clear_phone=False)
    data: dict[str, Any] = {**view, "phone_hash": phone_hash(consent.phone_key, consent.client)}
    return Event(
        id=event_id(consent.id, sequence),
        client=consent.client,
        type=EventType.CONSENT_CHANGED,
        timestamp=change.at,
        sequence=sequence,
        subject=consent.id,
        test=is_test_number(consent.phone),
        data=to_json(data),
    )


def _at(consent: Consent, change: ConsentChange) -> Consent:
    """Returns the permission as it was after a change."""
    request = consent.status.last_request
    is_known = request is not None and request.received_at <= change.at
    status = replace(change.status, last_request=request if is_known else None)
    return replace(consent, status=status, updated_at=change.at)
