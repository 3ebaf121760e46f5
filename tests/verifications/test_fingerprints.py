"""What records keep to tell requests apart: nothing that the look-up key alone searches for a code.

Whoever has the table and the look-up key, which is never rotated, tries all codes of four digits in
no time. And repetitions work as long as the record is kept, whatever has been rotated since.
"""

from typing import Any

import pytest

from ringpass.deliveries.requests import PasswordCall, Zns
from ringpass.errors import IdempotencyKeyReused, Unavailable, VerificationEnded
from ringpass.ids import fingerprint, request_key
from ringpass.providers.base import HttpResponse
from ringpass.redaction import Secret
from ringpass.verifications.check import CheckResult
from ringpass.verifications.model import VerificationStatus
from ringpass.verifications.requests import StartVerification
from ringpass.verifications.start import StartResult
from tests.world import ACCEPTED, World

LOOKUP = Secret("k" * 64)
PHONE = "+79777777777"
CODE = "4711"
WORKFLOW = [{"channel": "password_call"}]
TICKET = HttpResponse(200, b'{"status":"OK","ticket":{"ticketId":"297002"}}')


def call(code: str | None = CODE, **fields: object) -> PasswordCall:
    body = {"phone": PHONE, **({} if code is None else {"code": code}), **fields}
    return PasswordCall.from_mapping(body)


def begin(code: str | None = CODE, **fields: object) -> StartVerification:
    body: dict[str, Any] = {"phone": PHONE, "workflow": WORKFLOW, **fields}
    return StartVerification.from_mapping(body if code is None else {**body, "code": code})


def start(world: World, command: StartVerification, key: str | None = "key") -> StartResult:
    world.wire.answers = [ACCEPTED]
    return world.starts.start(command, "acme", key)


def guess(world: World, verification_id: str, code: str, key: str | None) -> CheckResult:
    return world.checks.check(verification_id, "acme", Secret(code), key)


def texts_in(world: World) -> list[str]:
    """Every text in the table, also within other values."""
    texts: list[str] = []

    def walk(value: object) -> None:
        if isinstance(value, str):
            texts.append(value)
        elif isinstance(value, dict):
            texts.extend(value)
            list(map(walk, value.values()))
        elif isinstance(value, list):
            list(map(walk, value))

    for item in world.table.client.scan(TableName=world.table.name)["Items"]:
        walk(item)
    return texts


def searchable(world: World, *bodies: bytes) -> bool:
    """Whether the look-up key alone finds one of these bodies in the table."""
    return any(fingerprint(LOOKUP, body) in text for body in bodies for text in texts_in(world))


def rotate(world: World, *, drop: bool) -> None:
    """A new pepper; the one before is dropped, as it is a day later."""
    old: dict[str, object] = {} if drop else {"0": "p" * 64}
    world.put_secret("code_peppers", **old, **{"2026-11-22T02:00:00Z": "q" * 64})
    world.secrets.fields("code_peppers", refresh=True)


# ------------------------------------------------------------------------------------ single sends


@pytest.mark.slow
@pytest.mark.parametrize("key", ["key", None])
def test_nothing_kept_of_a_single_send_is_searched_with_the_look_up_key(
    world: World, key: str | None
) -> None:
    world.wire.answers = [ACCEPTED]
    world.calls.send(call(), "acme", key)
    world.wire.answers = [TICKET]
    message = Zns.from_mapping({"phone": "+84389801371", "template": 366, "params": {"otp": CODE}})
    world.messages.send(message, "acme", key)
    assert not searchable(world, call().canonical(), message.canonical())


def test_a_single_send_is_known_again_by_its_key_and_its_code(world: World) -> None:
    world.wire.answers = [ACCEPTED]
    first = world.calls.send(call(), "acme", "key")
    rotate(world, drop=True)
    again = world.calls.send(call(), "acme", "key")
    assert (again.replayed, again.delivery.id) == (True, first.delivery.id)
    others = (call("4712"), call(None), call(metadata={"a": "b"}), call(consent_reference="c"))
    for other in others:
        with pytest.raises(IdempotencyKeyReused):
            world.calls.send(other, "acme", "key")
    assert len(world.wire.requests) == 1


def test_a_request_without_a_consent_reference_is_known_again_after_an_update() -> None:
    """Its canonical form is that of a release which had no such field."""
    assert call().canonical() == (
        b'{"code":"4711","detect_redirect":false,"metadata":{},"phone":"+79777777777"}'
    )
    assert b"consent" not in begin().canonical()
    assert b'"consent_reference":"c"' in begin(consent_reference="c").canonical()


# ----------------------------------------------------------------------------------- verifications


@pytest.mark.slow
@pytest.mark.parametrize("code", [CODE, None])
def test_nothing_kept_of_a_verification_is_searched_with_the_look_up_key(
    world: World, code: str | None
) -> None:
    verification = start(world, begin(code)).verification
    right = code or world.checks.codes.reveal(verification.code).reveal()
    guessed = "0000" if right != "0000" else "0001"
    guess(world, verification.id, guessed, "guess")
    guess(world, verification.id, right, None)
    bodies = [call(right).canonical(), right.encode(), guessed.encode()]
    assert not searchable(world, *bodies)
    assert begin(right).canonical() == begin("9999").canonical() == begin(None).canonical()


@pytest.mark.slow
@pytest.mark.parametrize("drop", [False, True])
def test_a_start_is_known_again_after_its_pepper_was_rotated(world: World, drop: bool) -> None:
    first = start(world, begin())
    rotate(world, drop=drop)
    again = start(world, begin())
    assert (again.replayed, again.verification.id) == (True, first.verification.id)
    others = (begin("471147"), begin(None), begin(metadata={"a": "b"}))
    for other in (*others, begin(consent_reference="c")):
        with pytest.raises(IdempotencyKeyReused):
            start(world, other)
    assert len(world.wire.requests) == 1


@pytest.mark.slow
def test_another_code_is_another_start_while_its_pepper_is_there(world: World) -> None:
    start(world, begin())
    with pytest.raises(IdempotencyKeyReused):
        start(world, begin("4712"))
    rotate(world, drop=False)
    with pytest.raises(IdempotencyKeyReused):
        start(world, begin("4712"))
    # Once it is gone, nobody can tell; nothing is sent.
    rotate(world, drop=True)
    assert start(world, begin("4712")).replayed
    assert len(world.wire.requests) == 1


def test_a_start_without_a_code_is_none_with_one(world: World) -> None:
    start(world, begin(None))
    with pytest.raises(IdempotencyKeyReused):
        start(world, begin())


# ----------------------------------------------------------------------------------------- guesses


@pytest.mark.slow
def test_a_guess_is_known_again_by_its_key_and_its_code(world: World) -> None:
    verification = start(world, begin()).verification
    assert guess(world, verification.id, "0000", "wrong").attempts_remaining == 2
    with pytest.raises(IdempotencyKeyReused):
        guess(world, verification.id, "0001", "wrong")
    again = guess(world, verification.id, "0000", "wrong")
    assert (again.status, again.replayed) == (VerificationStatus.PENDING, True)
    guess(world, verification.id, CODE, "right")
    rotate(world, drop=False)
    with pytest.raises(IdempotencyKeyReused):
        guess(world, verification.id, "0001", "right")
    rotate(world, drop=True)
    again = guess(world, verification.id, CODE, "right")
    assert (again.status, again.replayed) == (VerificationStatus.APPROVED, True)
    with pytest.raises(VerificationEnded):
        guess(world, verification.id, "0000", "wrong")


def test_a_guess_that_was_never_made_is_not_judged_without_its_pepper(world: World) -> None:
    verification = start(world, begin()).verification
    rotate(world, drop=True)
    with pytest.raises(Unavailable):
        guess(world, verification.id, CODE, "new")


def test_a_mark_of_an_older_release_is_taken_for_the_same_guess(world: World) -> None:
    verification = start(world, begin()).verification
    guess(world, verification.id, "0000", "wrong")
    name = request_key(LOOKUP, "check", "wrong")
    world.table.update(
        {"PK": f"VER#{verification.id}", "SK": "VER"},
        "SET guesses.#guess = :mark",
        {":mark": fingerprint(LOOKUP, b"0000")},
        names={"#guess": name},
    )
    assert guess(world, verification.id, "0000", "wrong").replayed
