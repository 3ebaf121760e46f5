"""Requests to EventBridge: what they hold, how large they are, and what is tried again."""

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from itertools import pairwise
from typing import Any

import boto3
import pytest
from botocore.stub import ANY, Stubber
from hypothesis import given
from hypothesis import strategies as st

from ringpass.events.event_bus import EventBus, EventsNotPut, _requests, _size
from ringpass.events.model import Event
from tests.events.test_publisher import event

LIMIT = 256 * 1024


class Bus:
    """A bus whose client is botocore's, answered by a stub."""

    def __init__(self) -> None:
        client = boto3.client("events", region_name="eu-central-1")
        self.stub = Stubber(client)
        self.bus = EventBus(client, "ringpass-prod", "prod")

    def answers(self, *codes: str | None, entries: Any = ANY) -> None:  # noqa: ANN401
        """Expect a request, and answer it with an error's code, or none, for each entry."""
        results = [{"ErrorCode": code} if code else {"EventId": "1"} for code in codes]
        failed = sum(code is not None for code in codes)
        self.stub.add_response(
            "put_events", {"FailedEntryCount": failed, "Entries": results}, {"Entries": entries}
        )


@pytest.fixture
def bus() -> Iterator[Bus]:
    one = Bus()
    with one.stub:
        yield one
        one.stub.assert_no_pending_responses()


def entry(one: Event) -> dict[str, Any]:
    return {
        "EventBusName": "ringpass-prod",
        "Source": "ringpass.prod",
        "DetailType": one.type,
        "Time": datetime(2026, 11, 29, 20, 16, 20, 180_000, UTC),
        "Resources": ["client:shop"],
        "Detail": json.dumps(one.body, ensure_ascii=False, separators=(",", ":")),
    }


def test_an_event_s_body_is_the_detail(bus: Bus) -> None:
    bus.answers(None, entries=[entry(event(1))])
    bus.bus.put([event(1)])


def test_no_event_is_no_request(bus: Bus) -> None:
    bus.bus.put([])


def test_a_request_has_ten_entries_at_most(bus: Bus) -> None:
    events = [event(number) for number in range(1, 24)]
    for start, count in ((0, 10), (10, 10), (20, 3)):
        bus.answers(*[None] * count, entries=[entry(one) for one in events[start : start + 10]])
    bus.bus.put(events)


def test_only_what_failed_is_put_again(bus: Bus) -> None:
    first, second, third = event(1), event(2), event(3)
    bus.answers(None, "ThrottlingException", "InternalFailure", entries=ANY)
    bus.answers(None, "InternalFailure", entries=[entry(second), entry(third)])
    bus.answers(None, entries=[entry(third)])
    bus.bus.put([first, second, third])


def test_what_fails_three_times_is_raised_without_its_content(bus: Bus) -> None:
    for _ in range(3):
        bus.answers("InternalFailure", "ThrottlingException")
    with pytest.raises(
        EventsNotPut, match=r"^2 events were not taken: InternalFailure, ThrottlingException$"
    ):
        bus.bus.put([event(1), event(2)])


@given(
    st.lists(
        st.one_of(
            st.integers(min_value=0, max_value=2_000),
            st.integers(min_value=LIMIT // 3, max_value=LIMIT // 2),
            st.just(LIMIT),
        ),
        max_size=40,
    )
)
def test_requests_hold_everything_once_in_order_and_are_never_too_large(sizes: list[int]) -> None:
    bus = Bus().bus
    entries: list[Any] = [
        bus._entry(replace(event(number), data=json.dumps({"x": "é" * (size // 2)})))
        for number, size in enumerate(sizes, 1)
    ]
    requests = list(_requests(entries))
    assert [one for request in requests for one in request] == entries
    for request in requests:
        assert 1 <= len(request) <= 10
        assert len(request) == 1 or sum(map(_size, request)) < LIMIT
    for before, after in pairwise(requests):
        # A request ends only because the next entry does not fit.
        assert len(before) == 10 or sum(map(_size, before)) + _size(after[0]) >= LIMIT
