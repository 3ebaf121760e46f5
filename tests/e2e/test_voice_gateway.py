"""A second provider of voice OTP: asked after Bizfly's definite refusal, and alone."""

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Any, Final

import pytest
from standardwebhooks.webhooks import Webhook

from local.seeding import EVERYTHING
from local.stack import Stack
from tests.e2e.conftest import (
    RACERS,
    Api,
    Sandbox,
    environment,
    fresh_code,
    fresh_phone,
    new_key,
    start_anew,
    until,
    with_key,
)
from tests.e2e.test_bad_input import is_problem
from tests.e2e.test_rotation import put, secret_of
from tests.e2e.test_zns_templates import errors

LIMITS: Final = {"phone": None, "phone_all_clients": None, "prefix": None, "pauses": None}
BOTH: Final = ["bizfly", "voice_gateway"]
VOICE: Final = {"channel": "voice_otp", "timeout_seconds": 900}


def with_settings(stack: Stack, name: str, **settings: object) -> Iterator[Api]:
    with with_key(stack, new_key(stack, name, EVERYTHING)) as api:
        body = {"limits": LIMITS | {"fraud_budget": {"mode": "off"}}, **settings}
        answer = api.http.put(f"{api.url}/v1/settings", json=body)
        assert answer.status_code == 200, answer.text
        yield api


@pytest.fixture(scope="module")
def client(stack: Stack) -> Iterator[Api]:
    """Of a client that has chosen no providers: Bizfly, then the gateway."""
    yield from with_settings(stack, "voices")


@pytest.fixture(scope="module")
def alone(stack: Stack) -> Iterator[Api]:
    """Of a client that has chosen the gateway alone, and may send to both countries."""
    yield from with_settings(
        stack,
        "gateway",
        providers={"voice_otp": ["voice_gateway"]},
        countries={"voice_otp": ["VN", "RU"]},
    )


@pytest.fixture(autouse=True)
def no_suspension(sandbox: Sandbox) -> None:
    """What other tests made fail suspends nobody here."""
    sandbox.control("reset")


def send(api: Api, phone: str, key: str | None = None, **fields: object) -> dict[str, Any]:
    body = {"phone": phone, "otp": fresh_code(6)} | fields
    answer = api.post("/v1/voice-otp", body, key)
    assert answer.status_code == 202, answer.text
    delivery: dict[str, Any] = answer.json()
    return delivery


def refused_by_bizfly(sandbox: Sandbox, digits: str = "99", country: str = "VN") -> str:
    """A phone that Bizfly refuses to call; the digits decide at the gateway."""
    phone = fresh_phone(country, digits)
    sandbox.control("script", phone=phone, provider="bizfly", digits="12")
    return phone


def asked(sandbox: Sandbox, phone: str, least: int) -> list[str]:
    return [request["provider"] for request in sandbox.requests(phone, least=least)]


@pytest.mark.parametrize(
    ("digits", "status", "reason"),
    [
        ("99", "answered", "q850_16"),
        ("01", "busy", "q850_17"),
        ("02", "no_answer", "q850_16"),
        ("05", "unreachable", "q850_20"),
        ("08", "answered", "q850_16"),
        ("09", "answered", "q850_16"),
        ("17", "unreachable", "q850_1"),
    ],
)
def test_what_bizfly_refuses_the_gateway_calls_and_settles(
    client: Api, sandbox: Sandbox, digits: str, status: str, reason: str
) -> None:
    phone = refused_by_bizfly(sandbox, digits)
    second = send(client, phone)
    assert second["provider"] == "voice_gateway"
    settled = client.settled(second["id"], status)
    assert settled["reason"] == reason
    if digits != "08":
        # The reply was written, not only the result.
        assert "accepted" in [line["status"] for line in settled["history"]]
    first = client.delivery(second["retry_of"])
    assert (first["provider"], first["status"]) == ("bizfly", "rejected")
    assert asked(sandbox, phone, 2) == BOTH
    [request] = sandbox.requests(phone, "voice_gateway", least=1)
    assert request["body"]["delivery_id"] == second["id"]
    assert request["reference"] == settled["provider_ref"]


@pytest.mark.parametrize("digits", ["06", "07", "16"])
def test_what_bizfly_may_have_called_the_gateway_does_not(
    client: Api, sandbox: Sandbox, digits: str
) -> None:
    phone = fresh_phone("VN", digits)
    assert send(client, phone)["provider"] == "bizfly"
    assert asked(sandbox, phone, 1) == ["bizfly"]


@pytest.mark.parametrize(
    ("digits", "statuses", "requests"),
    [
        ("99", ["answered"], 1),
        ("01", ["busy"], 1),
        ("06", ["unknown"], 1),
        ("07", ["answered"], 1),
        ("10", ["accepted"], 1),
        ("12", ["rejected"], 1),
        ("13", ["rejected"], 1),
        ("14", ["rejected"], 2),
    ],
)
def test_alone_it_ends_as_the_number_says(
    alone: Api, sandbox: Sandbox, digits: str, statuses: list[str], requests: int
) -> None:
    phone = fresh_phone("VN", digits)
    delivery = send(alone, phone)
    assert delivery["provider"] == "voice_gateway"
    alone.settled(delivery["id"], *statuses)
    assert asked(sandbox, phone, requests) == ["voice_gateway"] * requests


def test_a_russian_hears_the_code_in_russian(alone: Api, sandbox: Sandbox) -> None:
    phone = fresh_phone("RU")
    alone.settled(send(alone, phone)["id"], "answered")
    [request] = sandbox.requests(phone, least=1)
    assert request["body"]["language"] == "ru"


def test_it_is_asked_where_bizfly_is_not_configured(
    client: Api, stack: Stack, sandbox: Sandbox
) -> None:
    phone = fresh_phone("VN")
    functions = ("SendVoiceOtpFunction", "ManageProvidersFunction")
    with secret_of(stack, "BizflySecretArn", *functions):
        put(stack, "BizflySecretArn", api_key="", placeholder="random characters of a new stack")
        start_anew(stack, *functions)
        statuses = {
            one["name"]: (one["channel"], one["status"])
            for one in client.get("/v1/providers").json()["items"]
        }
        assert statuses["bizfly"] == ("voice_otp", "not_configured")
        assert statuses["voice_gateway"] == ("voice_otp", "active")
        assert send(client, phone)["provider"] == "voice_gateway"
    assert asked(sandbox, phone, 1) == ["voice_gateway"]


def test_without_its_token_it_is_not_configured(alone: Api, stack: Stack, sandbox: Sandbox) -> None:
    phone = fresh_phone("VN")
    functions = ("SendVoiceOtpFunction", "ManageProvidersFunction")
    with secret_of(stack, "VoiceGatewaySecretArn", *functions):
        put(
            stack, "VoiceGatewaySecretArn", token="", placeholder="random characters of a new stack"
        )
        start_anew(stack, *functions)
        body = {"phone": phone, "otp": fresh_code(6)}
        is_problem(alone.post("/v1/voice-otp", body), 503, "not_configured")
        statuses = {
            one["name"]: one["status"] for one in alone.get("/v1/providers").json()["items"]
        }
        assert statuses["voice_gateway"] == "not_configured"
    assert sandbox.requests(phone) == []


def test_a_stack_without_a_gateway_refuses_its_webhook(alone: Api, stack: Stack) -> None:
    with environment(stack, "ReceiveCdrFunction", VOICE_GATEWAY_URL=""):
        secret = stack.mcn_webhook_url.rpartition("/")[2]
        assert post(alone, stack, "{}", secret) == 401


def test_a_scenario_in_the_request_is_heard_or_nothing(
    client: Api, alone: Api, sandbox: Sandbox
) -> None:
    phone = refused_by_bizfly(sandbox)
    assert send(client, phone, scenario="OTP-7")["status"] == "rejected"
    assert asked(sandbox, phone, 1) == ["bizfly"]
    body = {"phone": fresh_phone("VN"), "otp": fresh_code(6), "scenario": "OTP-7"}
    refusal = alone.post("/v1/voice-otp", body)
    assert errors(refusal) == [(["scenario"], "scenario_not_supported")]


def test_a_step_with_a_scenario_is_skipped_where_no_provider_has_any(
    alone: Api, sandbox: Sandbox
) -> None:
    phone = fresh_phone("VN")
    workflow = [VOICE | {"scenario": "OTP-7"}, VOICE]
    answer = alone.post("/v1/verifications", {"phone": phone, "workflow": workflow})
    assert answer.status_code == 201, answer.text
    assert answer.json()["step"] == 2
    [skipped] = [line for line in answer.json()["history"] if line["event"] == "skipped"]
    assert skipped["reason"] == "scenario_not_supported"
    assert "no provider that is set for it has scenarios" in skipped["text"]
    assert asked(sandbox, phone, 1) == ["voice_gateway"]


def test_a_verification_s_step_goes_on_at_the_gateway(client: Api, sandbox: Sandbox) -> None:
    phone = refused_by_bizfly(sandbox)
    answer = client.post("/v1/verifications", {"phone": phone, "workflow": [VOICE]})
    assert answer.status_code == 201, answer.text
    id_ = answer.json()["id"]
    verification = until(
        lambda: client.get(f"/v1/verifications/{id_}").json(),
        lambda one: (
            [delivery["status"] for delivery in one["deliveries"]] == ["rejected", "answered"]
        ),
    )
    assert verification["step"] == 1
    assert [one["provider"] for one in verification["deliveries"]] == BOTH
    code = sandbox.http.get(f"{sandbox.url}/_sandbox/code", params={"phone": phone}).json()["code"]
    check = client.post(f"/v1/verifications/{id_}/check", {"code": code})
    assert check.json()["status"] == "approved"


@pytest.mark.race
def test_equal_requests_at_once_call_once_at_each(client: Api, sandbox: Sandbox) -> None:
    phone, code = refused_by_bizfly(sandbox), fresh_code(6)
    body = {"phone": phone, "otp": code}
    with ThreadPoolExecutor(RACERS) as pool:
        answers = list(
            pool.map(lambda _: client.post("/v1/voice-otp", body, key="two voices"), range(RACERS))
        )
    assert {answer.status_code for answer in answers} <= {202, 409}
    last = until(
        lambda: client.post("/v1/voice-otp", body, key="two voices"),
        lambda answer: answer.status_code == 202,
    )
    client.settled(last.json()["id"], "answered")
    assert asked(sandbox, phone, 2) == BOTH


# ------------------------------------------------------------------------------------ the webhook


def post(api: Api, stack: Stack, body: str, secret: str) -> int:
    at = datetime.now(UTC)
    headers = {
        "webhook-id": "evt-1",
        "webhook-timestamp": str(int(at.timestamp())),
        "webhook-signature": Webhook(secret).sign("evt-1", at, body),
    }
    url = f"{stack.api_url}/v1/webhooks/voice-gateway"
    return api.http.post(url, content=body, headers=headers).status_code


def test_a_result_without_a_reply_finds_its_delivery_by_our_id(
    alone: Api, stack: Stack, sandbox: Sandbox
) -> None:
    phone = fresh_phone("VN", "06")
    delivery = send(alone, phone)
    assert delivery["status"] == "unknown"
    secret = stack.mcn_webhook_url.rpartition("/")[2]
    data = {"call_id": f"late-{delivery['id']}", "delivery_id": delivery["id"], "q850_cause": 17}
    body = json.dumps({"type": "call.ended", "data": data})
    assert post(alone, stack, body, "A" * 48) == 401
    assert post(alone, stack, body, secret) == 200
    settled = alone.settled(delivery["id"], "busy")
    assert settled["reason"] == "q850_17"


def test_a_command_of_the_queue_is_called_by_it(alone: Api, stack: Stack, sandbox: Sandbox) -> None:
    phone = fresh_phone("VN", "01")
    command = {
        "command": "send_voice_otp",
        "client": "gateway",
        "idempotency_key": "a-queued-call",
        "phone": phone,
        "otp": fresh_code(6),
    }
    stack.queues().send_message(
        QueueUrl=stack.outputs["CommandQueueUrl"], MessageBody=json.dumps(command)
    )
    assert asked(sandbox, phone, 1) == ["voice_gateway"]
    [delivery] = alone.get("/v1/deliveries", phone=phone).json()["items"]
    assert alone.settled(delivery["id"], "busy")["provider"] == "voice_gateway"


def test_its_secret_is_rotated_while_it_sends(alone: Api, stack: Stack) -> None:
    with secret_of(stack, "VoiceGatewayWebhookSecretArn", "ReceiveCdrFunction") as before:
        old, new = before["secrets"][0], "B" * 48
        put(stack, "VoiceGatewayWebhookSecretArn", secrets=[new, old])
        start_anew(stack, "ReceiveCdrFunction")
        assert [post(alone, stack, "{}", secret) for secret in (old, new)] == [200, 200]
        put(stack, "VoiceGatewayWebhookSecretArn", secrets=[new])
        start_anew(stack, "ReceiveCdrFunction")
        assert [post(alone, stack, "{}", secret) for secret in (old, new)] == [401, 200]
