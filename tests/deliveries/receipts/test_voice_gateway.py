"""A voice gateway's results: before and after the reply, again, without it, and of other calls."""

import json
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from standardwebhooks.webhooks import Webhook

from ringpass.clock import to_text
from ringpass.deliveries.model import Delivery, Fact, Source
from ringpass.deliveries.receipts.late_matcher import LateMatcher, MatchResult
from ringpass.deliveries.receipts.voice_gateway import (
    VoiceGatewayWebhookReceiver,
    store_simulated_call,
)
from ringpass.errors import Unauthorized, Unavailable
from ringpass.outcomes import Status
from ringpass.providers.facts import ChannelName
from ringpass.providers.voice_gateway.facts import VOICE_GATEWAY
from tests.moto_table import moto_client
from tests.transactions import reserve
from tests.world import RETENTION, World, table, world

__all__ = ["RETENTION", "table", "world"]

SECRET, CALL = "A" * 48, "call-1"
OURS, OTHER = "dlv_" + "a" * 32, "dlv_" + "b" * 32


@pytest.fixture
def inbox(world: World) -> VoiceGatewayWebhookReceiver:
    moto_client("secretsmanager").create_secret(
        Name="voice_gateway_webhook", SecretString=json.dumps({"secrets": [SECRET, "B" * 48]})
    )
    return VoiceGatewayWebhookReceiver(
        is_set_up=True,
        secrets=world.secrets,
        deliveries=world.deliveries,
        correlations=world.references,
        payloads=world.payloads,
        clock=world.clock,
    )


def post(inbox: VoiceGatewayWebhookReceiver, event: object, secret: str = SECRET) -> int:
    body, at = event if isinstance(event, str) else json.dumps(event), datetime.now(UTC)
    headers = {
        "webhook-id": "evt-1",
        "webhook-timestamp": str(int(at.timestamp())),
        "webhook-signature": Webhook(secret).sign("evt-1", at, body),
    }
    return inbox.receive(headers, body.encode())


def ended(outcome: str = "busy", **data: object) -> dict[str, Any]:
    fields = {"call_id": CALL, "delivery_id": OURS, "outcome": outcome} | data
    present = {name: value for name, value in fields.items() if value is not None}
    return {"type": "call.ended", "data": present}


def reserved(world: World, provider: str = "voice_gateway", id_: str = OURS) -> Delivery:
    now = to_text(world.clock())
    delivery = Delivery(
        id=id_,
        client="acme",
        channel=ChannelName.VOICE_OTP,
        provider=provider,
        phone="+84389801371",
        country="VN",
        status=Status.RESERVED,
        created_at=now,
        updated_at=now,
        fingerprint="f",
        attempt="a",
    )
    reserve(world.deliveries, delivery, "phone-key")
    return delivery


def reply(
    world: World, status: Status = Status.ACCEPTED, ref: str | None = CALL, id_: str = OURS
) -> None:
    """The gateway's reply, as a channel writes it."""
    now = to_text(world.clock())
    fact = Fact(now, status, None, Source.REPLY, {"provider_ref": ref})
    facts = [fact]
    if ref is not None:
        added = world.references.add_reply("voice_gateway", ref, id_, fact, world.clock())
        facts = added.facts
    delivery = world.deliveries.get(id_)
    assert delivery is not None
    world.deliveries.apply(id_, facts, delivery.snapshot, now)


def status(world: World) -> tuple[Status, str | None]:
    delivery = world.deliveries.get(OURS)
    assert delivery is not None
    return delivery.status, delivery.reason


def match(world: World, ref: str = CALL) -> MatchResult:
    """What the worker does, a short time after a receipt without a delivery."""
    matcher = LateMatcher(
        world.deliveries,
        world.references,
        world.late_matcher.window,
        VOICE_GATEWAY.repeats_our_id,
    )
    return matcher.match("voice_gateway", ref, world.clock())


def test_a_result_settles_its_delivery(world: World, inbox: VoiceGatewayWebhookReceiver) -> None:
    reserved(world)
    reply(world)
    assert post(inbox, ended("answered", q850_cause=16)) == 1
    assert status(world) == (Status.ANSWERED, "q850_16")


def test_a_result_may_come_before_the_reply(
    world: World, inbox: VoiceGatewayWebhookReceiver
) -> None:
    reserved(world)
    post(inbox, ended("busy"))
    assert match(world) is MatchResult.LATER
    reply(world)
    assert status(world) == (Status.BUSY, "busy")


def test_a_repeated_result_changes_nothing(
    world: World, inbox: VoiceGatewayWebhookReceiver
) -> None:
    reserved(world)
    reply(world)
    for _ in range(3):
        post(inbox, ended("no_answer"))
    delivery = world.deliveries.get(OURS)
    assert delivery is not None
    assert [entry.status for entry in delivery.history] == [
        Status.ACCEPTED,
        Status.NO_ANSWER,
    ]


@pytest.mark.parametrize("outcome", [Status.UNKNOWN, Status.ACCEPTED])
def test_without_a_call_id_in_the_reply_our_own_id_finds_the_delivery(
    world: World, inbox: VoiceGatewayWebhookReceiver, outcome: Status
) -> None:
    """The reply was lost, or names no call."""
    reserved(world)
    reply(world, outcome, ref=None)
    post(inbox, ended("answered"))
    assert match(world) is MatchResult.MATCHED
    assert status(world) == (Status.ANSWERED, "answered")


@pytest.mark.parametrize("has_reply", [True, False])
def test_a_call_id_that_is_used_again_settles_the_delivery_that_the_result_names(
    world: World, inbox: VoiceGatewayWebhookReceiver, *, has_reply: bool
) -> None:
    reserved(world)
    reserved(world, id_=OTHER)
    reply(world, ref=CALL if has_reply else None)
    reply(world, ref=None, id_=OTHER)
    post(inbox, ended("answered"))
    post(inbox, ended("busy", delivery_id=OTHER))
    if not has_reply:
        assert match(world) is MatchResult.MATCHED
    assert match(world, OTHER) is MatchResult.MATCHED
    other = world.deliveries.get(OTHER)
    assert other is not None
    assert (other.status, status(world)[0]) == (Status.BUSY, Status.ANSWERED)
    # Again, as a gateway that got no response.
    post(inbox, ended("busy", delivery_id=OTHER))
    assert status(world)[0] is Status.ANSWERED


@pytest.mark.parametrize("delivery_id", [None, "dlv_" + "b" * 32])
def test_a_call_of_nobody_is_kept_and_settles_nothing(
    world: World, inbox: VoiceGatewayWebhookReceiver, delivery_id: str | None
) -> None:
    reserved(world)
    reply(world, Status.UNKNOWN, ref=None)
    assert post(inbox, ended(delivery_id=delivery_id)) == 1
    assert match(world) is MatchResult.OTHER_SENDER
    assert status(world)[0] is Status.UNKNOWN


def test_it_settles_no_delivery_of_another_provider(
    world: World, inbox: VoiceGatewayWebhookReceiver
) -> None:
    reserved(world, "bizfly")
    reply(world, ref=None)
    post(inbox, ended("answered"))
    assert match(world) is MatchResult.OTHER_SENDER
    assert status(world)[0] is Status.ACCEPTED


@pytest.mark.parametrize(
    ("event", "why"),
    [
        ("not JSON", "unreadable"),
        ({"type": "call.ringing", "data": {"call_id": CALL}}, "other_event"),
        (ended(call_id=None), "no_reference"),
        (ended("ringing"), "no_cause"),
    ],
)
def test_what_cannot_be_used_is_kept_whole(
    world: World, inbox: VoiceGatewayWebhookReceiver, event: object, why: str
) -> None:
    reserved(world)
    reply(world)
    post(inbox, event)
    [payload] = world.payloads.list_unmatched("voice_gateway")
    assert payload.reason == why
    assert status(world)[0] is Status.ACCEPTED


def test_only_its_own_secrets_sign(world: World, inbox: VoiceGatewayWebhookReceiver) -> None:
    assert post(inbox, ended(), "B" * 48) == 1
    with pytest.raises(Unauthorized):
        post(inbox, ended(), "C" * 48)
    with pytest.raises(Unauthorized):
        inbox.receive({}, b"{}")


def test_a_stack_without_a_gateway_takes_nothing_and_looks_for_no_secret(
    inbox: VoiceGatewayWebhookReceiver,
) -> None:
    with pytest.raises(Unauthorized):
        post(replace(inbox, is_set_up=False), ended())


def test_without_a_readable_secret_the_gateway_is_told_to_come_again(
    world: World, inbox: VoiceGatewayWebhookReceiver
) -> None:
    world.put_secret("voice_gateway_webhook", placeholder="x")
    with pytest.raises(Unavailable):
        post(inbox, ended())


def test_a_simulated_call_settles_a_delivery(world: World) -> None:
    reserved(world)
    reply(world)
    payload = {"ref": CALL, "delivery_id": OURS, "outcome": "busy", "reason": "q850_17"}
    for _ in range(3):
        store_simulated_call(world.deliveries, world.references, payload, world.clock())
    assert status(world) == (Status.BUSY, "q850_17")
