"""The events of a whole run: what the records say, each fact once and without gaps."""

from contextlib import suppress

import pytest

from local.stack import Stack
from ringpass.events.model import EventType
from tests.docs.test_event_schemas import faults
from tests.e2e.conftest import until
from tests.e2e.event_recount import Items, differences, events_of, facts_of, items_of


@pytest.fixture(scope="module")
def run(whole_run: None, stack: Stack) -> Items:
    """The whole run, once the outbox has done all that it had still to do."""
    with suppress(pytest.fail.Exception):
        until(lambda: differences(items_of(stack)), lambda left: not left)
    return items_of(stack)


def test_every_fact_is_an_event_once(run: Items) -> None:
    assert differences(run) == {}
    assert len(facts_of(run)) > 100


def test_every_event_is_as_the_schema_of_its_type_says(run: Items) -> None:
    events = events_of(run)
    assert {event.type for event in events} == set(EventType)
    assert [fault for event in events for fault in faults({**event.body})] == []
