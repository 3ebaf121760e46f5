"""Reading deliveries: one's own only, in pages, with refusals that name the parameter."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from ringpass.clients.settings.model import ClientSettings
from ringpass.deliveries.queries import DeliveryQueries, parse_filter
from ringpass.deliveries.requests import PasswordCall
from ringpass.errors import LimitReached, NotFound, ValidationFailed
from ringpass.limits.phone_lookups import MOST, PhoneLookups
from ringpass.limits.phone_lookups_store import PhoneLookupRepository
from ringpass.limits.settings import LimitSettings, Window
from ringpass.providers.base import HttpResponse
from ringpass.verifications.queries import VerificationQueries
from ringpass.verifications.requests import StartVerification
from tests.stored_settings import store_settings
from tests.world import Clock, World


def lookups(world: World) -> PhoneLookups:
    return PhoneLookups(PhoneLookupRepository(world.table), world.clock)


@pytest.fixture
def reads(world: World) -> DeliveryQueries:
    # A list needs more sends to one number than are allowed.
    unlimited = LimitSettings(phone=None, phone_all_clients=None)
    for client in ("acme", "other"):
        settings = world.preferences.clients.get(client)
        store_settings(world.table, client, replace(settings, limits=unlimited))
    return DeliveryQueries(world.deliveries, lookups(world), world.secrets, world.clock)


def send(world: World, client: str = "acme", phone: str = "+79777777777") -> str:
    world.clock.turn(seconds=1)
    command = PasswordCall.from_mapping({"phone": phone, "code": "1234"})
    return world.calls.send(command, client, None).delivery.id


def listed(reads: DeliveryQueries, client: str = "acme", **query: str) -> list[str]:
    return [delivery.id for delivery in reads.page(client, query).items]


@pytest.mark.slow
def test_one_delivery_and_only_one_s_own(world: World, reads: DeliveryQueries) -> None:
    delivery = send(world)
    assert reads.get("acme", delivery).id == delivery
    for client, delivery_id in (("other", delivery), ("acme", "dlv_none"), ("acme", "x" * 3_000)):
        with pytest.raises(NotFound):
            reads.get(client, delivery_id)


@pytest.mark.slow
def test_a_list_is_newest_first_and_holds_one_s_own_only(
    world: World, reads: DeliveryQueries
) -> None:
    ids = [send(world) for _ in range(3)]
    send(world, client="other")
    assert listed(reads) == ids[::-1]
    assert listed(reads, phone="+79777777777") == ids[::-1]


@pytest.mark.slow
def test_pages_follow_each_other_without_gap_or_repetition(
    world: World, reads: DeliveryQueries
) -> None:
    sends = [send(world) for _ in range(7)]
    ids: list[str] = []
    query = {"limit": "3"}
    while True:
        page = reads.page("acme", query)
        ids += [delivery.id for delivery in page.items]
        if page.next_cursor is None:
            break
        query["cursor"] = page.next_cursor
    assert ids == sends[::-1]


@pytest.mark.slow
def test_filters(open_world: World, reads: DeliveryQueries) -> None:
    first = send(open_world)
    open_world.cdr(17, "CANCEL")
    open_world.wire.answers = [HttpResponse(200, b'{"ok":true,"verification_uuid":"b_117793"}')]
    second = send(open_world, phone="+84389801371")
    assert listed(reads, status="accepted") == [second]
    assert listed(reads, status="busy") == [first]
    assert listed(reads, phone="0389801371", region="VN") == [second]
    # A + that was not percent-encoded arrives as a blank.
    assert listed(reads, phone=" 84389801371") == [second]
    assert listed(reads, channel="zns") == []
    assert listed(reads, channel="password_call") == [second, first]
    middle = (open_world.clock() - timedelta(milliseconds=500)).isoformat()
    assert listed(reads, **{"from": middle}) == [second]
    assert listed(reads, to=middle) == [first]


@pytest.mark.parametrize(
    ("query", "loc"),
    [
        ({"limit": "0"}, "limit"),
        ({"limit": "101"}, "limit"),
        ({"limit": "x"}, "limit"),
        ({"limit": "-1"}, "limit"),
        ({"limit": "0100999"}, "limit"),
        ({"limit": "\uff11"}, "limit"),
        ({"status": "gone"}, "status"),
        ({"channel": "fax"}, "channel"),
        ({"phone": "0389801371"}, "phone"),
        ({"phone": "x", "region": "VN"}, "phone"),
        ({"from": "yesterday"}, "from"),
        ({"from": "2026-11-21T08:30:00"}, "from"),
        ({"from": "0001-01-01T00:00:00+14:00"}, "from"),
        ({"to": "9999-12-31T23:59:59-14:00"}, "to"),
        ({"to": "2026-01-01T00:00:00Z", "from": "2026-02-01T00:00:00Z"}, "from"),
        ({"cursor": "x"}, "cursor"),
        ({"cursor": "AAAA"}, "cursor"),
        ({"colour": "red"}, "colour"),
    ],
)
def test_a_refusal_names_the_parameter(query: dict[str, str], loc: str) -> None:
    with pytest.raises(ValidationFailed) as refusal:
        parse_filter(query, Clock().now)
    assert [error["loc"] for error in refusal.value.errors] == [["query", loc]]
    for value in query.values():
        assert len(value) < 4 or value not in str(refusal.value)


@pytest.mark.slow
def test_a_page_does_not_tell_of_another_client_s_deliveries(
    world: World, reads: DeliveryQueries
) -> None:
    for _ in range(3):
        send(world, client="other")
    own = send(world)
    for _ in range(3):
        send(world, client="other")
    page = reads.page("acme", {"phone": "+79777777777", "limit": "1"})
    assert [delivery.id for delivery in page.items] == [own]
    assert page.next_cursor is None


@contextmanager
def what_is_read(world: World) -> Iterator[Counter[str]]:
    """How many requests of each kind the table gets meanwhile, and how many items they give."""
    counts: Counter[str] = Counter()

    def note(parsed: dict[str, Any], model: Any, **_: object) -> None:  # noqa: ANN401 - botocore's
        counts[model.name] += 1
        counts["items"] += len(parsed.get("Items", []))
        counts["items"] += sum(map(len, parsed.get("Responses", {}).values()))

    events = world.table.client.meta.events
    events.register("after-call.dynamodb.*", note)
    try:
        yield counts
    finally:
        events.unregister("after-call.dynamodb.*", note)


@pytest.mark.slow
def test_what_a_list_by_phone_reads_does_not_depend_on_other_clients(
    world: World, reads: DeliveryQueries
) -> None:
    verifications = VerificationQueries(
        world.verifications, world.deliveries, lookups(world), world.secrets, world.clock
    )

    def start(client: str) -> None:
        world.clock.turn(minutes=15)
        command = StartVerification.from_mapping({"phone": "+79777777777"})
        world.starts.start(command, client, None)

    def read() -> tuple[Counter[str], int, int]:
        query = {"phone": "+79777777777"}
        with what_is_read(world) as counts:
            deliveries = reads.page("acme", query).items
            page = verifications.page("acme", query).items
        assert {one.client for one in deliveries} == {"acme"}
        return counts, len(deliveries), len(page)

    send(world)
    start("acme")
    alone = read()
    assert alone[1:] == (2, 1)
    for _ in range(20):
        send(world, client="other")
    for _ in range(3):
        start("other")
    assert read() == alone


def number(last: int) -> str:
    return f"+7977777{last:04}"


@pytest.mark.slow
def test_a_key_that_sees_no_numbers_cannot_try_all_of_a_prefix(
    world: World, reads: DeliveryQueries
) -> None:
    verifications = VerificationQueries(
        world.verifications, world.deliveries, lookups(world), world.secrets, world.clock
    )
    delivery_id = send(world, phone=number(9_999))
    for last in range(MOST):
        # Both lists count as one, and a number that was asked for already does not count again.
        for queries in (reads, verifications):
            assert queries.page("acme", {"phone": number(last)}, "key1").items == ()
    # From now on no answer says whether there is a delivery.
    for last in (MOST, 9_999):
        for queries in (reads, verifications):
            with pytest.raises(LimitReached) as refusal:
                queries.page("acme", {"phone": number(last)}, "key1")
            assert (refusal.value.limit, refusal.value.retry_after) == ("phone_lookups", 1_799)
    # What was asked for is answered as before; so are other keys, and one that sees numbers.
    assert reads.page("acme", {"phone": number(0)}, "key1").items == ()
    for key_id in ("key2", None):
        assert [one.id for one in reads.page("acme", {"phone": number(9_999)}, key_id).items] == [
            delivery_id
        ]
    world.clock.turn(seconds=1_799)
    assert reads.page("acme", {"phone": number(9_999)}, "key1").items


@pytest.mark.slow
def test_numbers_that_are_found_and_test_numbers_do_not_count(
    world: World, reads: DeliveryQueries
) -> None:
    ids = [send(world, phone=number(last)) for last in range(3)]
    for last in [*range(3), *range(3)]:
        assert reads.page("acme", {"phone": number(last)}, "key1").items
    for last in range(100):
        reads.page("acme", {"phone": f"+700000000{last:02}"}, "key1")
    for last in range(100, 100 + MOST - 1):
        reads.page("acme", {"phone": number(last)}, "key1")
    assert [one.id for one in reads.page("acme", {"phone": number(1)}, "key1").items] == [ids[1]]


def test_a_refusal_is_no_delivery_to_its_number(world: World, reads: DeliveryQueries) -> None:
    one_an_hour = ClientSettings(limits=LimitSettings(phone=Window(1, 3_600)))
    store_settings(world.table, "acme", one_an_hour)
    own = send(world)
    with pytest.raises(LimitReached):
        send(world)
    assert listed(reads, phone="+79777777777") == [own]


@pytest.mark.parametrize("delivery_id", ["x" * 3_000, "", "DLV", "dlv_" + "1" * 32])
def test_what_cannot_be_an_id_is_not_found(reads: DeliveryQueries, delivery_id: str) -> None:
    with pytest.raises(NotFound, match="There is no such delivery"):
        reads.get("acme", delivery_id)
