"""The hooks of sign-in servers: what they send, who has signed it, how often it is sent on."""

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from copy import deepcopy
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ringpass.errors import (
    ApiError,
    BodyTooLarge,
    InvalidJson,
    NotFound,
    Unauthorized,
    Unavailable,
    ValidationFailed,
)
from ringpass.http.router import Request
from ringpass.redaction import Secret
from ringpass.sign_in.hooks import HOOKS
from ringpass.sign_in.hooks.receiver import HookReceiver
from ringpass.sign_in.hooks.supabase import HOOK as SUPABASE
from ringpass.verifications.model import Verification
from tests.moto_table import moto_client
from tests.sign_in import hook_requests as requests
from tests.sign_in.hook_requests import CODE, OLD_SUPABASE_SECRET, PHONE, SUPABASE_SECRET
from tests.world import Clock, World

type Make = Callable[[World], Request]
AUTHENTIC: dict[str, Make] = {
    "supabase": lambda _: requests.supabase(),
    "logto": lambda _: requests.logto(),
    "zitadel": lambda world: requests.zitadel(at=world.clock.now),
}
every_server = pytest.mark.parametrize("server", sorted(HOOKS))


def changed(body: dict[str, Any], place: str, value: object) -> dict[str, Any]:
    """A copy of a body, with another value at a place; None: without it."""
    body = deepcopy(body)
    *path, last = place.split(".")
    node = body
    for name in path:
        node = node.setdefault(name, {})
    if value is None:
        node.pop(last)
    else:
        node[last] = value
    return body


def started(world: World, client: str = "acme") -> list[Verification]:
    return list(world.verifications.of_client(client, "2000", "3000"))


@contextmanager
def counted_requests() -> Iterator[list[str]]:
    """The requests to the table that are made meanwhile."""
    operations: list[str] = []
    events = moto_client("dynamodb").meta.events

    def note(model: Any, **_: object) -> None:  # noqa: ANN401 - botocore's
        operations.append(model.name)

    events.register("before-call.dynamodb", note)
    try:
        yield operations
    finally:
        events.unregister("before-call.dynamodb", note)


def test_every_server_has_an_example() -> None:
    assert AUTHENTIC.keys() == HOOKS.keys()


@every_server
def test_a_code_is_sent_over_the_client_s_workflow(
    world: World, receiver: HookReceiver, server: str
) -> None:
    response = receiver.receive(server, AUTHENTIC[server](world))
    assert (response.status, response.body) == (200, {})
    assert world.wire.requests == []  # The server waits five seconds, a provider may take longer.
    [verification] = started(world)
    assert (verification.phone, verification.sign_in_server) == (PHONE, server)
    world.moves.advance(verification.id)
    [sent] = world.wire.requests
    assert CODE in f"{sent.url} {sent.body!r}"


@every_server
def test_a_repetition_is_not_sent_again(world: World, receiver: HookReceiver, server: str) -> None:
    for _ in range(3):
        assert receiver.receive(server, AUTHENTIC[server](world)).status == 200
        world.clock.turn(minutes=3)
        for verification in started(world):
            world.moves.advance(verification.id)
    assert len(started(world)) == len(world.wire.requests) == 1


def test_a_code_costs_few_requests(world: World, receiver: HookReceiver) -> None:
    counts = []
    for _ in range(2):
        with counted_requests() as operations:
            receiver.receive("logto", requests.logto())
        counts.append(Counter(operations))
    # The client's settings are read once a minute.
    assert counts[0] == {"BatchGetItem": 1, "GetItem": 2, "TransactWriteItems": 1}
    assert counts[1] == {"GetItem": 3}
    assert len(started(world)) == 1


def test_the_same_code_is_another_one_later(world: World, receiver: HookReceiver) -> None:
    for _ in range(2):
        receiver.receive("logto", requests.logto())
        world.clock.turn(minutes=10)
    assert len(started(world)) == 2


@pytest.mark.parametrize("begin", [0, 1, 300, 599])
@pytest.mark.parametrize(("wait", "sends"), [(1, 1), (599, 1), (600, 2), (1_200, 2)])
def test_a_repetition_is_one_for_ten_minutes_whenever_they_begin(
    world: World, receiver: HookReceiver, begin: int, wait: int, sends: int
) -> None:
    world.clock.turn(seconds=begin)
    receiver.receive("logto", requests.logto())
    world.clock.turn(seconds=wait)
    receiver.receive("logto", requests.logto())
    assert len(started(world)) == sends


def test_a_repetition_is_one_while_the_pepper_changes(world: World, receiver: HookReceiver) -> None:
    """A function may have read the new one, and another not yet."""
    peppers = {"0": "p" * 64}
    for minutes in (0, 1, 4, 4, 4):
        world.clock.turn(minutes=minutes)
        receiver.receive("logto", requests.logto())
        peppers.setdefault("2026-11-21T08:31:00Z", "q" * 64)
        world.put_secret("code_peppers", **peppers)
    # The last one came 13 minutes after the first.
    assert len(started(world)) == 2


def test_the_look_up_key_alone_finds_no_code(world: World, receiver: HookReceiver) -> None:
    """The id of a verification is derived from its code (docs/adr/0046)."""
    receiver.receive("logto", requests.logto())
    world.put_secret("code_peppers", **{"0": "q" * 64})
    world.clock.turn(minutes=6)
    receiver.receive("logto", requests.logto())
    first, second = started(world)
    assert first.id != second.id


def test_another_code_or_number_is_no_repetition(world: World, receiver: HookReceiver) -> None:
    receiver.receive("logto", requests.logto())
    receiver.receive("logto", requests.logto(changed(requests.LOGTO_BODY, "payload.code", "4822")))
    receiver.receive("logto", requests.logto(changed(requests.LOGTO_BODY, "to", "+79777777778")))
    receiver.receive("zitadel", requests.zitadel(at=world.clock.now))
    assert len(started(world)) == 4


@every_server
@pytest.mark.parametrize("phone", ["79777777777", "+79777777777"])
def test_numbers_may_lack_their_plus(
    world: World, receiver: HookReceiver, server: str, phone: str
) -> None:
    make: dict[str, Callable[[], Request]] = {
        "supabase": lambda: requests.supabase(changed(requests.SUPABASE_BODY, "user.phone", phone)),
        "logto": lambda: requests.logto(changed(requests.LOGTO_BODY, "to", phone)),
        "zitadel": lambda: requests.zitadel(
            changed(requests.ZITADEL_BODY, "contextInfo.recipientPhoneNumber", phone),
            at=world.clock.now,
        ),
    }
    receiver.receive(server, make[server]())
    assert [one.phone for one in started(world)] == ["+79777777777"]


def test_a_user_s_new_number_is_called_and_not_the_old_one(
    world: World, receiver: HookReceiver
) -> None:
    body = changed(requests.SUPABASE_BODY, "sms.phone", "79161230203")
    receiver.receive("supabase", requests.supabase(body))
    assert [one.phone for one in started(world)] == ["+79161230203"]


def test_zitadel_s_one_time_password_has_another_name(world: World, receiver: HookReceiver) -> None:
    body = changed(changed(requests.ZITADEL_BODY, "args.code", None), "args.oTP", "64883313")
    # A Password Call, the workflow of a Russian number, takes four digits.
    with pytest.raises(ValidationFailed) as refusal:
        receiver.receive("zitadel", requests.zitadel(body, at=world.clock.now))
    assert refusal.value.errors[0]["type"] == "code_length"
    body = changed(body, "args.oTP", "6488")
    receiver.receive("zitadel", requests.zitadel(body, at=world.clock.now))
    assert len(started(world)) == 1


# ------------------------------------------------------------------------- who has sent it


def forged(world: World) -> dict[str, dict[str, Request]]:
    """What must not be taken, by server."""
    now, real = world.clock.now, datetime.now(UTC)
    stale, early = timedelta(minutes=6), timedelta(minutes=-6)
    supabase, zitadel = requests.supabase(), requests.zitadel(at=now)
    header, signature = "webhook-signature", zitadel.headers["zitadel-signature"]

    def with_headers(request: Request, **headers: str) -> Request:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return requests.request(request.body, {**request.headers, **named})

    return {
        "supabase": {
            "unsigned": requests.request(supabase.body, {}),
            "altered": requests.request(supabase.body + b" ", dict(supabase.headers)),
            "wrong secret": requests.supabase(requests.SUPABASE_BODY, "v1,whsec_AAAA"),
            "stale": requests.supabase(at=real - stale),
            "from the future": requests.supabase(at=real - early),
            "another id": with_headers(supabase, webhook_id="msg_2"),
            "no time": with_headers(supabase, webhook_timestamp="now"),
            "no base64": with_headers(supabase, webhook_signature="v1,%"),
            "no version": with_headers(supabase, webhook_signature="abc"),
            "another version": with_headers(
                supabase, webhook_signature=supabase.headers[header].replace("v1,", "v2,")
            ),
            "not UTF-8": requests.request(b"\xff", dict(supabase.headers)),
        },
        "logto": {
            "without a token": requests.request(requests.LOGTO_BODY, {}),
            "wrong token": requests.logto(token="Bearer other"),
            "no scheme": requests.logto(token="logto-token"),
        },
        "zitadel": {
            "unsigned": requests.request(zitadel.body, {}),
            "altered": requests.request(zitadel.body + b" ", dict(zitadel.headers)),
            "wrong key": requests.zitadel(requests.ZITADEL_BODY, "other", at=now),
            "stale": requests.zitadel(at=now - stale),
            "from the future": requests.zitadel(at=now - early),
            "no time": with_headers(zitadel, zitadel_signature=signature.split(",")[1]),
            "two times": with_headers(zitadel, zitadel_signature=f"{signature},t=1"),
            "endless time": with_headers(zitadel, zitadel_signature="t=" + "9" * 5_000),
            "no signature": with_headers(zitadel, zitadel_signature=signature.split(",")[0]),
            "not ASCII": with_headers(zitadel, zitadel_signature=f"{signature[:-1]}é"),
        },
    }


@every_server
def test_what_nobody_has_signed_is_refused(
    world: World, receiver: HookReceiver, server: str
) -> None:
    for name, request in forged(world)[server].items():
        with pytest.raises(Unauthorized):
            pytest.fail(f"{name}: {receiver.receive(server, request)}")
    assert started(world) == []


@every_server
def test_a_server_without_a_secret_is_refused(
    world: World, receiver: HookReceiver, server: str
) -> None:
    documents: list[dict[str, object]] = [
        {},
        {server: {}},
        {server: {"acme": ""}},
        {server: None},
        {server: ["x"]},
    ]
    for secrets in documents:
        world.put_secret("sign_in", **secrets)
        world.clock.turn(minutes=6)
        with pytest.raises(Unauthorized):
            receiver.receive(server, AUTHENTIC[server](world))
    assert started(world) == []


def test_several_secrets_are_valid_at_once(world: World, receiver: HookReceiver) -> None:
    """While one replaces another, either side may have both."""
    body = requests.SUPABASE_BODY
    receiver.receive("supabase", requests.supabase(body, OLD_SUPABASE_SECRET))
    both = requests.supabase(body, "v1,whsec_AAAA", SUPABASE_SECRET)
    assert both.headers["webhook-signature"].count(", v1,") == 1
    receiver.receive("supabase", both)
    receiver.receive(
        "zitadel",
        requests.zitadel(requests.ZITADEL_BODY, "next", "zitadel-signing-key", at=world.clock.now),
    )
    assert len(started(world)) == 2


def test_the_secret_says_which_client_it_is(world: World, receiver: HookReceiver) -> None:
    receiver.receive("logto", requests.logto(token="Bearer rival"))
    assert (len(started(world, "rival")), started(world)) == (1, [])


def test_a_secret_of_two_clients_is_nobody_s(world: World, receiver: HookReceiver) -> None:
    world.put_secret("sign_in", logto={"acme": "Bearer x", "rival": "Bearer x"})
    with pytest.raises(Unauthorized):
        receiver.receive("logto", requests.logto(token="Bearer x"))


def test_a_new_secret_is_taken_soon(world: World, receiver: HookReceiver) -> None:
    receiver.receive("logto", requests.logto())
    world.put_secret("sign_in", logto={"acme": ["Bearer next"]})
    world.clock.turn(seconds=11)
    receiver.receive("logto", requests.logto(token="Bearer next"))


# ------------------------------------------------------------------------- what is refused


def test_there_is_no_other_server(receiver: HookReceiver) -> None:
    with pytest.raises(NotFound):
        receiver.receive("auth0", requests.logto())


def test_a_body_is_small(receiver: HookReceiver) -> None:
    with pytest.raises(BodyTooLarge):
        receiver.receive("logto", requests.logto(b"x" * 65_537))


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"\xff", b"[" * 30_000])
def test_a_body_is_a_json_object(receiver: HookReceiver, body: bytes) -> None:
    with pytest.raises(InvalidJson):
        receiver.receive("logto", requests.logto(body))


@pytest.mark.parametrize(
    ("place", "value", "loc", "type_"),
    [
        ("to", None, ["phone"], "missing"),
        ("to", 79777777777, ["phone"], "missing"),
        ("to", "12", ["phone"], "phone_format"),
        ("payload.code", None, ["code"], "missing"),
        ("payload.code", "0M53RF", ["code"], "code_format"),
        ("payload", "4821", ["code"], "missing"),
    ],
)
def test_the_field_at_fault_is_named(
    world: World, receiver: HookReceiver, place: str, value: object, loc: list[str], type_: str
) -> None:
    with pytest.raises(ValidationFailed) as refusal:
        receiver.receive("logto", requests.logto(changed(requests.LOGTO_BODY, place, value)))
    assert [(one["loc"], one["type"]) for one in refusal.value.errors] == [(loc, type_)]
    assert started(world) == []


def test_supabase_reads_an_error_in_an_answer_of_200(world: World, receiver: HookReceiver) -> None:
    body = changed(requests.SUPABASE_BODY, "user.phone", "12025550123")
    response = receiver.receive("supabase", requests.supabase(body))
    assert response.status == 200
    error = response.body["error"]
    assert error["http_code"] == 422
    assert "12025550123" not in error["message"]
    assert started(world) == []


@pytest.mark.parametrize(
    ("error", "status", "retry"),
    [
        (Unavailable("The table cannot be reached."), 503, "1"),
        (InvalidJson("The body is not a JSON object."), 200, None),
    ],
)
def test_supabase_repeats_only_what_may_work_then(
    error: ApiError, status: int, retry: str | None
) -> None:
    response = SUPABASE.refusal(error)
    assert (response.status, response.headers.get("Retry-After")) == (status, retry)
    assert response.body == {"error": {"http_code": error.status, "message": error.detail}}


@given(st.binary(max_size=200), st.text(max_size=80), st.text(max_size=20), st.text(max_size=40))
def test_no_header_or_body_is_more_than_a_refusal(
    body: bytes, signature: str, at: str, message: str
) -> None:
    headers = {
        "webhook-id": message,
        "webhook-timestamp": at,
        "webhook-signature": signature,
        "authorization": signature,
        "zitadel-signature": signature,
    }
    request = requests.request(body, headers)
    for hook in HOOKS.values():
        assert hook.is_authentic(request, Secret("MfKQ9r8GKYqrTwjU"), Clock().now) is False
        try:
            hook.read(body)
        except (InvalidJson, ValidationFailed):
            continue
