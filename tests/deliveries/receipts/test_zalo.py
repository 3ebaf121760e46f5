"""Zalo's events: by our id or by Zalo's, before the reply, again, and of nothing of ours."""

import hashlib
import json
from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest

from ringpass.aws.dynamodb import Item
from ringpass.deliveries.model import Delivery, Fact, Source
from ringpass.deliveries.receipts.late_matcher import MatchResult
from ringpass.deliveries.receipts.unmatched_receipts_store import UnmatchedReceiptRepository
from ringpass.deliveries.receipts.zalo import ZaloWebhookReceiver
from ringpass.errors import Unauthorized, Unavailable
from ringpass.outcomes import Status
from ringpass.providers.facts import ChannelName
from ringpass.providers.zalo.webhook import ZaloEvent
from tests.moto_table import moto_client
from tests.transactions import reserve
from tests.world import RETENTION, World, table, world

__all__ = ["table", "world"]

APP, KEY = "1234567890", "oa-secret-key"
MSG = "a4d0243feb9af3c4aa8b"


@pytest.fixture
def inbox(world: World) -> ZaloWebhookReceiver:
    moto_client("secretsmanager").create_secret(
        Name="zalo", SecretString=json.dumps({"app_secret": "app", "oa_secret_keys": [KEY, "old"]})
    )
    return ZaloWebhookReceiver(
        secrets=world.secrets,
        app_id=APP,
        deliveries=world.deliveries,
        correlations=world.references,
        payloads=world.payloads,
        unmatched_receipts=UnmatchedReceiptRepository(world.table, world.secrets, RETENTION),
        clock=world.clock,
    )


def post(
    inbox: ZaloWebhookReceiver, fields: dict[str, Any], server: str = "ZNS", key: str = KEY
) -> int:
    body = json.dumps({"timestamp": "1795249800000"} | fields, ensure_ascii=False).encode()
    text = APP.encode() + body + str(json.loads(body)["timestamp"]).encode() + key.encode()
    return inbox.receive("mac=" + hashlib.sha256(text).hexdigest(), server, body)


def arrived(**message: object) -> dict[str, Any]:
    fields = {name: value for name, value in message.items() if value is not None}
    return {
        "event_name": "user_received_message",
        "message": {"delivery_time": "1795249800000"} | fields,
    }


def reserved(world: World, delivery_id: str = "dlv_" + "a" * 32) -> Delivery:
    now = "2026-11-21T08:30:00.000Z"
    delivery = Delivery(
        id=delivery_id,
        client="acme",
        channel=ChannelName.ZNS,
        provider="zalo",
        phone="+84983912148",
        country="VN",
        status=Status.RESERVED,
        created_at=now,
        updated_at=now,
        fingerprint="f",
        attempt="a",
    )
    reserve(world.deliveries, delivery, "phone-key")
    return delivery


def has_reply(world: World, delivery: Delivery, msg_id: str | None = MSG) -> None:
    """As ``Channel`` writes an accepted reply."""
    now, details = world.clock(), {"provider_ref": msg_id} if msg_id else {}
    reply = Fact("2026-11-21T08:30:01.000Z", Status.ACCEPTED, None, Source.REPLY, details)
    facts = [reply]
    if msg_id:
        facts = world.references.add_reply("zalo", msg_id, delivery.id, reply, now).facts
    world.deliveries.apply(delivery.id, facts, delivery.snapshot, "2026-11-21T08:30:01.000Z")


def lost(world: World, delivery: Delivery) -> None:
    """The reply never came."""
    fact = Fact("2026-11-21T08:30:11.000Z", Status.UNKNOWN, "timeout", Source.REPLY)
    world.deliveries.apply(delivery.id, [fact], delivery.snapshot, "2026-11-21T08:30:11.000Z")


def now(world: World, delivery: Delivery) -> Delivery:
    current = world.deliveries.get(delivery.id)
    assert current is not None
    return current


def items(world: World, prefix: str) -> list[Item]:
    scanned = world.table.client.scan(TableName=world.table.name)["Items"]
    return [item for item in scanned if item["PK"]["S"].startswith(prefix)]


@pytest.mark.parametrize(
    ("timestamp", "why"), [("1795238999999", "too_old"), ("1795250100001", "too_new")]
)
def test_an_event_out_of_time_is_kept_and_not_acted_on(
    world: World, inbox: ZaloWebhookReceiver, timestamp: str, why: str
) -> None:
    names: list[str] = []
    handler = {"user_reply_consent": lambda event, _: names.append(event.name)}
    body = {"event_name": "user_reply_consent", "timestamp": timestamp}
    assert post(replace(inbox, handlers=handler), body) == 1
    assert names == []
    [item] = items(world, "RAW#zalo#")
    assert item["why"] == {"S": why}
    # Whoever cannot sign it learns nothing of that.
    with pytest.raises(Unauthorized):
        post(inbox, body, key="another")
    # A message's arrival is taken at any age.
    has_reply(world, delivery := reserved(world))
    post(inbox, arrived(msg_id=MSG) | {"timestamp": timestamp})
    assert now(world, delivery).status is Status.DELIVERED


def test_a_message_s_arrival_settles_its_delivery(world: World, inbox: ZaloWebhookReceiver) -> None:
    has_reply(world, delivery := reserved(world))
    assert post(inbox, arrived(msg_id=MSG, tracking_id=delivery.id)) == 1
    current = now(world, delivery)
    assert (current.status, current.reason) == (Status.DELIVERED, "arrived")
    assert [entry.status for entry in current.history] == ["accepted", "delivered"]


def test_zalo_s_id_alone_is_enough(world: World, inbox: ZaloWebhookReceiver) -> None:
    has_reply(world, delivery := reserved(world))
    post(inbox, arrived(msg_id=MSG))
    assert now(world, delivery).status is Status.DELIVERED


def test_our_id_alone_is_enough(world: World, inbox: ZaloWebhookReceiver) -> None:
    for msg_id in (MSG, None):
        has_reply(
            world, delivery := reserved(world, "dlv_" + ("b" if msg_id else "c") * 32), msg_id
        )
        post(inbox, arrived(tracking_id=delivery.id))
        assert now(world, delivery).status is Status.DELIVERED


def test_an_event_before_the_reply_is_kept_and_joined_by_the_reply(
    world: World, inbox: ZaloWebhookReceiver
) -> None:
    delivery = reserved(world)
    post(inbox, arrived(msg_id=MSG, tracking_id=delivery.id))
    assert now(world, delivery).status is Status.RESERVED
    # The outbox asks for a join; while the reply is out, it is too early.
    assert world.joins["zalo"].match("zalo", MSG, world.clock()) is MatchResult.LATER
    has_reply(world, delivery)
    assert now(world, delivery).status is Status.DELIVERED
    assert [entry.status for entry in now(world, delivery).history] == ["accepted", "delivered"]


def test_a_lost_reply_s_event_is_joined_by_our_id(world: World, inbox: ZaloWebhookReceiver) -> None:
    lost(world, delivery := reserved(world))
    post(inbox, arrived(msg_id=MSG, tracking_id=delivery.id))
    assert now(world, delivery).status is Status.UNKNOWN
    assert world.joins["zalo"].match("zalo", MSG, world.clock()) is MatchResult.MATCHED
    current = now(world, delivery)
    assert (current.status, current.provider_ref) == (Status.DELIVERED, MSG)
    post(inbox, arrived(msg_id=MSG, tracking_id=delivery.id))
    assert len(now(world, delivery).history) == len(current.history)


def test_any_event_of_a_message_may_name_the_delivery(
    world: World, inbox: ZaloWebhookReceiver
) -> None:
    lost(world, delivery := reserved(world))
    post(inbox, arrived(msg_id=MSG))
    post(inbox, arrived(msg_id=MSG, tracking_id=delivery.id))
    assert world.joins["zalo"].match("zalo", MSG, world.clock()) is MatchResult.MATCHED
    assert now(world, delivery).status is Status.DELIVERED


def test_a_reply_without_an_id_is_joined_by_ours(world: World, inbox: ZaloWebhookReceiver) -> None:
    has_reply(world, delivery := reserved(world), None)
    post(inbox, arrived(msg_id=MSG, tracking_id=delivery.id))
    assert world.joins["zalo"].match("zalo", MSG, world.clock()) is MatchResult.MATCHED
    assert now(world, delivery).status is Status.DELIVERED


def test_a_join_that_stopped_half_way_is_finished(world: World, inbox: ZaloWebhookReceiver) -> None:
    lost(world, delivery := reserved(world))
    post(inbox, arrived(msg_id=MSG, tracking_id=delivery.id))
    reference = world.references.get("zalo", MSG)
    assert reference is not None
    # The delivery has learnt of its message, the reference of its delivery not yet.
    state = now(world, delivery).snapshot
    world.deliveries.apply(delivery.id, reference.facts, state, "2026-11-21T08:30:12.000Z")
    assert world.joins["zalo"].match("zalo", MSG, world.clock()) is MatchResult.MATCHED
    current = world.references.get("zalo", MSG)
    assert current is not None
    assert current.delivery_id == delivery.id


def test_an_event_that_comes_again_settles_once_and_is_counted(
    world: World, inbox: ZaloWebhookReceiver
) -> None:
    has_reply(world, delivery := reserved(world))
    for retry in range(4):
        post(inbox, arrived(msg_id=MSG, tracking_id=delivery.id) | {"num_retry": str(retry)})
    assert [entry.status for entry in now(world, delivery).history] == ["accepted", "delivered"]
    reference = world.references.get("zalo", MSG)
    assert reference is not None
    assert (reference.receipt_count, len(reference.receipts)) == (4, 1)


@pytest.mark.parametrize("tracking_id", ["dlv_" + "z" * 32, None])
def test_a_message_that_this_stack_did_not_send_is_kept(
    world: World, inbox: ZaloWebhookReceiver, tracking_id: str | None
) -> None:
    post(inbox, arrived(msg_id="other", tracking_id=tracking_id))
    assert world.joins["zalo"].match("zalo", "other", world.clock()) is MatchResult.OTHER_SENDER
    reference = world.references.get("zalo", "other")
    assert reference is not None
    assert reference.unmatched_reason == "other_sender"
    assert list(world.references.list_unmatched("zalo")) == [], "nobody has to look at it"


def test_another_provider_s_delivery_is_not_taken(world: World, inbox: ZaloWebhookReceiver) -> None:
    delivery = replace(reserved(world), id="dlv_" + "d" * 32, provider="caresoft")
    reserve(world.deliveries, delivery, "phone-key")
    post(inbox, arrived(msg_id="m", tracking_id=delivery.id))
    assert world.joins["zalo"].match("zalo", "m", world.clock()) is MatchResult.OTHER_SENDER


@pytest.mark.slow
def test_a_delivery_takes_one_message_only(world: World, inbox: ZaloWebhookReceiver) -> None:
    has_reply(world, delivery := reserved(world))
    post(inbox, arrived(msg_id="another", tracking_id=delivery.id))
    assert (
        world.joins["zalo"].match("zalo", "another", world.clock()) is MatchResult.NO_OPEN_DELIVERY
    )
    assert now(world, delivery).status is Status.ACCEPTED


def payloads(world: World) -> dict[str, str]:
    """What was kept beside the references: why, and its text."""
    raw_items = [item for item in items(world, "RAW#zalo#") if item["SK"]["S"] == "RAW"]
    return {item["why"]["S"]: item["raw"]["S"] for item in raw_items}


@pytest.mark.slow
@pytest.mark.parametrize(
    ("fields", "server", "why"),
    [
        (arrived(msg_id="a", tracking_id="their-own-id"), "ZNS", "other_sender"),
        (arrived(tracking_id="dlv_" + "e" * 32), "ZNS", "no_reference"),
        ({"event_name": "user_send_text", "message": {"text": "Xin chào"}}, "", "other_event"),
        ({"event_name": "user_received_message", "message": {"msg_ids": ["a"]}}, "", "other_event"),
        ({"event_name": "oa_send_consent", "phone": "84983912148"}, "", "other_event"),
        ({}, "", "other_event"),
        ({"event_name": "x", "text": "a" * 70_000}, "", "oversized"),
    ],
)
def test_everything_else_is_kept_without_phones_and_texts(
    world: World, inbox: ZaloWebhookReceiver, fields: dict[str, Any], server: str, why: str
) -> None:
    for _ in range(2):
        assert post(inbox, fields, server) == (0 if why == "oversized" else 1)
    [(reason, raw)] = payloads(world).items()
    assert reason == why
    everything = json.dumps(items(world, "RAW#zalo#"))
    for secret in ("84983912148", "Xin ch", "aaaaaaaa", "their-own-id"):
        assert secret not in everything
    assert len(raw) <= 16_384


def test_what_people_write_to_the_oa_is_not_kept(world: World, inbox: ZaloWebhookReceiver) -> None:
    text = "Giao cho chị Lan, 12 Lê Lợi, 0983 912 148, mã 4 7 1 2"
    post(inbox, {"event_name": "user_send_text", "message": {"text": text, "msg_id": "m1"}})
    [item] = items(world, "RAW#zalo#")
    assert json.loads(item["raw"]["S"]) == {
        "timestamp": "***",
        "event_name": "user_send_text",
        "message": {"text": "***", "msg_id": "***"},
    }
    assert "sealed" not in item


def test_a_further_event_goes_to_whoever_takes_it(world: World, inbox: ZaloWebhookReceiver) -> None:
    calls: list[tuple[str, datetime]] = []

    def take(event: ZaloEvent, at: datetime) -> None:
        calls.append((event.fields["phone"], at))

    inbox = replace(inbox, handlers={"oa_send_consent": take})
    post(inbox, {"event_name": "oa_send_consent", "phone": "84983912148"})
    assert calls == [("84983912148", world.clock())]
    assert payloads(world) == {}


def test_an_old_key_is_valid_beside_the_new_one(world: World, inbox: ZaloWebhookReceiver) -> None:
    has_reply(world, delivery := reserved(world))
    post(inbox, arrived(msg_id=MSG), key="old")
    assert now(world, delivery).status is Status.DELIVERED


@pytest.mark.slow
def test_a_key_that_was_just_put_in_is_valid_at_once(
    world: World, inbox: ZaloWebhookReceiver
) -> None:
    post(inbox, arrived(msg_id=MSG))
    world.put_secret("zalo", app_secret="app", oa_secret_keys=["newest", KEY])
    assert post(inbox, arrived(msg_id=MSG), key="newest") == 1


@pytest.mark.parametrize(
    ("signature", "body"),
    [
        ("", b'{"timestamp":"1"}'),
        ("mac=" + "0" * 64, b'{"timestamp":"1"}'),
        ("mac=" + "0" * 64, b"no JSON"),
        ("mac=" + "0" * 64, b""),
        ("mac=" + "0" * 64, b'{"timestamp":"1","a":"' + b"a" * 300_000 + b'"}'),
    ],
)
def test_what_is_not_signed_leaves_no_trace(
    world: World, inbox: ZaloWebhookReceiver, signature: str, body: bytes
) -> None:
    with pytest.raises(Unauthorized):
        inbox.receive(signature, "ZNS", body)
    assert items(world, "") == []


def test_without_an_app_nothing_is_taken(world: World, inbox: ZaloWebhookReceiver) -> None:
    body = b'{"timestamp":"1"}'
    signature = hashlib.sha256(body + b"1" + KEY.encode()).hexdigest()
    with pytest.raises(Unauthorized):
        replace(inbox, app_id="").receive(signature, "", body)


def test_without_a_key_nothing_is_taken(world: World, inbox: ZaloWebhookReceiver) -> None:
    world.put_secret("zalo", app_secret="app")
    with pytest.raises(Unavailable):
        post(inbox, arrived(msg_id=MSG))
