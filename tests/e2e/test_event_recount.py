"""The events of a whole run: what the records say, each fact once and without gaps."""

import json
from collections import defaultdict
from dataclasses import dataclass, field
from typing import Any

import pytest

from local.stack import Stack
from ringpass.aws.dynamodb import Item, from_wire
from ringpass.deliveries.store import from_stream_image
from ringpass.events import store as event_store
from ringpass.events.delivery_events import delivery_facts
from ringpass.events.model import EventType
from ringpass.events.verification_events import verification_facts
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
    return {subject: fact for subject, fact in facts.items() if fact[0]}


@dataclass(frozen=True)
class Recount:
    """What the records of a table say, beside its events.

    Attributes:
        items: All of the table, by what it is.
        differences: Records whose events differ: how many there must be and the last one's status,
            and what there is.
        refusals: The refused sends.
        lost: Of these the ones without an event, and events of none of them.
    """

    items: dict[str, list[Item]] = field(repr=False)
    differences: dict[str, object]
    refusals: set[Any] = field(repr=False)
    lost: set[Any]

    @property
    def agrees(self) -> bool:
        """Whether each fact has its event."""
        return not self.differences and not self.lost


def recount(items: dict[str, list[Item]]) -> Recount:
    """Compare events with the records that they are of."""
    events_of: dict[str, list[Item]] = defaultdict(list)
    for item in items["event"]:
        if item["subject"].startswith(("dlv_", "ver_")) and not is_example(item["subject"]):
            events_of[item["subject"]].append(item)
    last: dict[str, tuple[int, str]] = {}
    for subject, events in events_of.items():
        events.sort(key=lambda item: item["sequence"])
        assert [event["sequence"] for event in events] == list(range(1, len(events) + 1))
        last[subject] = (len(events), json.loads(events[-1]["data"])["status"])
    facts = facts_of(items)
    refusals = {item["id"] for item in items["decision"]}
    return Recount(
        items=items,
        differences={
            subject: (facts.get(subject), last.get(subject))
            for subject in facts.keys() | last.keys()
            if facts.get(subject) != last.get(subject)
        },
        refusals=refusals,
        lost=refusals
        ^ {item["subject"] for item in items["event"] if item["type"] == "limit.refused"},
    )


@pytest.fixture(scope="module")
def run(whole_run: None, stack: Stack) -> Recount:
    """The whole run, once the outbox has done all that it had still to do."""
    return until(lambda: recount(items_of(stack)), lambda counted: counted.agrees)


def test_every_fact_is_an_event_once(run: Recount) -> None:
    assert run.differences == {}
    assert len(facts_of(run.items)) > 100


def test_every_event_is_as_the_schema_of_its_type_says(run: Recount) -> None:
    events = [event_store.from_item(item).body for item in run.items["event"]]
    assert {event["type"] for event in events} == set(EventType)
    assert [fault for event in events for fault in faults(dict(event))] == []


def test_no_refused_send_is_left_out(run: Recount) -> None:
    assert run.refusals
    assert run.lost == set()
