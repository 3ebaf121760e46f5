"""Direct invocations, as Step Functions or another Lambda make them."""

import json
from collections.abc import Mapping
from typing import Any

from local.stack import Stack
from tests.e2e.conftest import Api, Sandbox, fresh_code, fresh_phone, invoke


def send(stack: Stack, command: Mapping[str, object]) -> tuple[bool, dict[str, Any]]:
    return invoke(stack, "SendPasswordCallFunction", json.dumps(command))


def test_the_same_command_and_answer_as_over_http(stack: Stack, api: Api, sandbox: Sandbox) -> None:
    phone, code = fresh_phone("RU"), fresh_code()
    command = {"client": "local", "idempotency_key": "direct-1", "phone": phone, "code": code}
    failed, delivery = send(stack, command)
    assert not failed
    assert delivery["status"] == "accepted"
    # It is the client's own, and the key is the same key as over HTTP.
    assert api.delivery(delivery["id"])["id"] == delivery["id"]
    over_http = api.post("/v1/password-calls", {"phone": phone, "code": code}, key="direct-1")
    assert over_http.headers["Idempotent-Replayed"] == "true"
    assert over_http.json()["id"] == send(stack, command)[1]["id"] == delivery["id"]
    assert len(sandbox.requests(phone, least=1)) == 1


def test_a_refusal_is_an_error_that_can_be_caught(stack: Stack, sandbox: Sandbox) -> None:
    phone = fresh_phone("RU")
    failed, answer = send(stack, {"client": "local", "phone": phone, "code": fresh_code()})
    assert failed
    problem = json.loads(answer["errorMessage"])
    assert problem["code"] == "validation_failed"
    assert problem["errors"][0]["loc"] == ["idempotency_key"]
    assert sandbox.requests(phone) == []
