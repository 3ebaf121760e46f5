"""Call results: kept, matched, told; by the webhook's inbox and by the log that is asked."""

import json
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, urlsplit

import pytest

from ringpass.aws.due_index import DueIndex
from ringpass.clock import from_text, to_text
from ringpass.deliveries.abandoned import give_up
from ringpass.deliveries.call_reports import CalleeDelivery, CallReport, ReportSource
from ringpass.deliveries.callees_store import Callee, CalleeRepository
from ringpass.deliveries.model import Delivery, Fact
from ringpass.deliveries.poll_schedule import PollSchedule
from ringpass.deliveries.receipts.bizfly import BizflyWebhookReceiver
from ringpass.deliveries.receipts.bizfly_call_log import BizflyCallLog, windows
from ringpass.deliveries.receipts.call_results import CallResults
from ringpass.deliveries.receipts.reconciler import Reconciler
from ringpass.deliveries.receipts.unmatched_receipts_store import UnmatchedReceiptRepository
from ringpass.deliveries.requests import VoiceOtp
from ringpass.deliveries.send import SendService
from ringpass.errors import Unauthorized, Unavailable
from ringpass.ids import phone_key
from ringpass.outcomes import Status
from ringpass.providers.base import HttpRequest, HttpResponse, NoResponse
from ringpass.providers.bizfly.webhook_cli import RefusedError, Registration
from ringpass.redaction import Secret
from ringpass.wiring.provider_facts import PROVIDERS
from tests.moto_table import moto_client
from tests.transactions import reserve
from tests.world import World

if TYPE_CHECKING:
    from collections.abc import Callable

PHONE = "+84389801371"
NATIONAL = "0389801371"
TOKEN = "hook-token"
SCHEDULE = PollSchedule.of(PROVIDERS)
ACCEPTED = HttpResponse(200, '{"message": "thành công", "status": true}'.encode())
REFUSED = HttpResponse(200, b'{"message": "no", "status": false}')
CUT = NoResponse("connection_cut")


@dataclass
class Log:
    """Bizfly's call log: rows, newest first, in pages; or another answer."""

    rows: list[dict[str, Any]] = field(default_factory=list)
    answer: HttpResponse | NoResponse | None = None
    key: str = "key"
    queries: list[dict[str, str]] = field(default_factory=list)
    honest: bool = True
    """Whether it knows pages."""

    def send(self, request: HttpRequest) -> HttpResponse | NoResponse:
        assert request.method == "GET"
        parts = urlsplit(request.url)
        assert parts.path == "/v1/api/reports"
        query = dict(parse_qsl(parts.query))
        self.queries.append(query)
        if request.headers["Authorization"] != self.key:
            return HttpResponse(401, b'{"status": false}')
        if self.answer:
            return self.answer
        rows = [
            row
            for row in self.rows
            if int(query["from_time"]) <= row["start_time"] <= int(query["to_time"])
        ]
        start = (int(query["offset"]) - 1) * int(query["limit"]) if self.honest else 0
        page = rows[start : start + int(query["limit"])]
        return HttpResponse(200, json.dumps({"data": page, "total": len(rows)}).encode())


@dataclass
class Results:
    """The parts that these tests are about, on a small stack."""

    world: World
    callees: CalleeRepository
    inbox: BizflyWebhookReceiver
    log: Log
    reconcile: Reconciler
    voice: SendService[VoiceOtp]

    def call(self, answer: HttpResponse | NoResponse = ACCEPTED, phone: str = PHONE) -> Delivery:
        self.world.wire.answers = [answer]
        command = VoiceOtp.from_mapping({"phone": phone, "otp": "482915"})
        return self.voice.send(command, "acme", None).delivery

    def report(self, state: str = "BUSY", token: str = TOKEN, **fields: object) -> int:
        """A delivery of the webhook."""
        row = {"callee": NATIONAL, "state": state} | fields
        return self.inbox.receive(token, json.dumps(row).encode())

    def logged(self, began: datetime, state: str = "BUSY", **fields: object) -> None:
        row = {"callee": NATIONAL, "state": state, "start_time": int(began.timestamp())}
        self.log.rows.insert(0, row | {"call_id": f"log-{len(self.log.rows)}"} | fields)

    def now(self, delivery: Delivery) -> Delivery:
        current = self.world.deliveries.get(delivery.id)
        assert current is not None
        return current

    def status(self, delivery: Delivery) -> Status:
        return self.now(delivery).status

    def waits(self, delivery: Delivery) -> str | None:
        item = self.world.table.get({"PK": f"DLV#{delivery.id}", "SK": "DLV"})
        assert item is not None
        return item.get("due_at")

    def last_word(self, delivery: Delivery) -> str | None:
        return self.now(delivery).history[-1].reason


@pytest.fixture
def results(world: World) -> Results:
    moto_client("secretsmanager").create_secret(
        Name="bizfly_webhook", SecretString=json.dumps({"tokens": [TOKEN, "old-token"]})
    )
    callees, log = CalleeRepository(world.table), Log()
    settle = CallResults(callees, world.deliveries)
    source = BizflyCallLog(
        "https://example.test", log.send, world.secrets, callees, settle, {}, world.clock
    )
    return Results(
        world=world,
        callees=callees,
        inbox=BizflyWebhookReceiver(
            secrets=world.secrets,
            results=settle,
            payloads=world.payloads,
            unmatched_receipts=UnmatchedReceiptRepository(world.table, world.secrets, 1),
            states={},
            clock=world.clock,
        ),
        log=log,
        reconcile=Reconciler(DueIndex(world.table), world.deliveries, (source,), world.clock),
        voice=SendService(
            "test",
            "POST /v1/voice-otp",
            world.parts.voice_otp,
            world.preferences,
            world.secrets,
            world.clock,
        ),
    )


# ---------------------------------------------------------------------------------- the webhook


@pytest.mark.slow
@pytest.mark.parametrize(
    ("state", "status", "reason"),
    [
        ("ANSWERED", Status.ANSWERED, None),
        ("BUSY", Status.BUSY, None),
        ("NO ANSWER", Status.NO_ANSWER, None),
        ("FAILED", Status.FAILED, "state_failed"),
    ],
)
def test_a_result_settles_its_delivery(
    results: Results, state: str, status: Status, reason: str | None
) -> None:
    delivery = results.call()
    assert results.waits(delivery) is not None
    assert results.report(state) == 1
    assert (results.status(delivery), results.now(delivery).reason) == (status, reason)
    assert results.waits(delivery) is None


@pytest.mark.slow
def test_a_reservation_notes_whom_it_calls(results: Results, world: World) -> None:
    delivery = results.call()
    key = phone_key(world.secrets.value("lookup", "key"), PHONE)
    assert results.callees.get("bizfly", key).deliveries == (
        CalleeDelivery(delivery.id, from_text(delivery.created_at)),
    )


@pytest.mark.slow
def test_a_repeated_result_settles_once(results: Results) -> None:
    delivery = results.call()
    for _ in range(3):
        results.report("BUSY", start_time=results.world.clock().timestamp())
    assert [entry.status for entry in results.now(delivery).history] == [
        "reserved",
        "accepted",
        "busy",
    ]


@pytest.mark.slow
def test_a_contradicting_one_is_a_remark(results: Results) -> None:
    delivery = results.call()
    results.report("BUSY", call_id="one")
    results.report("ANSWERED", call_id="one")
    assert results.status(delivery) is Status.BUSY
    assert results.last_word(delivery) == "later_cdr_answered"


@pytest.mark.slow
def test_a_result_tells_of_a_call_whose_reply_was_cut(results: Results) -> None:
    delivery = results.call(CUT)
    assert (delivery.status, results.waits(delivery) is not None) == (Status.UNKNOWN, True)
    results.report("ANSWERED")
    assert results.status(delivery) is Status.ANSWERED


@pytest.mark.slow
def test_a_result_before_the_reply_is_not_undone_by_it(results: Results) -> None:
    def tell_first() -> HttpResponse | NoResponse:
        results.report("NO ANSWER")
        return ACCEPTED

    results.world.wire.answers = [tell_first]
    command = VoiceOtp.from_mapping({"phone": PHONE, "otp": "482915"})
    delivery = results.voice.send(command, "acme", None).delivery
    assert delivery.status is Status.NO_ANSWER
    assert delivery.history[-1].reason == "later_reply_accepted"
    assert results.waits(delivery) is None


@pytest.mark.slow
def test_an_unknown_word_leaves_it_open_and_gives_way(results: Results) -> None:
    delivery = results.call()
    results.report("Ringing", call_id="one")
    assert results.status(delivery) is Status.ACCEPTED
    assert results.last_word(delivery) == "later_cdr_unknown:state_ringing"
    assert results.waits(delivery) is not None
    results.report("BUSY", call_id="one")
    assert results.status(delivery) is Status.BUSY


@pytest.mark.slow
def test_two_calls_to_one_number_are_told_apart_by_their_beginning(results: Results) -> None:
    first = results.call()
    results.world.clock.turn(seconds=30)
    second = results.call()
    began = results.world.clock().timestamp()
    results.report("BUSY", start_time=began + 2)
    assert (results.status(first), results.status(second)) == ("accepted", "accepted")
    results.report("NO ANSWER", start_time=began - 28)
    assert (results.status(first), results.status(second)) == ("no_answer", "busy")


@pytest.mark.slow
def test_a_refused_call_is_nobody_s_rival(results: Results) -> None:
    rejected_call, accepted_call = results.call(REFUSED), results.call()
    results.report("BUSY")
    assert (results.status(rejected_call), results.status(accepted_call)) == ("rejected", "busy")


@pytest.mark.slow
def test_a_result_for_nobody_is_kept(results: Results, world: World) -> None:
    assert results.report("BUSY") == 1
    key = phone_key(world.secrets.value("lookup", "key"), PHONE)
    [row] = results.callees.get("bizfly", key).reports
    assert (row.outcome, row.delivery_id) == (Status.BUSY, None)
    # And is not taken for a call that is made later.
    world.clock.turn(seconds=1)
    assert results.status(results.call()) is Status.ACCEPTED


@pytest.mark.slow
@pytest.mark.parametrize(
    ("body", "why", "count"),
    [
        (b"hello", "unreadable", 0),
        (b'{"callee": "101", "state": "BUSY"}', "no_callee", 1),
        (b'{"callee": "0389801371", "direct": "inbound", "state": "BUSY"}', "inbound", 1),
        (b"1" * 70_000, "oversized", 0),
    ],
)
def test_what_tells_of_no_call_of_ours_is_kept_aside(
    results: Results, body: bytes, why: str, count: int
) -> None:
    delivery = results.call()
    assert results.inbox.receive(TOKEN, body) == count
    scanned = results.world.table.client.scan(TableName=results.world.table.name)["Items"]
    [item] = [
        item
        for item in scanned
        if item["PK"]["S"].startswith("RAW#bizfly#") and item["SK"]["S"] == "RAW"
    ]
    assert item["why"]["S"] == why
    assert results.status(delivery) is Status.ACCEPTED


@pytest.mark.slow
def test_many_calls_in_one_delivery_are_stored_first_and_taken_later(results: Results) -> None:
    delivery = results.call()
    rows = [{"callee": NATIONAL, "state": "BUSY", "id": number} for number in range(60)]
    assert results.inbox.receive(TOKEN, json.dumps(rows).encode()) == 60
    assert results.status(delivery) is Status.ACCEPTED
    [payload] = results.world.payloads.list_unmatched("bizfly")
    results.inbox.work(payload.id)
    assert results.status(delivery) is Status.BUSY
    assert list(results.world.payloads.list_unmatched("bizfly")) == []


def test_the_token_is_right_old_new_or_wrong(results: Results) -> None:
    delivery = results.call()
    for wrong in ("", "wrong", f"Bearer {TOKEN}", TOKEN[:-1], TOKEN + "x", "\udcff"):
        with pytest.raises(Unauthorized):
            results.report(token=wrong)
    assert results.status(delivery) is Status.ACCEPTED
    assert results.report(token="old-token") == 1
    results.world.put_secret("bizfly_webhook", token="new-token")
    results.world.clock.turn(minutes=1)
    # The new one is valid at once; the old one as long as the secret is cached.
    results.world.secrets._refetches.clear()
    assert results.report(token="new-token") == 1
    with pytest.raises(Unauthorized):
        results.report(token="old-token")


def test_what_a_stack_calls_states_counts(results: Results) -> None:
    delivery = results.call()
    own = replace(results.inbox, states={"nhỡ": Status.NO_ANSWER})
    own.receive(TOKEN, json.dumps({"callee": NATIONAL, "state": "Nhỡ"}).encode())
    assert results.status(delivery) is Status.NO_ANSWER


@pytest.mark.slow
def test_a_table_that_is_always_changed_meanwhile_is_too_busy(results: Results) -> None:
    class Busy(CalleeRepository):
        def put_reports(self, callee: Callee, rows: object, now: datetime) -> bool:
            return False

    busy = CallResults(Busy(results.world.table), results.world.deliveries)
    row = CallReport(
        source=ReportSource.WEBHOOK,
        key="a",
        received_at=results.world.clock(),
        started_at=None,
        outcome=Status.BUSY,
        reason=None,
    )
    with pytest.raises(Unavailable):
        busy.apply("bizfly", "key", [row], results.world.clock())


# --------------------------------------------------------------------------------------- the log


@pytest.mark.slow
def test_where_the_webhook_never_comes_the_log_settles(results: Results) -> None:
    delivery = results.call()
    results.logged(results.world.clock() + timedelta(seconds=1), "NO ANSWER")
    results.reconcile.run()
    assert results.log.queries == []  # Too early: the phone may ring.
    results.world.clock.turn(minutes=2, seconds=1)
    assert results.reconcile.run().polled == 1
    assert results.status(delivery) is Status.NO_ANSWER
    results.world.clock.turn(hours=1)
    assert results.reconcile.run().polled == 0


@pytest.mark.slow
def test_a_call_that_both_tell_of_is_settled_once(results: Results) -> None:
    delivery = results.call()
    other = results.call(phone="+84389801372")
    results.report("BUSY", start_time=results.world.clock().timestamp())
    settled = results.now(delivery)
    results.logged(results.world.clock(), "BUSY")
    results.world.clock.turn(minutes=3)
    results.reconcile.run()
    assert results.now(delivery) == settled
    assert results.status(other) is Status.ACCEPTED


@pytest.mark.slow
def test_one_of_two_calls_is_told_by_the_webhook_and_the_other_by_the_log(
    results: Results,
) -> None:
    first = results.call()
    results.report("BUSY", start_time=results.world.clock().timestamp())
    results.logged(results.world.clock(), "BUSY")
    results.world.clock.turn(seconds=30)
    second = results.call()
    results.logged(results.world.clock() + timedelta(seconds=1), "ANSWERED")
    results.world.clock.turn(minutes=3)
    results.reconcile.run()
    assert (results.status(first), results.status(second)) == ("busy", "answered")


@pytest.mark.slow
def test_what_cannot_be_told_apart_says_so_and_is_asked_again(results: Results) -> None:
    deliveries = [results.call(), results.call()]
    for _ in deliveries:
        results.logged(results.world.clock() + timedelta(seconds=1))
    results.world.clock.turn(minutes=3)
    results.reconcile.run()
    for delivery in deliveries:
        assert results.status(delivery) is Status.ACCEPTED
        assert results.last_word(delivery) == "later_cdr_unknown:ambiguous_result"
        assert results.waits(delivery) == to_text(
            from_text(delivery.created_at) + timedelta(minutes=5)
        )
    versions = [results.now(delivery).version for delivery in deliveries]
    results.world.clock.turn(minutes=5)
    results.reconcile.run()
    assert [results.now(delivery).version for delivery in deliveries] == versions


@pytest.mark.slow
def test_it_is_asked_less_and_less_often_for_a_day(results: Results) -> None:
    delivery = results.call()
    poll_minutes = []
    # Every five minutes, as it is scheduled; later on it has nothing to do most of the time.
    for minutes in [5] * 24 + [30] * 56:
        results.world.clock.turn(minutes=minutes)
        if results.reconcile.run().polled:
            poll_minutes.append(
                int((results.world.clock() - from_text(delivery.created_at)).seconds / 60)
            )
    assert poll_minutes[:5] == [5, 15, 25, 45, 95]
    assert len(poll_minutes) <= 10
    assert results.last_word(delivery) == "later_cdr_unknown:no_result"
    assert results.waits(delivery) is None
    assert results.status(delivery) is Status.ACCEPTED


def test_all_pages_are_read_and_no_more(results: Results) -> None:
    delivery = results.call()
    for number in range(50):
        results.logged(
            results.world.clock() + timedelta(seconds=1), callee=f"09{number:08}", call_id=number
        )
    results.log.rows.append(
        {
            "callee": NATIONAL,
            "state": "BUSY",
            "start_time": int(results.world.clock().timestamp()),
            "call_id": "ours",
        }
    )
    results.world.clock.turn(minutes=3)
    results.reconcile.run()
    assert results.status(delivery) is Status.BUSY
    assert [query["offset"] for query in results.log.queries] == ["1", "2", "3"]
    assert {query["limit"] for query in results.log.queries} == {"20"}


def test_a_log_that_knows_no_pages_is_not_asked_forever(results: Results) -> None:
    delivery = results.call()
    for number in range(21):
        results.logged(results.world.clock(), callee=f"09{number:08}")
    results.log.honest = False
    results.world.clock.turn(minutes=3)
    results.reconcile.run()
    assert len(results.log.queries) == 2
    assert results.status(delivery) is Status.ACCEPTED


@pytest.mark.slow
@pytest.mark.parametrize(
    "answer",
    [
        NoResponse("timeout"),
        HttpResponse(500, b"<html>"),
        HttpResponse(403, b"{}"),
        HttpResponse(200, b"<html>"),
    ],
)
def test_a_log_that_does_not_answer_is_asked_at_the_next_run(
    results: Results, answer: HttpResponse | NoResponse
) -> None:
    delivery = results.call()
    due = results.waits(delivery)
    results.logged(results.world.clock())
    results.log.answer = answer
    results.world.clock.turn(minutes=3)
    assert results.reconcile.run().polled == 0
    assert results.waits(delivery) == due
    results.log.answer = None
    assert results.reconcile.run().polled == 1
    assert results.status(delivery) is Status.BUSY


def test_who_never_answers_is_not_asked_forever(results: Results) -> None:
    delivery = results.call()
    results.log.answer = NoResponse("timeout")
    results.world.clock.turn(hours=25, seconds=1)
    assert results.reconcile.run().expired == 1
    assert results.last_word(delivery) == "later_cdr_unknown:no_result"
    assert results.waits(delivery) is None


@pytest.mark.parametrize(
    "document", [{}, [], {"data": None}, {"data": {"items": []}}, "text", {"data": ["x"]}]
)
def test_an_answer_without_rows_says_nothing(results: Results, document: object) -> None:
    delivery = results.call()
    results.log.answer = HttpResponse(200, json.dumps(document).encode())
    results.world.clock.turn(minutes=3)
    assert results.reconcile.run().polled == 1
    assert results.status(delivery) is Status.ACCEPTED


@pytest.mark.slow
def test_a_401_is_asked_once_more_with_a_fresh_key(results: Results) -> None:
    delivery = results.call()
    results.logged(results.world.clock())
    results.world.put_secret("bizfly", api_key="new-key")
    results.log.key = "new-key"
    results.world.clock.turn(minutes=3)
    results.reconcile.run()
    assert results.status(delivery) is Status.BUSY
    assert len(results.log.queries) == 2


def test_each_account_s_log_is_asked_once(results: Results) -> None:
    results.world.put_secret("bizfly", api_key="one", second="two", same_as_second="two")
    results.world.secrets._cache.clear()
    keys: list[str] = []
    inner = results.log.send

    def send(request: HttpRequest) -> HttpResponse | NoResponse:
        keys.append(request.headers["Authorization"])
        results.log.key = keys[-1]
        return inner(request)

    source = BizflyCallLog(
        "https://example.test",
        send,
        results.world.secrets,
        results.callees,
        results.inbox.results,
        {},
        results.world.clock,
    )
    delivery = results.call()
    results.logged(results.world.clock())
    source.poll([results.now(delivery)], results.world.clock())
    assert sorted(keys) == ["one", "two"]
    assert results.status(delivery) is Status.BUSY


def test_a_test_number_is_never_asked_about(results: Results) -> None:
    delivery = results.call()
    assert SCHEDULE.next_poll_at(delivery, results.world.clock()) is not None
    played = replace(delivery, test=True)
    assert SCHEDULE.next_poll_at(played, results.world.clock()) is None
    assert SCHEDULE.next_poll_entry(played, results.world.clock()) == {}
    assert SCHEDULE.next_poll_at(replace(delivery, provider="mcn"), results.world.clock()) is None


def test_a_delivery_whose_function_died_is_asked_about(results: Results) -> None:
    delivery = results.call()
    reserved = replace(
        delivery,
        id="dlv_lost",
        status=Status.RESERVED,
        history=delivery.history[:1],
        version=1,
    )
    reserve(results.world.deliveries, reserved, "key")
    results.world.clock.turn(seconds=40)
    lost = give_up(results.world.deliveries, reserved, results.world.clock())
    assert lost is not None
    assert lost.status is Status.UNKNOWN
    assert results.waits(lost) is not None


def test_one_provider_s_trouble_is_not_another_s(results: Results) -> None:
    class Failing:
        provider = "bizfly"

        def poll(self, _deliveries: object, _now: datetime) -> dict[str, list[Fact]]:
            raise Unavailable("not now")

    polls: list[int] = []

    class Other:
        provider = "bizfly"

        def poll(self, deliveries: list[Delivery], _now: datetime) -> dict[str, list[Fact]]:
            polls.append(len(deliveries))
            return {}

    results.call()
    results.world.clock.turn(minutes=3)
    both = Reconciler(
        DueIndex(results.world.table),
        results.world.deliveries,
        (Failing(), Other()),  # type: ignore[arg-type]
        results.world.clock,
    )
    with pytest.raises(Unavailable):
        both.run()
    assert polls == [1]


# ---------------------------------------------------------------------------------- its windows


def windows_of(results: Results, *ages: float, due: int = 0) -> list[tuple[float, float]]:
    """Windows for one due delivery among calls made at these seconds, relative to the first."""
    start = results.world.clock()
    delivery = results.call()
    callee_deliveries = [CalleeDelivery(f"d{age}", start + timedelta(seconds=age)) for age in ages]
    callee = Callee("bizfly", "key", tuple(callee_deliveries))
    due_one = replace(delivery, created_at=to_text(callee_deliveries[due].created_at))
    return [
        ((one.first - start).total_seconds(), (one.last - start).total_seconds())
        for one in windows([due_one], {due_one.id: "key"}, {"key": callee})
    ]


def test_a_window_holds_a_call_and_its_rivals(results: Results) -> None:
    assert windows_of(results, 0) == [(-5, 60)]
    assert windows_of(results, 0, 50) == [(-5, 110)]
    assert windows_of(results, 0, 50, 110, due=1) == [(-5, 170)]
    assert windows_of(results, 0, 66) == [(-5, 60)]


# --------------------------------------------------------------------------------- the command


def registration(
    answer: HttpResponse | NoResponse,
) -> tuple[Registration, list[HttpRequest]]:
    requests: list[HttpRequest] = []

    def send(request: HttpRequest) -> HttpResponse | NoResponse:
        requests.append(request)
        return answer

    return Registration("https://example.test", Secret("the-key"), send), requests


def test_a_webhook_is_registered_as_public_clients_do_it() -> None:
    one, outcomes = registration(HttpResponse(200, b'{"status": true}'))
    one.register("https://example.test/hook", Secret("the-token"))
    [request] = outcomes
    assert (request.method, request.url) == ("PUT", "https://example.test/v1/api/webhooks")
    assert request.headers["Authorization"] == "the-key"
    assert json.loads(request.body) == {"url": "https://example.test/hook", "token": "the-token"}


def test_a_webhook_is_removed() -> None:
    one, outcomes = registration(HttpResponse(204, b""))
    one.remove()
    [request] = outcomes
    assert (request.method, request.body) == ("DELETE", b"")


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (HttpResponse(400, b'{"error": "data_invalid"}'), "does not take the address"),
        (HttpResponse(401, b""), "does not know the key"),
        (HttpResponse(403, b"{}"), "support"),
        (HttpResponse(404, b"<html>"), "no switchboard"),
        (HttpResponse(500, b"[]"), "try again later"),
        (HttpResponse(418, b"null"), "HTTP 418"),
        (HttpResponse(200, b'{"status": false, "message": "no"}'), "HTTP 200, no"),
        (NoResponse("timeout"), "it does no harm"),
    ],
)
def test_why_it_was_not_done_can_be_read(answer: HttpResponse | NoResponse, words: str) -> None:
    one, _ = registration(answer)
    steps: list[Callable[[], None]] = [
        lambda: one.register("https://example.test", Secret("the-token")),
        one.remove,
    ]
    for step in steps:
        with pytest.raises(RefusedError, match=words) as refusal:
            step()
        assert "the-token" not in str(refusal.value)
        assert "the-key" not in str(refusal.value)
