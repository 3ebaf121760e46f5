"""Sign-in servers on a deployed stack: their hooks over HTTP, Cognito's triggers by invocation."""

import json
import time
from base64 import b64encode
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Any, Final

import httpx
import pytest

from local.deploy import client
from local.paths import COGNITO_EXAMPLE
from local.seeding import EVENTS_TOKEN
from local.stack import Stack
from tests.e2e.conftest import Api, Sandbox, fresh_code, fresh_phone, invoke, until
from tests.sign_in import hook_requests
from tests.sign_in.cognito_events import event

SLOW: Final = "11"
"""The last digits of a number at which a provider's reply takes 30 seconds."""
PATIENCE_SECONDS: Final = 5.0
"""How long each of these servers waits."""
SUPABASE_SECRET: Final = f"v1,whsec_{b64encode(EVENTS_TOKEN.encode()).decode()}"


def hook(stack: Stack, sandbox: Sandbox, server: str, phone: str, code: str) -> httpx.Response:
    """A request of a server, signed now."""
    match server:
        case "supabase":
            user = hook_requests.SUPABASE_BODY["user"] | {"phone": phone.removeprefix("+")}
            body = hook_requests.SUPABASE_BODY | {"user": user, "sms": {"otp": code}}
            request = hook_requests.supabase(body, SUPABASE_SECRET)
        case "logto":
            body = hook_requests.LOGTO_BODY | {"to": phone, "payload": {"code": code}}
            request = hook_requests.logto(body, f"Bearer {EVENTS_TOKEN}")
        case _:
            context = hook_requests.ZITADEL_BODY["contextInfo"] | {"recipientPhoneNumber": phone}
            body = {"contextInfo": context, "args": {"oTP": code}}
            request = hook_requests.zitadel(body, EVENTS_TOKEN, at=datetime.now(UTC))
    url, headers = f"{stack.api_url}/v1/hooks/{server}", dict(request.headers)
    return sandbox.http.post(url, content=request.body, headers=headers)


def in_time[T](call: Callable[[], T]) -> T:
    """What a call gives, before the server would give up."""
    started = time.monotonic()
    answer = call()
    assert time.monotonic() - started < PATIENCE_SECONDS
    return answer


def verification_of(api: Api, phone: str) -> dict[str, Any]:
    [verification] = api.get("/v1/verifications", phone=phone).json()["items"]
    record: dict[str, Any] = verification
    return record


def cancel(api: Api, verification: str) -> None:
    """No further step of it comes in others' tests."""
    api.post(f"/v1/verifications/{verification}/cancel", {})


@pytest.mark.parametrize("server", ["supabase", "logto", "zitadel"])
def test_a_server_s_code_is_sent_once(
    stack: Stack, api: Api, sandbox: Sandbox, server: str
) -> None:
    phone, code = fresh_phone("VN"), fresh_code(6)

    def ask(_: int) -> httpx.Response:
        return in_time(lambda: hook(stack, sandbox, server, phone, code))

    with ThreadPoolExecutor(2) as pool:
        answers = list(pool.map(ask, range(2)))
    assert [(answer.status_code, answer.json()) for answer in answers] == [(200, {})] * 2
    sandbox.requests(phone, least=1)
    heard = sandbox.http.get(f"{sandbox.url}/_sandbox/code", params={"phone": phone})
    assert heard.json()["code"] == code
    assert hook(stack, sandbox, server, phone, code).status_code == 200
    verification = verification_of(api, phone)
    assert (verification["sign_in_server"], verification["status"]) == (server, "pending")
    assert len(sandbox.requests(phone)) == 1
    cancel(api, verification["id"])


def trigger(stack: Stack, name: str, phone: str, **request: object) -> Any:  # noqa: ANN401 - JSON
    """What Cognito gets of one of the functions, in time."""
    attributes = {"sub": f"sub of {phone}", "phone_number": phone}
    document = event(name, userAttributes=attributes, **request)
    function = {"cognito_sender": "CognitoSenderFunction"}.get(
        name.partition("/")[0], "CognitoChallengeFunction"
    )
    failed, answer = in_time(lambda: invoke(stack, function, json.dumps(document)))
    assert not failed, answer
    return answer


def test_a_provider_that_takes_thirty_seconds_makes_no_server_wait(
    stack: Stack, api: Api, sandbox: Sandbox
) -> None:
    by_hook, by_sender, by_challenge = (fresh_phone("VN", SLOW) for _ in range(3))
    answer = in_time(lambda: hook(stack, sandbox, "supabase", by_hook, fresh_code(6)))
    assert answer.status_code == 200
    trigger(stack, "cognito_sender/sign_up", by_sender)
    trigger(stack, "cognito_challenge/create_first", by_challenge)
    for phone in (by_hook, by_sender, by_challenge):
        assert len(sandbox.requests(phone, least=1)) == 1
        cancel(api, verification_of(api, phone)["id"])


def test_three_invocations_of_one_session_send_one_code_that_signs_in(
    stack: Stack, api: Api, sandbox: Sandbox
) -> None:
    phone = fresh_phone("RU")
    first = trigger(stack, "cognito_challenge/define_first", phone)["response"]
    assert first["challengeName"] == "CUSTOM_CHALLENGE"
    challenges = [
        trigger(stack, "cognito_challenge/create_first", phone)["response"] for _ in range(3)
    ]
    assert challenges[0] == challenges[1] == challenges[2]
    sandbox.requests(phone, least=1)
    heard = sandbox.http.get(f"{sandbox.url}/_sandbox/code", params={"phone": phone})
    correct = trigger(
        stack,
        "cognito_challenge/verify",
        phone,
        privateChallengeParameters=challenges[0]["privateChallengeParameters"],
        challengeAnswer=heard.json()["code"],
    )
    assert correct["response"] == {"answerCorrect": True}
    assert verification_of(api, phone)["status"] == "approved"
    assert len(sandbox.requests(phone)) == 1


def test_the_example_user_pool_deploys(stack: Stack) -> None:
    cloudformation = client("cloudformation", stack.aws_endpoint_url)
    functions = {
        "SenderFunctionArn": stack.outputs["CognitoSenderFunction"],
        "ChallengeFunctionArn": stack.outputs["CognitoChallengeFunction"],
    }
    cloudformation.create_stack(
        StackName="people",
        TemplateBody=COGNITO_EXAMPLE.read_text("utf-8"),
        Parameters=[
            {"ParameterKey": name, "ParameterValue": arn} for name, arn in functions.items()
        ],
    )

    def look() -> dict[str, Any]:
        described: dict[str, Any] = cloudformation.describe_stacks(StackName="people")["Stacks"][0]
        return described

    described = until(look, lambda one: not one["StackStatus"].endswith("IN_PROGRESS"))
    assert described["StackStatus"] == "CREATE_COMPLETE", described
    outputs = {one["OutputKey"]: one["OutputValue"] for one in described["Outputs"]}
    pool = client("cognito-idp", stack.aws_endpoint_url).describe_user_pool(
        UserPoolId=outputs["UserPoolId"]
    )["UserPool"]
    triggers = pool["LambdaConfig"]
    assert triggers["CustomSMSSender"]["LambdaArn"] == functions["SenderFunctionArn"]
    assert triggers["KMSKeyID"] == outputs["CodeKeyArn"]
    for name in ("DefineAuthChallenge", "CreateAuthChallenge", "VerifyAuthChallengeResponse"):
        assert triggers[name] == functions["ChallengeFunctionArn"]
    cloudformation.delete_stack(StackName="people")
