"""Reading events: one, or a list by type, subject and time."""

from datetime import UTC, datetime

import pytest

from ringpass.aws.dynamodb import Table
from ringpass.clock import from_text, to_text
from ringpass.errors import NotFound, ValidationFailed
from ringpass.events.model import STACK, Event, EventType, read_types
from ringpass.events.queries import EventQueries
from ringpass.events.store import EventRepository
from ringpass.ids import event_id
from tests.world import RETENTION

NOW = datetime(2026, 11, 21, 8, 30, tzinfo=UTC)
STARTED, APPROVED = EventType.VERIFICATION_STARTED, EventType.VERIFICATION_APPROVED
SETTLED, REFUSED = EventType.DELIVERY_SETTLED, EventType.LIMIT_REFUSED


def event(
    type_: EventType, subject: str, sequence: int, *, minute: int = 0, client: str = "acme"
) -> Event:
    return Event(
        id=event_id(subject, sequence),
        client=client,
        type=type_,
        timestamp=to_text(NOW.replace(minute=minute)),
        sequence=sequence,
        subject=subject,
        test=False,
        data='{"phone":"+7*******777"}',
    )


@pytest.fixture
def queries(table: Table) -> EventQueries:
    repository = EventRepository(table, RETENTION)
    for one in (
        event(STARTED, "ver_1", 1, minute=1),
        event(APPROVED, "ver_1", 2, minute=5),
        event(STARTED, "ver_2", 1, minute=3),
        event(SETTLED, "dlv_1", 1, minute=4),
        event(STARTED, "ver_3", 1, minute=4, client="rival"),
        event(REFUSED, "stack", 1, minute=2, client=STACK),
    ):
        repository.add(one, NOW)
    return EventQueries(repository, lambda: NOW)


def listed(queries: EventQueries, client: str = "acme", **query: str) -> list[tuple[str, int]]:
    page = queries.page(client, query)
    assert page.next_cursor is None
    return [(one.subject, one.sequence) for one in page.items]


def test_a_list_is_newest_first_and_holds_one_s_own_and_the_stack_s(queries: EventQueries) -> None:
    own = [("ver_1", 2), ("dlv_1", 1), ("ver_2", 1), ("stack", 1), ("ver_1", 1)]
    assert listed(queries) == own
    assert listed(queries, "rival") == [("ver_3", 1), ("stack", 1)]


def test_it_is_read_page_after_page(queries: EventQueries) -> None:
    whole = listed(queries)
    pages: list[tuple[str, int]] = []
    query = {"limit": "2"}
    while True:
        page = queries.page("acme", query)
        pages += [(one.subject, one.sequence) for one in page.items]
        if page.next_cursor is None:
            break
        query = {"limit": "2", "cursor": page.next_cursor}
    assert pages == whole


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({"type": "verification.started"}, [("ver_2", 1), ("ver_1", 1)]),
        ({"type": "verification.*"}, [("ver_1", 2), ("ver_2", 1), ("ver_1", 1)]),
        ({"subject": "ver_1"}, [("ver_1", 2), ("ver_1", 1)]),
        ({"subject": "ver_1", "type": "verification.approved"}, [("ver_1", 2)]),
        ({"subject": "ver_1", "from": "2026-11-21T08:03:00Z"}, [("ver_1", 2)]),
        ({"subject": "ver_1", "to": "2026-11-21T08:03:00Z"}, [("ver_1", 1)]),
        ({"subject": "ver_3"}, []),
        ({"subject": "ver_none"}, []),
        (
            {"from": "2026-11-21T08:02:00Z", "to": "2026-11-21T08:04:00Z"},
            [("ver_2", 1), ("stack", 1)],
        ),
    ],
)
def test_it_is_narrowed(
    queries: EventQueries, query: dict[str, str], expected: list[tuple[str, int]]
) -> None:
    assert listed(queries, **query) == expected


def test_a_subject_with_many_events_is_read_to_its_end_and_page_after_page(
    queries: EventQueries,
) -> None:
    for number in range(1, 61):
        queries.events.add(event(SETTLED, "dlv_many", number, minute=number // 2), NOW)
    sequences: list[int] = []
    query = {"subject": "dlv_many", "limit": "7"}
    while True:
        page = queries.page("acme", query)
        sequences += [one.sequence for one in page.items]
        if page.next_cursor is None:
            break
        query["cursor"] = page.next_cursor
    assert sequences == list(range(60, 0, -1))


@pytest.mark.parametrize(
    ("subject", "client"), [("cns_old", "acme"), ("whe_old", "acme"), ("bizfly", STACK)]
)
def test_a_record_that_is_older_than_its_events_shows_those_that_are_left(
    queries: EventQueries, subject: str, client: str
) -> None:
    for number in range(31, 44):
        queries.events.add(event(SETTLED, subject, number, minute=number - 25, client=client), NOW)
    expected = [(subject, number) for number in range(43, 30, -1)]
    assert listed(queries, subject=subject, limit="100") == expected
    assert listed(queries, "rival", subject=subject) == (expected if client == STACK else [])
    first = queries.page("acme", {"subject": subject, "limit": "5"})
    assert first.next_cursor is not None
    rest = listed(queries, subject=subject, cursor=first.next_cursor)
    assert [(one.subject, one.sequence) for one in first.items] + rest == expected


@pytest.mark.parametrize(
    ("query", "at_fault"),
    [
        ({"type": "verification"}, "type"),
        ({"type": "nothing.*"}, "type"),
        ({"type": "*"}, "type"),
        ({"subject": ""}, "subject"),
        ({"subject": "x" * 65}, "subject"),
        ({"from": "yesterday"}, "from"),
        ({"limit": "101"}, "limit"),
        ({"cursor": "x"}, "cursor"),
        ({"phone": "+79777777777"}, "phone"),
    ],
)
def test_what_is_wrong_is_named_and_never_shown(
    queries: EventQueries, query: dict[str, str], at_fault: str
) -> None:
    with pytest.raises(ValidationFailed) as refusal:
        queries.page("acme", query)
    [error] = refusal.value.errors
    assert error["loc"] == ["query", at_fault]
    assert not [value for value in query.values() if len(value) > 1 and value in str(error)]


def test_one_is_read_by_its_id(queries: EventQueries) -> None:
    one = queries.get("acme", event_id("ver_1", 2))
    assert (one.type, one.data) == (APPROVED, '{"phone":"+7*******777"}')
    assert queries.get("rival", event_id("stack", 1)).client == STACK


@pytest.mark.parametrize("id_", [event_id("ver_3", 1), "evt_none", "", "evt_" + "a" * 3000])
def test_what_is_not_there_or_another_s_is_not_found(queries: EventQueries, id_: str) -> None:
    with pytest.raises(NotFound):
        queries.get("acme", id_)


def test_an_event_is_written_once_and_expires(table: Table) -> None:
    repository = EventRepository(table, RETENTION)
    first = event(STARTED, "ver_1", 1)
    repository.add(first, NOW)
    repository.add(event(APPROVED, "ver_1", 1, minute=9), NOW)
    assert repository.get(first.id) == first
    item = table.get({"PK": f"EVT#{first.id}", "SK": "EVT"})
    assert item is not None
    assert item["expires_at"] == int(NOW.timestamp()) + RETENTION
    assert from_text(first.timestamp) <= NOW


def test_types_are_read() -> None:
    assert read_types("limit.*") == {REFUSED}
    assert read_types("delivery.settled") == {SETTLED}
    assert len(read_types("verification.*")) == 4
