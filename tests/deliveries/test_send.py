"""Reserve, send, finish: at most one call, whatever fails."""

from typing import Any

import pytest

from ringpass.deliveries.requests import PasswordCall
from ringpass.deliveries.send import SendResult
from ringpass.errors import (
    IdempotencyKeyReused,
    InProgress,
    InvalidHeader,
    Unavailable,
    ValidationFailed,
)
from ringpass.outcomes import Status
from ringpass.providers.base import HttpResponse, NoResponse
from tests.world import ACCEPTED, REF, World

CALL = {"phone": "+79777777777", "code": "1234"}


def send(
    world: World,
    key: str | None = "key",
    client: str = "acme",
    **fields: Any,  # noqa: ANN401 - a command's
) -> SendResult:
    return world.calls.send(PasswordCall.from_mapping(CALL | fields), client, key)


def test_an_accepted_call(world: World) -> None:
    result = send(world, metadata={"order": "17"})
    delivery = result.delivery
    assert not result.replayed
    assert (delivery.status, delivery.provider_ref) == (Status.ACCEPTED, REF)
    assert delivery.caller_number == "7495109****"
    assert delivery.metadata == {"order": "17"}
    assert delivery.cost is not None
    assert (str(delivery.cost.amount), delivery.cost.kind) == ("0.35", "settled")
    assert delivery == world.deliveries.get(delivery.id)
    assert len(world.wire.requests) == 1


def test_a_refused_call_costs_nothing(world: World) -> None:
    world.wire.answers = [HttpResponse(200, b'{"ok":false}')]
    delivery = send(world).delivery
    assert (delivery.status, delivery.reason) == (Status.REJECTED, "refused")
    assert delivery.cost is not None
    assert str(delivery.cost.amount) == "0"


@pytest.mark.slow
@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (NoResponse("timeout"), "timeout"),
        (NoResponse("connection_cut"), "connection_cut"),
        (HttpResponse(502, b"<html>"), "http_502"),
        (HttpResponse(200, b"<html>"), "unreadable_reply"),
    ],
)
def test_an_unknown_call_keeps_its_estimate_and_is_never_sent_again(
    world: World, answer: HttpResponse | NoResponse, reason: str
) -> None:
    world.wire.answers = [answer]
    first = send(world).delivery
    assert (first.status, first.reason) == (Status.UNKNOWN, reason)
    assert first.cost is not None
    assert first.cost.kind == "estimated"
    assert send(world) == SendResult(first, replayed=True)
    assert len(world.wire.requests) == 1


def test_a_connection_that_was_never_made_is_a_refusal(world: World) -> None:
    world.wire.answers = [NoResponse("connect_failed", sent=False)]
    delivery = send(world).delivery
    assert (delivery.status, delivery.reason) == (Status.REJECTED, "connect_failed")


@pytest.mark.slow
def test_the_same_key_and_command_replay_the_record_as_it_is_now(world: World) -> None:
    first = send(world)
    world.cdr()
    again = send(world)
    assert again.replayed
    assert again.delivery.id == first.delivery.id
    assert again.delivery.status is Status.BUSY
    assert len(world.wire.requests) == 1


@pytest.mark.slow
def test_the_same_key_with_another_command_is_refused(world: World) -> None:
    send(world)
    with pytest.raises(IdempotencyKeyReused):
        send(world, code="4321")
    assert len(world.wire.requests) == 1


@pytest.mark.slow
def test_a_key_belongs_to_its_client(world: World) -> None:
    assert send(world).delivery.id != send(world, client="other").delivery.id


def test_without_a_key_every_request_is_a_call(world: World) -> None:
    assert send(world, key=None).delivery.id != send(world, key=None).delivery.id
    assert len(world.wire.requests) == 2


def test_a_repetition_while_the_first_is_running(world: World) -> None:
    def meanwhile() -> HttpResponse:
        with pytest.raises(InProgress) as refusal:
            send(world)
        assert refusal.value.retry_after == 1
        return ACCEPTED

    world.wire.answers = [meanwhile]
    assert send(world).delivery.status is Status.ACCEPTED
    assert len(world.wire.requests) == 1


class Killed(BaseException):
    """The function is ended here."""


def kill() -> HttpResponse:
    raise Killed


def killed_while_sending(world: World) -> None:
    world.wire.answers = [kill, ACCEPTED]
    with pytest.raises(Killed):
        send(world)


def test_a_killed_function_s_call_ends_unknown_and_is_not_placed_again(world: World) -> None:
    killed_while_sending(world)
    world.clock.turn(seconds=29)
    with pytest.raises(InProgress):
        send(world)
    world.clock.turn(seconds=1)
    replay = send(world)
    assert replay.replayed
    assert (replay.delivery.status, replay.delivery.reason) == (Status.UNKNOWN, "function_ended")
    assert len(world.wire.requests) == 1


@pytest.mark.slow
def test_a_401_places_nothing_and_is_asked_again_with_a_fresh_secret(world: World) -> None:
    send(world, key="warm")  # the old token is cached now
    world.put_secret("mcn", token="new-token")
    world.wire.answers = [HttpResponse(401, b"{}"), ACCEPTED]
    assert send(world).delivery.status is Status.ACCEPTED
    tokens = [request.headers["Authorization"] for request in world.wire.requests]
    assert tokens == ["Bearer old-token", "Bearer old-token", "Bearer new-token"]


def test_a_second_401_is_a_refusal(world: World) -> None:
    world.wire.answers = [HttpResponse(401, b"{}")]
    delivery = send(world).delivery
    assert (delivery.status, delivery.reason) == (Status.REJECTED, "unauthorized")
    assert len(world.wire.requests) == 2


def test_a_reply_that_cannot_be_stored_is_answered_unknown(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    def table_is_gone() -> HttpResponse:
        monkeypatch.setattr(world.table.client, "update_item", unreachable)
        return ACCEPTED

    def unreachable(**_: object) -> None:
        raise Unavailable("The table cannot be reached.")

    world.wire.answers = [table_is_gone]
    delivery = send(world).delivery
    assert (delivery.status, delivery.reason) == (Status.UNKNOWN, "not_recorded")


@pytest.mark.parametrize(
    ("fields", "type_"),
    [
        ({"phone": "+700000000" + "01"}, "test_number_not_allowed"),
        ({"phone": "+77012345678"}, "country_not_supported"),
    ],
)
def test_what_cannot_be_sent_is_refused_before_anything_is_reserved(
    world: World, fields: dict[str, Any], type_: str
) -> None:
    with pytest.raises(ValidationFailed) as refusal:
        send(world, **fields)
    assert [(e["loc"], e["type"]) for e in refusal.value.errors] == [(["phone"], type_)]
    assert world.wire.requests == []
    assert world.table.client.scan(TableName=world.table.name)["Items"] == []


@pytest.mark.parametrize("key", ["", " ", "a\n", "đ", "x" * 256, " a", "a "])
def test_an_idempotency_key_is_printable_ascii(world: World, key: str) -> None:
    with pytest.raises(InvalidHeader):
        send(world, key=key)
    assert world.wire.requests == []


@pytest.mark.slow
@pytest.mark.parametrize("key", ["x", "a b", "x" * 255, "~!"])
def test_any_such_key_is_taken(world: World, key: str) -> None:
    assert not send(world, key=key).replayed
    assert send(world, key=key).replayed


def test_a_missing_secret_is_said_before_anything_is_reserved(world: World) -> None:
    world.put_secret("mcn", wrong="x")
    with pytest.raises(Unavailable):
        send(world)
    assert world.table.client.scan(TableName=world.table.name)["Items"] == []


@pytest.mark.slow
def test_neither_code_nor_phone_is_kept_outside_the_phone_s_attribute(world: World) -> None:
    send(world, phone="+79777777777", code="8259")
    world.cdr(caller_number="74951098259", verification_code="8259")
    items = world.table.client.scan(TableName=world.table.name)["Items"]
    phones = [item.pop("phone") for item in items if "phone" in item]
    assert phones == [{"S": "+79777777777"}]
    assert "8259" not in str([{n: v for n, v in i.items() if "key" not in n} for i in items])
    assert "79777777777" not in str(items)


def test_a_delivery_does_not_print_its_phone(world: World) -> None:
    assert "79777777777" not in repr(send(world).delivery)
