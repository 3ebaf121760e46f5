"""Statistics kept from the stream: exact whatever comes, how often, in what order, and who dies."""

import random
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any, cast

import pytest

from ringpass.aws.dynamodb import Table, to_wire
from ringpass.background.outbox import Outbox
from ringpass.clock import to_text
from ringpass.deliveries.model import Delivery
from ringpass.deliveries.store import DeliveryRepository
from ringpass.errors import Unavailable
from ringpass.outcomes import Status
from ringpass.providers.facts import ChannelName
from ringpass.reporting.contributions import RowKey
from ringpass.reporting.projector import StatisticsProjector
from ringpass.reporting.store import StatisticsRepository
from tests.background.test_worker import Queue, agenda, queue, stream
from tests.deliveries.test_send import killed_while_sending
from tests.reporting.test_contributions import CALL, DELIVERY, FREE, SETTLED, VERIFICATION
from tests.transactions import reserve
from tests.world import World

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

__all__ = ["queue"]

DAY = "2026-11-21"
LEDGER = {"PK": f"LED#acme#{DAY}#3", "SK": "LED"}

ACCEPTED = {**DELIVERY, "version": 2, "status": "accepted", "cost": SETTLED}
REJECTED = {**DELIVERY, "version": 2, "status": "rejected", "cost": FREE}
ANSWERED = {**ACCEPTED, "version": 3, "status": "answered"}
LIVES: Mapping[str, Sequence[Mapping[str, Any]]] = {
    "answered": [DELIVERY, ACCEPTED, ANSWERED],
    "rejected": [DELIVERY, REJECTED],
    "confirmed": [
        DELIVERY,
        ACCEPTED,
        {**ACCEPTED, "version": 3, "verified": False},
        {**ACCEPTED, "version": 4, "verified": True, "verified_at": f"{DAY}T08:31:00.000Z"},
    ],
    "unknown": [DELIVERY, {**DELIVERY, "version": 2, "status": "unknown"}],
    "approved": [
        VERIFICATION,
        {**VERIFICATION, "version": 2},
        {**VERIFICATION, "version": 3, "status": "approved", "approved_channel": "password_call"},
    ],
    "expired": [VERIFICATION, {**VERIFICATION, "version": 2, "status": "expired"}],
}

type Image = Mapping[str, Any]


def record(image: Image | None, old: Image | None = None) -> dict[str, Any]:
    """As the stream brings it."""
    images = {"NewImage": image, "OldImage": old}
    wire_images = {name: to_wire(one) for name, one in images.items() if one is not None}
    return {"eventName": "MODIFY" if old else "INSERT", "dynamodb": wire_images}


def records(life: Sequence[Image]) -> list[dict[str, Any]]:
    return [record(image, old) for image, old in zip(life, [None, *life[:-1]], strict=True)]


@dataclass
class Requests:
    """A client that counts what is asked of it, and can fail before or after it is done."""

    client: Any
    counts: Counter[str]
    fail: Callable[[str], str] = lambda _: ""

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - any of boto3's methods
        method = getattr(self.client, name)

        def call(**arguments: Any) -> Any:  # noqa: ANN401
            self.counts[name] += 1
            when = self.fail(name)
            if when == "before":
                raise Killed
            answer = method(**arguments)
            if when == "after":
                raise Killed
            return answer

        return call


class Killed(BaseException):
    """The function ends."""


@pytest.fixture
def requests(table: Table) -> Requests:
    return Requests(table.client, Counter())


@pytest.fixture
def statistics(table: Table, requests: Requests) -> StatisticsRepository:
    return StatisticsRepository(replace(table, client=cast("DynamoDBClient", requests)))


@pytest.fixture
def counting(statistics: StatisticsRepository) -> StatisticsProjector:
    return StatisticsProjector(statistics, DeliveryRepository(statistics.table))


def rows(statistics: StatisticsRepository, day: str = DAY) -> dict[RowKey, Mapping[str, Any]]:
    """Every row of a day, without counters that have come back to 0."""
    day_rows = statistics.rows("acme", day, "00", "24")
    return {row.key: {name: n for name, n in row.counts.items() if n} for row in day_rows}


def spent(statistics: StatisticsRepository) -> object:
    return (statistics.table.get(LEDGER) or {}).get("spent_RUB", 0)


def test_a_delivery_is_counted_as_it_goes_on(
    counting: StatisticsProjector, statistics: StatisticsRepository, requests: Requests
) -> None:
    expected: list[dict[str, Any]] = [
        {"cost_estimated_mcn_RUB": Decimal("0.35")},
        {"accepted": 1, "cost_settled_mcn_RUB": Decimal("0.35")},
        {"answered": 1, "cost_settled_mcn_RUB": Decimal("0.35")},
    ]
    for change, counts in zip(records(LIVES["answered"]), expected, strict=True):
        counting.count(change)
        assert rows(statistics) == {CALL: {"sends": 1, "sends_mcn_RUB": 1, **counts}}
    assert requests.counts["transact_write_items"] == 3
    assert requests.counts["update_item"] == requests.counts["get_item"] == 0
    assert spent(statistics) == 0


def test_what_adds_nothing_costs_one_write_and_no_transaction(
    counting: StatisticsProjector, statistics: StatisticsRepository, requests: Requests
) -> None:
    first, second, _ = records(LIVES["approved"])
    counting.count(first)
    requests.counts.clear()
    counting.count(second)
    assert requests.counts == {"update_item": 1}
    mark = statistics.table.get({"PK": "CNT#ver_1", "SK": "CNT"})
    assert mark is not None
    assert mark["counted_version"] == 2


def test_a_rejected_delivery_gives_back_what_was_reserved_for_it(
    counting: StatisticsProjector, statistics: StatisticsRepository
) -> None:
    for change in records(LIVES["rejected"]) * 2:
        counting.count(change)
    assert rows(statistics) == {CALL: {"sends": 1, "sends_mcn_RUB": 1, "negative": 1}}
    assert spent(statistics) == Decimal("-0.35")


def test_an_approval_is_counted_with_its_start_and_its_channel(
    counting: StatisticsProjector, statistics: StatisticsRepository
) -> None:
    for change in records(LIVES["approved"]):
        counting.count(change)
    assert rows(statistics) == {
        RowKey("23", "verification", "VN", "+8438"): {"started": 1, "ended_approved": 1},
        RowKey("23", "password_call", "VN", "+8438"): {"approved": 1},
    }


APPROVED_AT = datetime(2026, 11, 22, 0, 10, tzinfo=UTC)


def approved(table: Table, deliveries: Sequence[Delivery], **fields: object) -> list[Image]:
    """The life of a verification that was approved after these deliveries."""
    for one in deliveries:
        reserve(DeliveryRepository(table), one, "k" * 64)
    about = {
        "unverified": {"day": DAY, "shard": 2, "ip_key": "i"},
        "ended_at": to_text(APPROVED_AT),
        "delivery_ids": [one.id for one in deliveries],
        **fields,
    }
    return [{**image, **about} for image in LIVES["approved"]]


def a_delivery(
    status: Status,
    seconds_before: float,
    channel: ChannelName = ChannelName.PASSWORD_CALL,
    number: int = 0,
) -> Delivery:
    at = to_text(APPROVED_AT - timedelta(seconds=seconds_before))
    return Delivery(
        id=f"dlv_{number:a>32}",
        client="acme",
        channel=channel,
        provider="mcn",
        phone="+84389801371",
        status=status,
        created_at=at,
        updated_at=at,
        fingerprint="f",
        attempt="a",
    )


OPEN, IP = f"LIM#OPEN#acme#VN#{DAY}#2", f"LIM#IP#acme#i#{DAY}"
DONE = "LIM#DONE#acme#VN#2026-11-22"


def budget(table: Table) -> dict[str, dict[str, object]]:
    """What the fraud budget's items count."""
    counts = {}
    for key in (OPEN, IP, DONE):
        item = table.get({"PK": key, "SK": "LIM"}) or {}
        names = item.keys() - {"PK", "SK", "entity", "expires_at"}
        counts[key] = {name: item[name] for name in sorted(names)}
    return counts


def test_an_approval_gives_back_what_it_took_of_the_fraud_budget(
    counting: StatisticsProjector, table: Table
) -> None:
    life = approved(table, [a_delivery(Status.ACCEPTED, 60)])
    for change in records(life)[::-1] * 2:
        counting.count(change)
    assert budget(table) == {
        OPEN: {"codes": -1, "unverified": -1, "verified": 1},
        IP: {"unverified": -1, "verified": 1, "verified_countries": {"VN"}},
        DONE: {"h00": 1},
    }


@pytest.mark.parametrize(
    "deliveries",
    [
        [],
        [a_delivery(Status.ACCEPTED, 4.9)],
        [a_delivery(Status.ACCEPTED, 9.9, ChannelName.VOICE_OTP)],
        [a_delivery(Status.DELIVERED, 2.9, ChannelName.ZNS)],
        [a_delivery(Status.RESERVED, 60)],
        [a_delivery(Status.REJECTED, 60), a_delivery(Status.BUSY, 60, number=1)],
        [a_delivery(Status.REJECTED, 60), a_delivery(Status.ACCEPTED, 1, number=1)],
    ],
)
def test_an_approval_of_what_nobody_can_have_read_gives_nothing_back(
    counting: StatisticsProjector,
    table: Table,
    statistics: StatisticsRepository,
    deliveries: list[Delivery],
) -> None:
    for change in records(approved(table, deliveries)):
        counting.count(change)
    assert budget(table) == {OPEN: {}, IP: {}, DONE: {}}
    assert rows(statistics)[RowKey("23", "password_call", "VN", "+8438")] == {"approved": 1}


def test_an_approved_code_of_the_callers_own_is_counted_apart(
    counting: StatisticsProjector, table: Table
) -> None:
    own = {"masked": "1234"}
    life = approved(table, [a_delivery(Status.UNKNOWN, 60)], code=own)
    for change in records(life) * 2:
        counting.count(change)
    assert budget(table) == {
        OPEN: {"codes": -1, "own_verified": 1, "unverified": -1},
        IP: {"own_verified": 1, "unverified": -1, "verified_countries": {"VN"}},
        DONE: {"o00": 1},
    }


def test_where_it_is_switched_off_a_code_of_the_callers_own_gives_nothing_back(
    counting: StatisticsProjector, table: Table
) -> None:
    unverified = {"day": DAY, "shard": 2, "ip_key": "i", "keeps_own": True}
    life = approved(
        table, [a_delivery(Status.ANSWERED, 60)], code={"masked": "1234"}, unverified=unverified
    )
    for change in records(life):
        counting.count(change)
    assert budget(table) == {OPEN: {}, IP: {}, DONE: {"o00": 1}}


def confirmed(table: Table, sent: Delivery, seconds: float, **fields: object) -> list[Image]:
    """The life of a single send whose feedback comes so long after it."""
    reserve(DeliveryRepository(table), sent, "k" * 64)
    at = to_text(APPROVED_AT)
    created = to_text(APPROVED_AT - timedelta(seconds=seconds))
    about = {
        "id": sent.id,
        "country": "VN",
        "created_at": created,
        "unverified": {"day": DAY, "shard": 2, "single": True},
        **fields,
    }
    right = {**ACCEPTED, "version": 3, "verified": True, "verified_at": at}
    answered = {**right, "version": 4, "status": "answered"}
    return [{**image, **about} for image in (DELIVERY, ACCEPTED, right, answered)]


def test_a_verified_single_send_is_counted_and_gives_back_its_place_once(
    counting: StatisticsProjector,
    table: Table,
    statistics: StatisticsRepository,
    requests: Requests,
) -> None:
    changes = records(confirmed(table, a_delivery(Status.ANSWERED, 60), 60))
    for change in changes[:2]:
        counting.count(change)
    requests.counts.clear()
    counting.count(changes[2])
    assert requests.counts == {"transact_write_items": 1, "batch_get_item": 1}
    for change in changes[::-1] * 2:
        counting.count(change)
    assert budget(table) == {OPEN: {"codes": -1, "own_verified": 1}, IP: {}, DONE: {"o00": 1}}
    [counts] = rows(statistics, "2026-11-22").values()
    assert (counts["sends"], counts["approved"], counts["feedback_verified"]) == (1, 1, 1)


@pytest.mark.parametrize(
    ("sent", "seconds", "fields"),
    [
        (a_delivery(Status.ACCEPTED, 4.9), 4.9, {}),
        (a_delivery(Status.REJECTED, 60), 60, {}),
        (a_delivery(Status.NO_ANSWER, 60), 60, {}),
        (a_delivery(Status.ANSWERED, 86_401), 86_401, {}),
        (a_delivery(Status.ANSWERED, 60), 60, {"test": True}),
    ],
)
def test_a_verified_single_send_that_nobody_can_have_read_gives_nothing_back(
    counting: StatisticsProjector,
    table: Table,
    sent: Delivery,
    seconds: float,
    fields: dict[str, object],
) -> None:
    for change in records(confirmed(table, sent, seconds, **fields)):
        counting.count(change)
    assert budget(table) == {OPEN: {}, IP: {}, DONE: {}}


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(5))
def test_any_order_and_any_number_of_times(
    counting: StatisticsProjector, statistics: StatisticsRepository, seed: int
) -> None:
    chance = random.Random(seed)  # noqa: S311 - shuffles
    lives = {
        f"{kind}_{number}": [{**image, "id": f"{kind}_{number}"} for image in life]
        for number, (kind, life) in enumerate(chance.choices(list(LIVES.items()), k=12))
    }
    once = [change for life in lives.values() for change in records(life)]
    some = once + chance.choices(once, k=20)
    chance.shuffle(some)
    for change in some:
        counting.count(change)
    last = [life[-1] for life in lives.values()]
    calls = [image for image in last if image["entity"] == "delivery"]
    expected = Counter(
        {
            "sends": len(calls),
            "sends_mcn_RUB": len(calls),
            "answered": sum(image["status"] == "answered" for image in calls),
            "negative": sum(image["status"] == "rejected" for image in calls),
            "unknown": sum(image["status"] == "unknown" for image in calls),
            "accepted": (confirmed := sum("verified" in image for image in calls)),
            "feedback_verified": confirmed,
            "approved": confirmed,
        }
    )
    by_key = rows(statistics)
    counts = by_key.get(CALL, {})
    assert {name: n for name, n in counts.items() if "cost" not in name} == +expected
    charged = expected["answered"] + confirmed
    assert counts.get("cost_settled_mcn_RUB", 0) == Decimal("0.35") * charged
    assert counts.get("cost_estimated_mcn_RUB", 0) == Decimal("0.35") * expected["unknown"]
    assert spent(statistics) == Decimal("-0.35") * expected["negative"]
    proofs = by_key.get(RowKey("23", "verification", "VN", "+8438"), {})
    assert proofs.get("started", 0) == len(last) - len(calls)
    for end in ("approved", "expired"):
        count = sum(image["status"] == end for image in last)
        assert proofs.get(f"ended_{end}", 0) == count


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("at", range(1, 4))
def test_a_function_that_ends_at_its_write_leaves_all_of_it_or_nothing(
    table: Table, statistics: StatisticsRepository, when: str, at: int
) -> None:
    writes = Counter[str]()

    def fail(name: str) -> str:
        writes["all"] += name == "transact_write_items"
        return when if name == "transact_write_items" and writes["all"] == at else ""

    dying = StatisticsProjector(
        StatisticsRepository(
            replace(table, client=cast("Any", Requests(table.client, writes, fail)))
        ),
        DeliveryRepository(table),
    )
    rest = records(LIVES["answered"])
    with pytest.raises(Killed):
        list(map(dying.count, rest))
    # The batch comes again, from its beginning.
    for change in rest:
        StatisticsProjector(statistics, DeliveryRepository(table)).count(change)
    counts = {"answered": 1, "cost_settled_mcn_RUB": Decimal("0.35")}
    assert rows(statistics) == {CALL: {"sends": 1, "sends_mcn_RUB": 1, **counts}}
    assert spent(statistics) == 0


def test_a_wrong_guess_costs_one_refused_write(
    counting: StatisticsProjector, statistics: StatisticsRepository, requests: Requests
) -> None:
    first, _, third = records(LIVES["answered"])
    counting.count(third)
    assert requests.counts == {"transact_write_items": 2}
    requests.counts.clear()
    counting.count(third)
    assert requests.counts == {"transact_write_items": 1}
    counting.count(first)
    assert rows(statistics)[CALL]["answered"] == 1


def test_what_a_version_added_before_a_release_is_put_right(
    counting: StatisticsProjector, statistics: StatisticsRepository, table: Table
) -> None:
    first, second, _ = records(LIVES["answered"])
    counting.count(first)
    # As if an older release had counted the reservation as something else.
    table.update(
        {"PK": "CNT#dlv_1", "SK": "CNT"},
        "SET counts = :counts",
        {":counts": {str(CALL): {"tried": 1}}},
    )
    table.update(
        {"PK": f"STS#acme#{DAY}", "SK": str(CALL)},
        "REMOVE sends, sends_mcn_RUB, cost_estimated_mcn_RUB SET tried = :one",
        {":one": 1},
    )
    counting.count(second)
    counts = {"accepted": 1, "cost_settled_mcn_RUB": Decimal("0.35")}
    assert rows(statistics) == {CALL: {"sends": 1, "sends_mcn_RUB": 1, **counts}}


def test_what_was_lost_is_counted_once_the_record_is_touched(
    counting: StatisticsProjector, statistics: StatisticsRepository
) -> None:
    first, _, third = records(LIVES["answered"])
    counting.count(first)
    for _ in range(2):
        counting.count(record(LIVES["answered"][-1], LIVES["answered"][-1]))
    assert rows(statistics)[CALL]["answered"] == 1
    counting.count(third)
    assert rows(statistics)[CALL]["answered"] == 1


def test_what_is_not_counted(counting: StatisticsProjector, requests: Requests) -> None:
    counting.count(record({**DELIVERY, "test": True}))
    counting.count(record({"entity": "reference", "PK": "REF#1", "SK": "REF"}))
    counting.count({"eventName": "REMOVE", "dynamodb": {"OldImage": to_wire(DELIVERY)}})
    assert requests.counts == {}


def test_a_table_that_is_not_there_is_no_count_lost(table: Table) -> None:
    projector = StatisticsProjector(
        StatisticsRepository(replace(table, name="no-such-table")), DeliveryRepository(table)
    )
    with pytest.raises(Unavailable):
        projector.count(record(DELIVERY))


def test_rows_are_of_a_client_a_day_and_hours(
    counting: StatisticsProjector, statistics: StatisticsRepository
) -> None:
    for number, (client, at) in enumerate(
        [
            ("acme", "2026-11-21T08:00:00.000Z"),
            ("acme", "2026-11-21T09:59:59.999Z"),
            ("acme", "2026-11-21T10:00:00.000Z"),
            ("acme", "2026-11-22T08:00:00.000Z"),
            ("acme-2", "2026-11-21T08:00:00.000Z"),
        ]
    ):
        about = {"id": f"dlv_{number}", "client": client, "created_at": at}
        counting.count(record({**DELIVERY, **about}))
    hours = [row.key.hour for row in statistics.rows("acme", DAY, "08", "10")]
    assert hours == ["08", "09"]
    assert [row.key.hour for row in statistics.rows("acme", DAY, "10", "24")] == ["10"]


def test_marks_and_rows_are_deleted_in_the_end(counting: StatisticsProjector, table: Table) -> None:
    ends = 1_800_000_000
    counting.count(record({**DELIVERY, "expires_at": ends}))
    mark = table.get({"PK": "CNT#dlv_1", "SK": "CNT"})
    row = table.get({"PK": f"STS#acme#{DAY}", "SK": str(CALL)})
    assert mark is not None
    assert row is not None
    # Later than the record: it may be changed until it is deleted.
    assert mark["expires_at"] == ends + 7 * 86_400
    assert row["expires_at"] == 1_829_779_200  # 2027-12-26


# ---------------------------------------------------------------------------------- the outbox


class Busy(StatisticsProjector):
    """Cannot count."""

    def count(self, record: Mapping[str, Any]) -> None:
        raise Unavailable("The table is too busy.")


def test_all_is_done_before_anything_is_counted_and_what_is_not_counted_comes_again(
    world: World, queue: Queue, statistics: StatisticsRepository
) -> None:
    killed_while_sending(world)
    changes = [{"eventName": "INSERT", **change} for change in stream(world, "DLV#")] * 2
    failing = Outbox(
        world.deliveries,
        agenda(queue),
        world.clock,
        (Busy(statistics, world.deliveries).count,),
        correlations=world.references,
    )
    with pytest.raises(Unavailable):
        failing.handle_all(changes)
    assert len(queue.sent) == 2
    counting = Outbox(
        world.deliveries,
        agenda(queue),
        world.clock,
        (StatisticsProjector(statistics, world.deliveries).count,),
        correlations=world.references,
    )
    counting.handle_all(changes)
    assert [row["sends"] for row in rows(statistics).values()] == [1]


def test_a_projection_that_fails_keeps_no_other_from_its_work(
    world: World, statistics: StatisticsRepository
) -> None:
    killed_while_sending(world)
    busy, counting = (
        Busy(statistics, world.deliveries),
        StatisticsProjector(statistics, world.deliveries),
    )
    for projections in ((busy.count, counting.count), (counting.count, busy.count)):
        outbox = Outbox(
            world.deliveries,
            agenda(Queue()),
            world.clock,
            projections,
            correlations=world.references,
        )
        with pytest.raises(Unavailable):
            outbox.handle_all(stream(world, "DLV#"))
        assert [row["sends"] for row in rows(statistics).values()] == [1]


def test_each_failure_is_logged_and_the_last_one_is_raised(
    world: World, statistics: StatisticsRepository, caplog: pytest.LogCaptureFixture
) -> None:
    killed_while_sending(world)

    def breaks(_record: Mapping[str, Any]) -> None:
        raise ValueError("broken")

    outbox = Outbox(
        world.deliveries,
        agenda(Queue()),
        world.clock,
        (Busy(statistics, world.deliveries).count, breaks),
        correlations=world.references,
    )
    with pytest.raises(ValueError, match="broken"):
        outbox.handle_all(stream(world, "DLV#"))
    failures = [record.exc_info[0] for record in caplog.records if record.exc_info]
    assert failures == [Unavailable, ValueError]


def test_what_cannot_be_done_does_not_keep_others_from_being_counted(
    world: World, statistics: StatisticsRepository
) -> None:
    killed_while_sending(world)
    outbox = Outbox(
        world.deliveries,
        agenda(Queue()),
        world.clock,
        (StatisticsProjector(statistics, world.deliveries).count,),
        correlations=world.references,
    )
    broken = {"eventName": "INSERT", "dynamodb": {"NewImage": to_wire({"entity": "reference"})}}
    with pytest.raises(KeyError):
        outbox.handle_all([broken, *stream(world, "DLV#")])
    assert len(rows(statistics)) == 1
