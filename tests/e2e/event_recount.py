"""What events there must be: the facts of all records of the table, counted again."""

import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Final

from local.stack import Stack
from ringpass.aws.dynamodb import Item, from_wire
from ringpass.clock import from_text
from ringpass.deliveries.store import from_stream_image
from ringpass.events import store as event_store
from ringpass.events.delivery_events import delivery_facts
from ringpass.events.model import Event
from ringpass.events.verification_events import verification_facts
from ringpass.limits import circuit_store
from ringpass.oa.calls.model import Call
from ringpass.oa.consents import store as consents_store
from ringpass.oa.consents.model import Consent
from ringpass.verifications.store import from_item

type Items = Mapping[str, Sequence[Item]]
"""Everything in the table, by what it is."""
type Tally = tuple[int, str]
"""How many events a record has, and the status that the last one tells."""

_STATUS: Final = {
    "consent": "state",
    "oa_call": "result",
    "limit": "code",
    # An endpoint is changed without an event, too: it has no status to compare.
    "webhook_endpoint": "id",
    "ping": "id",
}
"""Where the data of an event has its status, by the word before the dot of the type."""


def items_of(stack: Stack, client: str | None = None) -> Items:
    """Everything in the table, or what is a client's."""
    items: dict[str, list[Item]] = defaultdict(list)
    pages = (
        stack.dynamodb().get_paginator("scan").paginate(TableName=stack.table, ConsistentRead=True)
    )
    for page in pages:
        for wire in page["Items"]:
            item = from_wire(wire)
            if client in (None, item.get("client")):
                items[item.get("entity", "")].append(item)
    return items


def events_of(items: Items) -> list[Event]:
    """The events, but those of files of events/: the table has no such record."""
    events = map(event_store.from_item, items["event"])
    return [event for event in events if len(set(event.subject.partition("_")[2])) != 1]


def facts_of(items: Items) -> dict[str, Tally]:
    """The events that each record must have."""
    facts: dict[str, Tally] = {}
    for item in items["delivery"]:
        delivery = from_stream_image(item)
        facts[delivery.id] = (len(delivery_facts(delivery)), delivery.status)
    for item in items["verification"]:
        verification = from_item(item)
        facts[verification.id] = (len(verification_facts(verification)), verification.status)
    for item in items["consent"]:
        consent = consents_store.from_item(item)
        facts[consent.id] = (consent.changes, _state_when_changed(consent))
    for item in items["oa_call"]:
        call = Call.from_item(item)
        facts[call.id] = (int(call.end is not None), call.result)
    for item in items["provider"]:
        state = circuit_store.from_item(item)
        facts[item["name"]] = (state.changes, "suspended" if state.suspended_until else "active")
    for item in items["webhook_endpoint"]:
        facts[item["id"]] = (item["facts"], item["id"])
    for item in items["decision"]:
        # What a limit only records is no refusal.
        if item.get("refused", True):
            facts[item["id"]] = (1, item["code"])
    return {subject: fact for subject, fact in facts.items() if fact[0]}


def _state_when_changed(consent: Consent) -> str:
    """The state when the last change was written: a late fact may be about what is over already."""
    if not consent.last_changes:
        return consent.status.state
    change = consent.last_changes[-1]
    return change.status.state_at(from_text(change.at))


def tallies_of(events: Sequence[Event]) -> dict[str, Tally]:
    """The events that each record has; they have no gaps."""
    by_subject: dict[str, list[Event]] = defaultdict(list)
    for event in events:
        by_subject[event.subject].append(event)
    tallies: dict[str, Tally] = {}
    for subject, own in by_subject.items():
        own.sort(key=lambda event: event.sequence)
        if [event.sequence for event in own] == list(range(1, len(own) + 1)):
            tallies[subject] = (len(own), _status(own[-1]))
        else:
            tallies[subject] = (len(own), "with a gap")
    return tallies


def _status(event: Event) -> str:
    status: str = json.loads(event.data)[_STATUS.get(event.type.partition(".")[0], "status")]
    return status


def differences(items: Items) -> dict[str, tuple[Tally | None, Tally | None]]:
    """The records whose events differ: what they must be, and what they are."""
    events = events_of(items)
    facts, tallies = facts_of(items), tallies_of(events)
    deleted = {item["PK"].rpartition("#")[2] for item in items["consent_gone"]} - facts.keys()
    # Endpoints that were deleted leave their events, and a person's calls leave erased ones.
    deleted |= {one for one in tallies if one.startswith("whe_")} - facts.keys()
    deleted |= {event.subject for event in events if is_erased(event)} - facts.keys()
    return {
        subject: (facts.get(subject), tallies.get(subject))
        for subject in (facts.keys() | tallies.keys()) - deleted
        if facts.get(subject) != tallies.get(subject)
    }


def is_erased(event: Event) -> bool:
    """Whether the event was of a person who has been deleted."""
    return bool(json.loads(event.data).get("phone_hash") == "")
