"""The log-in flow with the clients of clients/, and a word that is new to them."""

import asyncio
import json
from collections.abc import Callable

import httpx
import pytest

from local.client_libraries import TYPESCRIPT, install_packages, node
from local.stack import Stack
from local.webhook_receiver import webhook_receiver
from ringpass_client import (
    AlreadyApproved,
    ApiError,
    Approved,
    AsyncRingpass,
    Canceled,
    OtherEnd,
    Pending,
    Replaced,
    Ringpass,
    StartVerification,
    WrongCode,
    state_of,
    verify_webhook,
)
from ringpass_client.generated.api.verifications import list_verifications
from ringpass_client.generated.models import VerificationApprovedEvent
from tests.e2e.conftest import Api, Sandbox, fresh_phone, until
from tests.e2e.test_webhook_endpoints import about, register, remove


def code_at(sandbox: Sandbox, phone: str) -> str:
    """The code that the person saw."""

    def look() -> httpx.Response:
        return sandbox.http.get(f"{sandbox.url}/_sandbox/code", params={"phone": phone})

    code: str = until(look, lambda answer: answer.status_code == 200).json()["code"]
    return code


def wrong(code: str) -> str:
    return str((int(code) + 1) % 10 ** len(code)).zfill(len(code))


def test_a_log_in_in_python(stack: Stack, sandbox: Sandbox) -> None:
    phone, other = fresh_phone("RU"), fresh_phone("VN")
    with Ringpass(stack.api_url, stack.api_key) as ringpass:
        verification = ringpass.start_verification(StartVerification(phone=phone))
        assert state_of(verification) == Pending()
        code = code_at(sandbox, phone)
        assert ringpass.check_code(verification.id, wrong(code)) == WrongCode(2)
        assert ringpass.check_code(verification.id, code) == Approved()
        assert ringpass.check_code(verification.id, code) == AlreadyApproved()
        assert state_of(ringpass.read_verification(verification.id)) == Approved()

        first = ringpass.start_verification(StartVerification(phone=other))
        second = ringpass.start_verification(StartVerification(phone=other))
        assert ringpass.check_code(first.id, "0000") == Replaced(second.id)
        assert ringpass.take_next_step(second.id).step == 2
        assert state_of(ringpass.cancel_verification(second.id)) == Canceled()
        assert ringpass.check_code(second.id, "0000") == Canceled()
        page = until(
            lambda: list_verifications.sync(client=ringpass, phone=other),
            lambda page: len(page.items) == 2,
        )
        assert {one.id for one in page.items} == {first.id, second.id}
        with pytest.raises(ApiError) as caught:
            ringpass.start_verification(StartVerification(phone="12"))
        assert [error["loc"] for error in caught.value.errors] == [["phone"]]


def test_a_key_of_one_s_own_starts_one_verification(stack: Stack, sandbox: Sandbox) -> None:
    """And with async."""
    body = StartVerification(phone=(phone := fresh_phone("RU")))

    async def run() -> tuple[str, str]:
        async with AsyncRingpass(stack.api_url, stack.api_key) as ringpass:
            first = await ringpass.start_verification(body, idempotency_key="as-before")
            again = await ringpass.start_verification(body, idempotency_key="as-before")
            assert await ringpass.check_code(first.id, code_at(sandbox, phone)) == Approved()
            return first.id, again.id

    first, again = asyncio.run(run())
    assert first == again
    assert len(sandbox.requests(phone, least=1)) == 1


def test_a_log_in_in_typescript(stack: Stack) -> None:
    install_packages()
    phone, other = fresh_phone("RU"), fresh_phone("VN")
    arguments = (stack.api_url, stack.api_key, stack.sandbox_url, phone, other)
    output = node(TYPESCRIPT / "tests" / "log-in.ts", *arguments, cwd=TYPESCRIPT).stdout
    *lines, replaced, step, canceled, late = map(json.loads, output.splitlines())
    assert lines == [
        {"kind": "pending"},
        {"kind": "wrong_code", "attemptsRemaining": 2},
        {"kind": "approved"},
        {"kind": "already_approved"},
        {"kind": "approved"},
    ]
    assert replaced[0]["kind"] == "replaced"
    assert replaced[1] is True
    assert (step, canceled, late) == (2, {"kind": "canceled"}, {"kind": "canceled"})


def test_a_webhook_is_checked_and_read(admin: Api, stack: Stack, sandbox: Sandbox) -> None:
    with webhook_receiver() as receiver:
        endpoint = register(admin, receiver, "verification.approved")
        phone = fresh_phone("RU")
        with Ringpass(stack.api_url, stack.admin_key) as ringpass:
            verification = ringpass.start_verification(StartVerification(phone=phone))
            code = code_at(sandbox, phone)
            assert ringpass.check_code(verification.id, code) == Approved()
        [request] = until(lambda: about(receiver, verification.id), bool)
        remove(admin, endpoint)
    event = verify_webhook(request.body, request.headers, endpoint["secret"])
    assert isinstance(event, VerificationApprovedEvent)
    assert event.data.id == verification.id


def test_an_unknown_status_of_a_newer_server_survives(stack: Stack, sandbox: Sandbox) -> None:
    """A server in between makes new words of the stack's own."""
    phone = fresh_phone("RU")
    transport = Newer(httpx.HTTPTransport(trust_env=False))
    with Ringpass(stack.api_url, stack.api_key, transport=transport) as ringpass:
        verification = ringpass.start_verification(StartVerification(phone=phone))
        assert state_of(verification) == OtherEnd("newer_pending")
        [delivery] = verification.deliveries
        assert str(delivery.channel) == "newer_password_call"
        assert ringpass.check_code(verification.id, code_at(sandbox, phone)) == OtherEnd(
            "newer_approved"
        )


class Newer(httpx.BaseTransport):
    """The stack, as if each word of a status or a channel were another one."""

    def __init__(self, transport: httpx.BaseTransport) -> None:
        self._transport = transport

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        response = self._transport.handle_request(request)
        response.read()
        body = renamed(response.json(), lambda word: f"newer_{word}")
        return httpx.Response(response.status_code, json=body)

    def close(self) -> None:
        self._transport.close()


def renamed(part: object, rename: Callable[[str], str]) -> object:
    """JSON with other words for statuses and channels."""
    if isinstance(part, list):
        return [renamed(one, rename) for one in part]
    if not isinstance(part, dict):
        return part
    return {
        name: rename(value)
        if name in ("status", "channel", "source") and isinstance(value, str)
        else renamed(value, rename)
        for name, value in part.items()
    }
