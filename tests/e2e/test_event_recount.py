"""The events of a whole run: what the records say, each fact once and without gaps."""

import json
from collections import defaultdict
from typing import Final

import pytest

from local.stack import Stack
from ringpass.aws.dynamodb import Item, from_wire
from ringpass.deliveries.store import from_stream_image
from ringpass.events import store as event_store
from ringpass.events.delivery_events import delivery_facts
from ringpass.events.model import EventType
from ringpass.events.verification_events import verification_facts
from ringpass.limits import circuit_store
from ringpass.oa.calls.model import Call
from ringpass.oa.consents import store as consents_store
from ringpass.verifications.store import from_item
from tests.docs.test_event_schemas import faults
from tests.e2e.conftest import until


def items_of(stack: Stack) -> dict[str, list[Item]]:
    """Everything in the table, by what it is."""
    items: dict[str, list[Item]] = defaultdict(list)
    for page in stack.dynamodb().get_paginator("scan").paginate(TableName=stack.table):
        for wire in page["Items"]:
            item = from_wire(wire)
            items[item.get("entity", "")].append(item)
    return items


def is_example(subject: str) -> bool:
    """Whether it is of a file of events/: the outbox has seen such a record, the table has not."""
    return len(set(subject.partition("_")[2])) == 1


def facts_of(items: dict[str, list[Item]]) -> dict[str, tuple[int, str]]:
    """How many events each record must have, and the status that the last one must tell."""
    facts: dict[str, tuple[int, str]] = {}
    for item in items["delivery"]:
        delivery = from_stream_image(item)
        facts[delivery.id] = (len(delivery_facts(delivery)), delivery.status)
    for item in items["verification"]:
        verification = from_item(item)
        facts[verification.id] = (len(verification_facts(verification)), verification.status)
    for item in items["consent"]:
        consent = consents_store.from_item(item)
        facts[consent.id] = (consent.changes, consent.status.state)
    for item in items["oa_call"]:
        call = Call.from_item(item)
        facts[call.id] = (int(call.end is not None), call.result)
    for item in items["provider"]:
        state = circuit_store.from_item(item)
        facts[item["name"]] = (state.changes, "suspended" if state.suspended_until else "active")
    for item in items["decision"]:
        facts[item["id"]] = (1, item["code"])
    return {subject: fact for subject, fact in facts.items() if fact[0]}


_STATUS: Final = {"consent": "state", "oa_call": "result", "limit": "code"}
"""Where the data of an event has its status, by the word before the dot of the type."""


def told(event: Item) -> str:
    """The status that an event tells."""
    status: str = json.loads(event["data"])[_STATUS.get(event["type"].partition(".")[0], "status")]
    return status


def is_counted(event: Item, deleted: set[str]) -> bool:
    """Whether the record of an event is still in the table."""
    return not is_example(event["subject"]) and event["subject"] not in deleted


@pytest.mark.usefixtures("whole_run")
def test_every_fact_is_an_event_once(stack: Stack) -> None:
    def look() -> tuple[int, dict[str, object]]:
        """How many records have facts, and those whose events differ."""
        items = items_of(stack)
        facts = facts_of(items)
        deleted = {item["PK"].rpartition("#")[2] for item in items["consent_gone"]} - facts.keys()
        events_of: dict[str, list[Item]] = defaultdict(list)
        for item in items["event"]:
            if is_counted(item, deleted):
                events_of[item["subject"]].append(item)
        last: dict[str, tuple[int, str]] = {}
        for subject, events in events_of.items():
            events.sort(key=lambda item: item["sequence"])
            assert [event["sequence"] for event in events] == list(range(1, len(events) + 1))
            last[subject] = (len(events), told(events[-1]))
        differences: dict[str, object] = {
            subject: (facts.get(subject), last.get(subject))
            for subject in facts.keys() | last.keys()
            if facts.get(subject) != last.get(subject)
        }
        return len(facts), differences

    count, _ = until(look, lambda counted: not counted[1])
    assert count > 100


@pytest.mark.usefixtures("whole_run")
def test_every_event_is_as_the_schema_of_its_type_says(stack: Stack) -> None:
    events = [event_store.from_item(item).body for item in items_of(stack)["event"]]
    assert {event["type"] for event in events} == set(EventType)
    assert [fault for event in events for fault in faults(dict(event))] == []
