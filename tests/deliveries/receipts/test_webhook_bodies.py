"""Bodies of webhooks in any form: joined, or kept whole until they are replayed; never lost.

The forms are those of MCN's CDR, whose body accounts write by hand; all receivers read in one way.
"""

import hashlib
import json
from base64 import b64encode
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any, cast
from urllib.parse import quote, quote_plus, urlencode

import pytest
from hypothesis import HealthCheck, given, note, settings
from hypothesis import strategies as st

from ringpass.aws.dynamodb import Table
from ringpass.background.outbox import Outbox
from ringpass.background.tasks import Task, TaskQueue, TaskType
from ringpass.background.worker import TaskWorker
from ringpass.clock import to_text
from ringpass.deliveries.callees_store import CalleeRepository
from ringpass.deliveries.model import Delivery, Fact, Source
from ringpass.deliveries.receipts.bizfly import BizflyWebhookReceiver
from ringpass.deliveries.receipts.call_results import CallResults
from ringpass.deliveries.receipts.replay import Replays
from ringpass.deliveries.receipts.unmatched_receipts_store import UnmatchedReceiptRepository
from ringpass.deliveries.receipts.webhook_receiver import MAX_EVENTS_AT_ONCE, WebhookReceiver
from ringpass.deliveries.receipts.zalo import ZaloWebhookReceiver
from ringpass.ids import phone_key
from ringpass.outcomes import Status
from ringpass.providers.caresoft.webhook import signature_of
from ringpass.providers.facts import ChannelName
from ringpass.redaction import Secret
from ringpass.wiring.replay import PROVIDERS
from tests.transactions import reserve
from tests.world import REF, RETENTION, TOKEN, World

PHONE = "+79161230203"
APP, OA_KEY, BIZFLY_TOKEN = "1234567890", "oa-secret-key", "bizfly-token"
FIELDS = {
    "verification_call_uuid": REF,
    "q931_status": 17,
    "final_status": "CANCEL",
    "called_number": "79161230203",
}


# ---------------------------------------------------------------------------------------- a stack


def a_call(world: World, ref: str | None, delivery_id: str = "dlv_" + "a" * 32) -> Delivery:
    """A call that MCN took, as the reply left it; None: its reply was lost."""
    now = world.clock()
    delivery = Delivery(
        id=delivery_id,
        client="acme",
        channel=ChannelName.PASSWORD_CALL,
        provider="mcn",
        phone=PHONE,
        country="RU",
        status=Status.RESERVED,
        created_at=to_text(now),
        updated_at=to_text(now),
        fingerprint="f",
        attempt="a",
    )
    reserve(world.deliveries, delivery, phone_key(Secret("k" * 64), PHONE))
    status = Status.ACCEPTED if ref else Status.UNKNOWN
    details = {"provider_ref": ref} if ref else {}
    reply = Fact(to_text(now), status, None if ref else "timeout", Source.REPLY, details)
    facts = [reply]
    if ref:
        facts = world.references.add_reply("mcn", ref, delivery.id, reply, now).facts
    world.deliveries.apply(delivery.id, facts, delivery.snapshot, to_text(now))
    return delivery


def status_of(world: World, delivery: Delivery) -> Status:
    current = world.deliveries.get(delivery.id)
    assert current is not None
    return current.status


def kept_whole(world: World, body: bytes, provider: str = "mcn") -> bool:
    return any(
        world.payloads.body(payload) == body for payload in world.payloads.list_unmatched(provider)
    )


@dataclass
class Counted:
    """DynamoDB's client, which counts requests."""

    client: Any
    requests: Counter[str] = field(default_factory=Counter)

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - as the client has it
        self.requests[name] += 1
        return getattr(self.client, name)


def counting(world: World) -> Counted:
    """Count the requests of this stack from now on."""
    counted = Counted(world.table.client)
    for part in (world.deliveries, world.references, world.payloads):
        object.__setattr__(part, "table", Table(cast("Any", counted), world.table.name))
    return counted


@dataclass
class Queue:
    """SQS, as far as ``TaskQueue`` uses it."""

    sent: list[Task] = field(default_factory=list)

    def send_message(self, **message: Any) -> None:  # noqa: ANN401 - as SQS has it
        self.sent.append(Task.from_json(message["MessageBody"]))


def work_until_done(world: World, receivers: dict[str, WebhookReceiver[Any]]) -> int:
    """What stream, queue and ``advance`` do with bodies that were kept; gives the rounds."""
    queue = Queue()
    agenda = TaskQueue(cast("Any", queue), "url")
    outbox = Outbox(world.deliveries, agenda, world.clock, correlations=world.references)
    advance = TaskWorker(
        world.deliveries,
        world.references,
        world.joins,
        world.simulations,
        lambda: world.moves,
        agenda,
        world.clock,
        lambda: pytest.fail("nothing was told of an OA"),
        {name: partial(receivers.__getitem__, name) for name in receivers},
    )
    rounds, before = 0, dict[str, Any]()
    while True:
        for item in heads(world):
            record = {"NewImage": item, "OldImage": before.get(item["PK"]["S"], {})}
            outbox.handle({"eventName": "MODIFY", "dynamodb": record})
            before[item["PK"]["S"]] = item
        work = [task for task in queue.sent if task.type is TaskType.WORK_PAYLOAD]
        queue.sent.clear()
        if not work:
            return rounds
        for task in work:
            rounds += 1
            advance.run(task)


def heads(world: World) -> Iterator[dict[str, Any]]:
    pages = world.table.client.get_paginator("scan").paginate(TableName=world.table.name)
    for page in pages:
        for item in page["Items"]:
            if item["PK"]["S"].startswith("RAW#") and item["SK"]["S"] == "RAW":
                yield item


# --------------------------------------------------------------------------------- forms of a CDR

JSON = json.dumps(FIELDS)


def in_every_form(ref: str) -> dict[str, bytes]:
    """The CDR of the call with this id, by the name of its form."""
    fields = FIELDS | {"verification_call_uuid": ref}
    text = json.dumps(fields)
    parts = "".join(
        f'--b0\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'
        for name, value in fields.items()
    )
    return {
        "a JSON string": json.dumps(text).encode(),
        "a JSON string twice": json.dumps(json.dumps(text)).encode(),
        "payload=": urlencode({"payload": text}).encode(),
        "data=": urlencode({"x": "1", "data": text}).encode(),
        "payload= as it is": f"payload={text}".encode(),
        "a form in a form": urlencode({"payload": urlencode({"data": text})}).encode(),
        "percent-encoded": quote(text).encode(),
        "the name of a field": f"{quote_plus(text)}=".encode(),
        "a raw tab in a string": text.replace("CANCEL", "CANCEL\t").encode(),
        "a raw newline in a string": text.replace("}", ', "x": "a\nb"}').encode(),
        "a raw NUL in a string": text.replace("}", ', "x": "a\x00b"}').encode(),
        "cp1251": text.replace("}", ', "x": "Занято"}').encode("cp1251"),
        "latin-1": text.replace("}", ', "x": "occupé"}').encode("latin-1"),
        "UTF-16": text.encode("utf-16"),
        "UTF-16LE without a mark": text.encode("utf-16-le"),
        "UTF-16BE without a mark": text.encode("utf-16-be"),
        "UTF-32": text.encode("utf-32"),
        "UTF-16 cut in a character": text.encode("utf-16-le") + b"\n",
        "UTF-16 behind blanks": b"\r\n" + text.encode("utf-16"),
        "a mark": b"\xef\xbb\xbf" + text.encode(),
        "two marks and blanks": b"\xef\xbb\xbf \r\n\xef\xbb\xbf" + text.encode() + b"\n\x00",
        "a mark misread": "\u00ef\u00bb\u00bf".encode() + text.encode(),
        "a mark in a form": f"payload=%EF%BB%BF{quote(text)}".encode(),
        "a mark in a string": json.dumps("\ufeff" + text).encode(),
        "multipart fields": f"{parts}--b0--\r\n".encode(),
        "multipart with JSON": (
            '--b0\r\nContent-Disposition: form-data; name="payload"\r\n'
            f"Content-Type: application/json\r\n\r\n{text}\r\n--b0--\r\n"
        ).encode(),
        "blanks around names and values": urlencode(
            {f" {name} ": f" {value} " for name, value in fields.items()}
        ).encode(),
        "blanks in JSON": json.dumps({f" {n}\n": f"\t{v} " for n, v in fields.items()}).encode(),
        "other case": json.dumps({name.upper(): value for name, value in fields.items()}).encode(),
        "camel case": text.replace("q931_status", "q931Status").encode(),
        "a comma at the end": text.replace("}", ",}").encode(),
        "commas too many": f"[{text.replace(', ', ',, ,')},,]".encode(),
        "no commas": text.replace(", ", "\n").encode(),
        "Python": repr([fields | {"x": None, "y": True}]).encode(),
        "single quotes": text.replace('"', "'").encode(),
        "typographic quotes": text.replace('"', "\u201d").encode(),
        "no quotes": text.replace('"', "").encode(),
        "NaN": text.replace("}", ', "x": NaN, "y": -Infinity}').encode(),
        "numbers as strings": json.dumps({n: str(v) for n, v in fields.items()}).encode(),
        "a float": text.replace(": 17,", ": 17.0,").encode(),
        "wrappers": json.dumps({"data": {"data": [{"payload": text}]}}).encode(),
        "base64": b64encode(text.encode()),
        "API Gateway's base64": json.dumps(
            {"isBase64Encoded": True, "body": b64encode(text.encode()).decode()}
        ).encode(),
        "escaped without quotes": text.replace('"', '\\"').encode(),
        "HTML entities": text.replace('"', "&quot;").encode(),
        "lines": "\r\n".join(f"{name}={value}" for name, value in fields.items()).encode(),
        "JSON lines": f"{text}\n{text}\n".encode(),
        "text around": f"callback({text});".encode(),
        "a variable without a value": text.replace("}", ', "x": }').encode(),
        "pairs of key and value": json.dumps(
            [{"key": name, "value": value} for name, value in fields.items()]
        ).encode(),
        "half a surrogate pair": text.replace("}", r', "x": "\udc00"}').encode(),
        "a huge number": text.replace("}", f', "x": {"9" * 6_000}, "y": 1e400}}').encode(),
    }


@pytest.mark.slow
def test_a_cdr_is_joined_in_every_form(world: World) -> None:
    unmatched = []
    for number, form in enumerate(in_every_form("")):
        ref = f"{number:012x}_117793"
        body = in_every_form(ref)[form]
        delivery = a_call(world, None, f"dlv_{ref:a>32.32}")
        assert world.inbox.receive(TOKEN, body, "") >= 1, form
        world.late_matcher.match("mcn", ref, world.clock())
        if status_of(world, delivery) is not Status.BUSY:
            unmatched.append(form)
        # The next one is to the same number.
        world.clock.turn(hours=3)
    assert unmatched == []


@pytest.mark.slow
@pytest.mark.parametrize(
    "body",
    [
        JSON[:-1].encode(),
        f"[{JSON}, {JSON[:40]}".encode(),
        JSON.replace("CANCEL", 'CAN"CEL').encode(),
        JSON.encode("utf-7").replace(b"{", b"+AHs-"),
        JSON.replace("q931_status", "cause").encode(),
        JSON.replace("called_number", "dst").encode(),
        JSON.replace("verification_call_uuid", "call").encode(),
        b"<cdr><q931_status>17</q931_status></cdr>",
    ],
    ids=["cut", "cut behind one", "a quote", "UTF-7", "no cause", "no number", "no id", "XML"],
)
def test_what_cannot_be_read_is_kept_whole(world: World, body: bytes) -> None:
    world.inbox.receive(TOKEN, body, "")
    assert kept_whole(world, body)
    stored = json.dumps(world.table.client.scan(TableName=world.table.name)["Items"])
    assert "79161230203" not in stored


@st.composite
def forms(draw: st.DrawFn) -> Callable[[str], bytes]:
    """A mixture of forms: makes the CDR of the call with this id."""
    styles: list[Callable[[str], str]] = [str, str.upper, str.title, lambda name: f" {name}\t"]
    shapes: list[Callable[[dict[str, object]], object]] = [
        lambda fields: fields,
        lambda fields: [fields],
        lambda fields: [{name: value} for name, value in fields.items()],
        lambda fields: [{"name": name, "value": value} for name, value in fields.items()],
        lambda fields: {"event": "call", "data": {"data": fields}},
    ]
    writers: list[Callable[[object], str]] = [
        json.dumps,
        lambda value: json.dumps(value, ensure_ascii=False),
        repr,
        lambda value: json.dumps(value, indent="\t").replace('"\n', '",\n,'),
        lambda value: json.dumps(value).replace("}", ",}"),
    ]
    wrappings: list[Callable[[str], str]] = [
        json.dumps,
        lambda inner: urlencode({"payload": inner}, errors="replace"),
        lambda inner: f"data={inner}",
        lambda inner: quote(inner, errors="replace"),
        lambda inner: b64encode(inner.encode(errors="replace")).decode(),
        lambda inner: json.dumps({"body": inner}),
        lambda inner: f"\ufeff {inner}\r\n",
        lambda inner: f"--b\r\nContent-Disposition: form-data; name=a\r\n\r\n{inner}\r\n--b--",
    ]
    encodings = ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "cp1251"]
    style = draw(st.sampled_from(styles))
    shape, writer = draw(st.sampled_from(shapes)), draw(st.sampled_from(writers))
    wrapped = draw(st.lists(st.sampled_from(wrappings), max_size=3))
    encoding, note, as_text = (
        draw(st.sampled_from(encodings)),
        draw(st.text(max_size=12)),
        draw(st.booleans()),
    )

    def write(ref: str) -> bytes:
        cdr_fields = FIELDS | {"verification_call_uuid": ref, "note": note}
        text = writer(shape({style(n): str(v) if as_text else v for n, v in cdr_fields.items()}))
        for wrapping in wrapped:
            text = wrapping(text)
        return text.encode(encoding, errors="replace")

    return write


@pytest.mark.slow
def test_a_cdr_in_any_mixture_of_forms_is_joined_or_kept_whole(world: World) -> None:
    counts = Counter[bool]()
    number = iter(range(1_000_000))

    @settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))
    @given(forms(), st.booleans())
    def each(form: Callable[[str], bytes], reply_was_lost: bool) -> None:
        ref = f"{next(number):012x}_117793"
        body = form(ref)
        note(repr(body))
        delivery = a_call(world, None if reply_was_lost else ref, f"dlv_{ref:a>32.32}")
        world.inbox.receive(TOKEN, body, "")
        if reply_was_lost:
            world.late_matcher.match("mcn", ref, world.clock())
        is_matched = status_of(world, delivery) is Status.BUSY
        counts[is_matched] += 1
        assert is_matched or kept_whole(world, body)
        # The next one is to the same number.
        world.clock.turn(hours=3)

    each()
    # Three times wrapped and with a quote in the text some cannot be read; most can.
    assert counts[True] > 3 * counts[False]


# -------------------------------------------------------------------------------------- replays


@pytest.mark.slow
def test_a_body_that_could_not_be_used_is_replayed(world: World) -> None:
    delivery = a_call(world, None)
    body = JSON.replace("called_number", "dst").encode()
    assert world.inbox.receive(TOKEN, body, "") == 1
    replays = Replays(world.payloads, world.references, world.clock, PROVIDERS)
    [payload] = replays.list_unmatched("mcn")
    assert (payload.reason, payload.size, payload.times) == ("no_called_number", len(body), 1)

    # A day later somebody puts the setting right.
    world.clock.turn(days=1)
    receiver = replace(world.inbox, called_field="dst")
    replays.request(payload.id)
    assert replays.outcome(payload.id) is None
    assert work_until_done(world, {"mcn": receiver}) == 1
    assert replays.outcome(payload.id) == "done"
    world.late_matcher.match("mcn", REF, world.clock())
    assert status_of(world, delivery) is Status.BUSY
    assert list(replays.list_unmatched("mcn")) == []

    before = world.deliveries.get(delivery.id)
    replays.request(payload.id)
    work_until_done(world, {"mcn": receiver})
    assert world.deliveries.get(delivery.id) == before, "doing it twice does no harm"


@pytest.mark.slow
def test_a_body_that_still_cannot_be_read_stays(world: World) -> None:
    world.inbox.receive(TOKEN, b"hello", "")
    replays = Replays(world.payloads, world.references, world.clock, PROVIDERS)
    [payload] = replays.list_unmatched()
    replays.request(payload.id)
    work_until_done(world, {"mcn": world.inbox})
    assert replays.outcome(payload.id) == "unreadable"
    [again] = replays.list_unmatched("mcn", "unreadable")
    assert again == payload
    assert kept_whole(world, b"hello")


@pytest.mark.slow
def test_a_call_that_was_joined_to_nothing_is_looked_for_again(world: World) -> None:
    world.inbox.receive(TOKEN, JSON.encode(), "")
    world.late_matcher.match("mcn", REF, world.clock())
    replays = Replays(world.payloads, world.references, world.clock, PROVIDERS)
    [payload] = replays.list_unmatched("mcn")
    assert (payload.id, payload.reason, payload.size) == (f"mcn/{REF}", "no_open_delivery", None)
    delivery = a_call(world, None)
    replays.request(payload.id)
    assert replays.outcome(payload.id) is None
    world.late_matcher.match("mcn", REF, world.clock())
    assert replays.outcome(payload.id) == "joined"
    assert status_of(world, delivery) is Status.BUSY
    assert list(replays.list_unmatched()) == []


def test_another_account_s_call_is_nothing_to_look_at(world: World) -> None:
    ref = REF.replace("117793", "999999")
    world.inbox.receive(TOKEN, JSON.replace(REF, ref).encode(), "")
    world.late_matcher.match("mcn", ref, world.clock())
    assert (
        list(Replays(world.payloads, world.references, world.clock, PROVIDERS).list_unmatched())
        == []
    )


# --------------------------------------------------------------------------------------- floods


def cdrs(count: int) -> bytes:
    return json.dumps(
        [FIELDS | {"verification_call_uuid": f"{n:012x}_117793"} for n in range(count)]
    ).encode()


@pytest.mark.slow
def test_three_hundred_cdrs_are_stored_in_two_requests(world: World) -> None:
    counted = counting(world)
    assert world.inbox.receive(TOKEN, cdrs(300), "") == 300
    assert counted.requests == Counter(update_item=2)
    assert kept_whole(world, cdrs(300))


@pytest.mark.slow
def test_they_are_worked_on_in_rounds_without_a_person(world: World) -> None:
    delivery = a_call(world, f"{59:012x}_117793")
    assert world.inbox.receive(TOKEN, cdrs(60), "") == 60
    assert status_of(world, delivery) is Status.ACCEPTED

    counted = counting(world)
    receiver = replace(world.inbox, max_events_per_round=25)
    assert work_until_done(world, {"mcn": receiver}) == 3
    assert status_of(world, delivery) is Status.BUSY
    first = world.references.get("mcn", f"{0:012x}_117793")
    assert first is not None
    assert first.receipt_count == 1
    # Two writes for one that has no delivery yet, and three requests for each round.
    assert counted.requests.total() <= 60 * 2 + 3 * 3 + 4
    assert list(world.payloads.list_unmatched("mcn")) == []


@pytest.mark.slow
def test_tens_of_thousands_are_stored_in_a_few_requests(world: World) -> None:
    counted = counting(world)
    body = cdrs(30_000)
    assert len(body) > 3_500_000
    assert world.inbox.receive(TOKEN, body, "") == 0
    assert counted.requests.total() <= 4
    assert kept_whole(world, body)


def test_a_few_are_taken_at_once(world: World) -> None:
    counted = counting(world)
    assert world.inbox.receive(TOKEN, cdrs(5), "") == 5
    assert counted.requests == Counter(update_item=10)
    assert MAX_EVENTS_AT_ONCE == 50


def test_a_round_that_another_has_done_changes_nothing(world: World) -> None:
    world.inbox.receive(TOKEN, cdrs(60), "")
    [payload] = world.payloads.list_unmatched("mcn")
    assert world.payloads.advance(payload, 60, 0, payload.reason, world.clock())
    assert not world.payloads.advance(payload, 30, 0, payload.reason, world.clock())
    assert not world.payloads.finish(payload, 60, 0, payload.reason, world.clock())


@pytest.mark.slow
def test_a_body_of_many_megabytes_stands_in_many_items(world: World) -> None:
    body = b"".join(hashlib.sha256(bytes([n % 256, n // 256])).digest() for n in range(20_000))
    world.inbox.receive(TOKEN, body, "")
    [payload] = world.payloads.list_unmatched("mcn")
    assert payload.parts == 3
    assert world.payloads.body(payload) == body


# ------------------------------------------------------------------- whatever comes with a secret


def receivers(world: World) -> dict[str, Callable[[bytes], int]]:
    """Each webhook, given a body that comes with its secret."""
    manager = world.secrets.client
    manager.create_secret(Name="zalo", SecretString=json.dumps({"oa_secret_key": OA_KEY}))
    manager.create_secret(Name="bizfly_webhook", SecretString=json.dumps({"token": BIZFLY_TOKEN}))
    unmatched_receipts = UnmatchedReceiptRepository(world.table, world.secrets, RETENTION)
    results = CallResults(CalleeRepository(world.table), world.deliveries)
    bizfly = BizflyWebhookReceiver(
        secrets=world.secrets,
        results=results,
        payloads=world.payloads,
        unmatched_receipts=unmatched_receipts,
        states={},
        clock=world.clock,
    )
    zalo = ZaloWebhookReceiver(
        secrets=world.secrets,
        app_id=APP,
        deliveries=world.deliveries,
        correlations=world.references,
        payloads=world.payloads,
        unmatched_receipts=unmatched_receipts,
        clock=world.clock,
    )

    def zalos(body: bytes) -> int:
        body += b' "timestamp":"1764000000000"'
        text = APP.encode() + body + b"1764000000000" + OA_KEY.encode()
        return zalo.receive("mac=" + hashlib.sha256(text).hexdigest(), "ZNS", body)

    return {
        "mcn": lambda body: world.inbox.receive(TOKEN, body, ""),
        "bizfly": lambda body: bizfly.receive(BIZFLY_TOKEN, body),
        "caresoft": lambda body: world.tickets.receive(signature_of(body, Secret("CS123")), body),
        "zalo": zalos,
    }


NAMES = [*FIELDS, "callee", "call_id", "state", "request_id", "ticket", "ticket_id", "phone", "id"]
NAMES += ["event_name", "message", "msg_id", "tracking_id", "status", "direct", "start_time", ""]
SCALARS = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=8)
    | st.sampled_from(["\udc00", "\x00", "", "9" * 5_000, 10**40, "0389801371", REF, "BUSY", "-0"])
)
DOCUMENTS = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(NAMES) | st.text(max_size=4), inner, max_size=5)
    ),
    max_leaves=10,
)
BODIES = (
    st.binary(max_size=60)
    | DOCUMENTS.map(lambda document: json.dumps(document).encode())
    | st.dictionaries(st.sampled_from(NAMES), SCALARS, min_size=1, max_size=6).map(
        lambda fields: json.dumps(fields).encode()
    )
    | DOCUMENTS.map(lambda document: repr(document).encode(errors="replace"))
    | st.sampled_from([b"[" * 5_000, b'{"a":' * 3_000, b'{"callee":' + b"9" * 5_000 + b"}"])
)


@pytest.mark.slow
@pytest.mark.parametrize("provider", ["mcn", "bizfly", "caresoft", "zalo"])
def test_whatever_comes_with_its_secret_is_stored(world: World, provider: str) -> None:
    receive = receivers(world)[provider]
    stored: list[str] = []
    world.table.client.meta.events.register(
        "before-call.dynamodb.UpdateItem", lambda **_: stored.append("update")
    )

    @settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))
    @given(BODIES)
    def each(body: bytes) -> None:
        stored.clear()
        assert receive(body) >= 0
        assert stored

    each()


def test_half_a_surrogate_pair_is_stored(world: World) -> None:
    body = rb'{"callee": "0389801371", "call_id": "\udc00", "state": "\ud800"}'
    assert receivers(world)["bizfly"](body) == 1
