"""The events of a whole run: what the records say, each fact once and without gaps."""

import pytest

from local.stack import Stack
from ringpass.events.model import EventType
from tests.docs.test_event_schemas import faults
from tests.e2e.conftest import until
from tests.e2e.event_recount import differences, events_of, facts_of, items_of


@pytest.mark.usefixtures("whole_run")
def test_every_fact_is_an_event_once(stack: Stack) -> None:
    def look() -> tuple[int, dict[str, object]]:
        items = items_of(stack)
        return len(facts_of(items)), {**differences(items)}

    count, _ = until(look, lambda counted: not counted[1])
    assert count > 100


@pytest.mark.usefixtures("whole_run")
def test_every_event_is_as_the_schema_of_its_type_says(stack: Stack) -> None:
    events = events_of(items_of(stack))
    assert {event.type for event in events} == set(EventType)
    assert [fault for event in events for fault in faults({**event.body})] == []
