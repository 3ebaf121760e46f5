"""From Zalo's webhook to the permission: kept at once, worked on behind the queue, never lost."""

import hashlib
import json
from dataclasses import replace
from typing import Any

import pytest

from ringpass.aws.due_index import DueIndex
from ringpass.background.outbox import Outbox
from ringpass.background.sweeper import OverdueSweeper
from ringpass.background.tasks import Task, TaskType
from ringpass.background.worker import TaskWorker
from ringpass.deliveries.receipts.unmatched_receipts_store import UnmatchedReceiptRepository
from ringpass.deliveries.receipts.zalo import ZaloWebhookReceiver
from ringpass.oa.consents.model import ConsentState
from ringpass.oa.events.model import CALL_EVENTS, CONSENT_EVENTS
from tests.background.test_worker import Queue, agenda, stream
from tests.oa.consent_office import DIGITS, OA, OTHER_OA, SHOP, Office
from tests.world import RETENTION, World

APP, KEY = "1234567890123456789", "oa-secret-key"
ALLOW = {"event_name": "user_reply_consent", "phone": DIGITS, "user_consent": "ALLOW"}


@pytest.fixture
def office(world: World) -> Office:
    return Office.made(world)


@pytest.fixture
def inbox(world: World, office: Office) -> ZaloWebhookReceiver:
    world.secrets.client.create_secret(Name="zalo", SecretString=json.dumps({"oa_secret_key": KEY}))
    return ZaloWebhookReceiver(
        secrets=world.secrets,
        app_id=APP,
        deliveries=world.deliveries,
        correlations=world.references,
        payloads=world.payloads,
        unmatched_receipts=UnmatchedReceiptRepository(world.table, world.secrets, RETENTION),
        clock=world.clock,
        handlers=dict.fromkeys((*CONSENT_EVENTS, *CALL_EVENTS), office.inbox.keep),
    )


def post(inbox: ZaloWebhookReceiver, **fields: object) -> int:
    """Zalo's webhook delivery, signed."""
    event = {"oa_id": OA, "timestamp": "1795249800000"} | fields
    body = json.dumps(event).encode()
    text = APP.encode() + body + str(event["timestamp"]).encode() + KEY.encode()
    digest = hashlib.sha256(text).hexdigest()
    return inbox.receive(f"mac={digest}", "", body)


def advance_of(office: Office, queue: Queue) -> TaskWorker:
    world = office.world
    return TaskWorker(
        world.deliveries,
        world.references,
        world.joins,
        world.simulations,
        lambda: world.moves,
        agenda(queue),
        world.clock,
        lambda: office.events,
    )


def do_all(office: Office, queue: Queue) -> None:
    """What ``advance`` does with all that is queued."""
    advance = advance_of(office, queue)
    tasks, queue.sent = queue.sent, []
    for message in tasks:
        advance.run(Task.from_json(message["MessageBody"]))


def test_an_event_is_kept_then_queued_then_worked_on(
    world: World, office: Office, inbox: ZaloWebhookReceiver
) -> None:
    queue = Queue()
    outbox = Outbox(world.deliveries, agenda(queue), world.clock, correlations=world.references)
    for _ in range(3):
        assert post(inbox, **ALLOW) == 1
    [record] = stream(world, "OAE#")
    assert office.items("CNS#") == []
    for _ in range(2):
        outbox.handle(record)
        [message] = queue.sent
        assert json.loads(message["MessageBody"])["do"] == TaskType.OA_EVENT
        assert DIGITS not in message["MessageBody"]
        do_all(office, queue)
    assert office.state() == ConsentState.ALLOWED
    # That it has been worked on needs nothing more.
    outbox.handle({**stream(world, "OAE#")[0], "eventName": "MODIFY"})
    assert queue.sent == []


def test_a_copy_of_an_event_allows_nothing_once_it_is_deleted(
    world: World, office: Office, inbox: ZaloWebhookReceiver
) -> None:
    """At once, later, and when everything of before has been forgotten."""
    post(inbox, **ALLOW)
    office.events.work(office.items("OAE#")[0]["digest"]["S"])
    assert office.state() == ConsentState.ALLOWED
    world.clock.turn(seconds=1)
    office.consents.delete(OA, SHOP, office.consent.id)

    def copy() -> None:
        post(inbox, **ALLOW)
        for item in office.items("OAE#"):
            office.events.work(item["digest"]["S"])
        assert [one["SK"] for one in office.items("CN") if "phone" in one] == []

    copy()
    world.clock.turn(hours=2)
    copy()
    for forgotten in (*office.items("OAE#"), *office.items("CNS#")):
        world.table.delete({"PK": forgotten["PK"]["S"], "SK": forgotten["SK"]["S"]})
    world.clock.turn(hours=2)
    copy()
    assert [item["why"] for item in office.items("RAW#")] == [{"S": "too_old"}]
    assert office.items("CN") == []


def test_an_event_that_the_stream_lost_is_found_by_the_sweep(
    world: World, office: Office, inbox: ZaloWebhookReceiver
) -> None:
    queue = Queue()
    sweep = OverdueSweeper(DueIndex(world.table), agenda(queue), world.clock)
    post(inbox, **ALLOW)
    assert sweep.run() == 0
    world.clock.turn(minutes=6)
    assert sweep.run() == 1
    do_all(office, queue)
    assert office.state() == ConsentState.ALLOWED
    assert sweep.run() == 0


@pytest.mark.parametrize("name", [*CONSENT_EVENTS, *CALL_EVENTS])
def test_the_oas_events_are_kept_and_anothers_are_strays(
    office: Office, inbox: ZaloWebhookReceiver, name: str
) -> None:
    assert post(inbox, event_name=name, phone=DIGITS) == 1
    assert len(office.items("OAE#")) == 1
    assert post(inbox, event_name=name, phone=DIGITS, oa_id=OTHER_OA) == 1
    [stray] = office.items("RAW#")
    assert stray["why"]["S"] == "other_oa"
    assert DIGITS not in json.dumps(stray)


def test_where_there_is_no_oa_nothing_is_kept_for_it(
    office: Office, inbox: ZaloWebhookReceiver
) -> None:
    for missing in ("oa_id", "client"):
        nobodys = replace(office.inbox, access=replace(office.inbox.access, **{missing: ""}))
        desk = replace(inbox, handlers={"user_reply_consent": nobodys.keep})
        assert post(desk, **ALLOW) == 1
        assert office.items("OAE#") == []
        assert [item["why"]["S"] for item in office.items("RAW#")] == ["no_call_desk"]


@pytest.mark.parametrize(
    "fields",
    [
        {"extra": {"a": {"b": [{"c": None}] * 3}}},
        {"deep": json.loads("[" * 60 + "]" * 60)},
        {"text": "x" * 60_000},
        {"surrogate": "\ud800"},
        {"": "", "float": 1.5, "no": None},
    ],
)
def test_an_event_of_any_shape_is_kept_as_it_is(
    office: Office, inbox: ZaloWebhookReceiver, fields: dict[str, Any]
) -> None:
    assert post(inbox, **ALLOW, **fields) == 1
    [item] = office.items("OAE#")
    office.events.work(item["digest"]["S"])
    assert office.state() == ConsentState.ALLOWED


def test_an_event_that_nobody_works_on_is_done_with(office: Office) -> None:
    digest = office.keep("oa_call_user", call_id="1")
    office.events.work(digest or "")
    assert "due_at" not in office.items("OAE#")[0]
    office.events.work("none")
