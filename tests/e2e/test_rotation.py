"""Secrets that are rotated while functions run: no send fails, and no CDR is refused."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final

import pytest

from local.stack import Stack
from tests.e2e.conftest import Api, Sandbox, fresh_code, fresh_phone, start_anew


@dataclass(frozen=True)
class Rotated:
    """A provider's credential, and the sends that use it."""

    function: str
    secret: str
    field: str
    setting: str
    """The sandbox's name of it."""
    route: str
    country: str
    body: dict[str, object]


PROVIDERS: Final = {
    "bizfly": Rotated(
        "SendVoiceOtpFunction",
        "BizflySecretArn",
        "api_key",
        "bizfly_key",
        "/v1/voice-otp",
        "VN",
        {"otp": fresh_code(10)},
    ),
    "mcn": Rotated(
        "SendPasswordCallFunction",
        "McnSecretArn",
        "token",
        "mcn_token",
        "/v1/password-calls",
        "RU",
        {"code": fresh_code()},
    ),
    "caresoft": Rotated(
        "SendZnsFunction",
        "CaresoftSecretArn",
        "token",
        "caresoft_token",
        "/v1/zns",
        "VN",
        {"template": 366},
    ),
}


@contextmanager
def secret_of(stack: Stack, secret: str, *functions: str) -> Iterator[dict[str, Any]]:
    """What a secret holds; afterwards it is that again, and no process of these knows another."""
    manager, arn = stack.client("secretsmanager"), stack.outputs[secret]
    text = manager.get_secret_value(SecretId=arn)["SecretString"]
    start_anew(stack, *functions)
    try:
        yield json.loads(text)
    finally:
        manager.put_secret_value(SecretId=arn, SecretString=text)
        start_anew(stack, *functions)


def put(stack: Stack, secret: str, **values: object) -> None:
    stack.client("secretsmanager").put_secret_value(
        SecretId=stack.outputs[secret], SecretString=json.dumps(values)
    )


@pytest.mark.parametrize("provider", PROVIDERS)
def test_a_provider_s_secret(api: Api, stack: Stack, sandbox: Sandbox, provider: str) -> None:
    rotated = PROVIDERS[provider]

    def send() -> list[bool]:
        """Whether the provider took the request, each time that it was asked."""
        phone = fresh_phone(rotated.country, "10")
        answer = api.post(rotated.route, rotated.body | {"phone": phone})
        assert (answer.status_code, answer.json()["status"]) == (202, "accepted")
        return [request["placed"] for request in sandbox.requests(phone)]

    with secret_of(stack, rotated.secret, rotated.function) as old:
        try:
            assert send() == [True]
            sandbox.control("settings", **{rotated.setting: f"rotated-{provider}-key"})
            put(stack, rotated.secret, **{rotated.field: f"rotated-{provider}-key"})
            # The function still holds the old one: a 401 placed nothing.
            assert send() == [False, True]
            assert send() == [True]
        finally:
            sandbox.control("settings", **{rotated.setting: old[rotated.field]})


def test_the_webhook_s_token(api: Api, stack: Stack, sandbox: Sandbox) -> None:
    base, _, current = stack.mcn_webhook_url.rpartition("/")

    def tell(token: str) -> tuple[int, str]:
        """A busy phone's CDR with this token: the answer, and what became of the call."""
        call = {"phone": fresh_phone("RU", "10"), "code": fresh_code()}
        delivery = api.post("/v1/password-calls", call).json()
        cdr = {"verification_call_uuid": delivery["provider_ref"], "q931_status": 17}
        body = [cdr | {"final_status": "CANCEL"}]
        status = sandbox.http.post(f"{base}/{token}", json=body).status_code
        return status, api.delivery(delivery["id"])["status"]

    with secret_of(stack, "McnWebhookSecretArn", "ReceiveCdrFunction"):
        assert tell(current) == (200, "busy")
        put(stack, "McnWebhookSecretArn", tokens=["rotated-webhook-token", current])
        # The function holds what there was before: it looks again at once.
        assert tell("rotated-webhook-token") == (200, "busy")
        assert tell(current) == (200, "busy")
        put(stack, "McnWebhookSecretArn", token="rotated-webhook-token")
        start_anew(stack, "ReceiveCdrFunction")  # Five minutes later.
        assert tell(current) == (401, "accepted")
        assert tell("rotated-webhook-token") == (200, "busy")
