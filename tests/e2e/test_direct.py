"""Direct invocations, as Step Functions or another Lambda make them."""

import json
from collections.abc import Mapping
from typing import Any

from local.stack import Stack
from tests.e2e.conftest import Api, Sandbox, fresh_phone


def invoke(stack: Stack, command: Mapping[str, object]) -> tuple[str | None, dict[str, Any]]:
    answer = stack.lambdas().invoke(
        FunctionName=stack.outputs["SendPasswordCallFunction"], Payload=json.dumps(command)
    )
    return answer.get("FunctionError"), json.loads(answer["Payload"].read())


def test_the_same_command_and_answer_as_over_http(stack: Stack, api: Api, sandbox: Sandbox) -> None:
    phone = fresh_phone("RU")
    command = {"client": "local", "idempotency_key": "direct-1", "phone": phone, "code": "1234"}
    error, delivery = invoke(stack, command)
    assert error is None
    assert delivery["status"] == "accepted"
    # It is the client's own, and the key is the same key as over HTTP.
    assert api.delivery(delivery["id"])["id"] == delivery["id"]
    over_http = api.post("/v1/password-calls", {"phone": phone, "code": "1234"}, key="direct-1")
    assert over_http.headers["Idempotent-Replayed"] == "true"
    assert over_http.json()["id"] == invoke(stack, command)[1]["id"] == delivery["id"]
    assert len(sandbox.requests(phone)) == 1


def test_a_refusal_is_an_error_that_can_be_caught(stack: Stack, sandbox: Sandbox) -> None:
    phone = fresh_phone("RU")
    error, told = invoke(stack, {"client": "local", "phone": phone, "code": "1234"})
    assert error is not None
    problem = json.loads(told["errorMessage"])
    assert problem["code"] == "validation_failed"
    assert problem["errors"][0]["loc"] == ["idempotency_key"]
    assert sandbox.requests(phone) == []
