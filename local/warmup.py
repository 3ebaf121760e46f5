"""First requests, so that those that follow do not wait for cold starts.

They also show that each function can be imported, finds its settings and may do what it has to.
None of them reaches a provider.
"""

import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from http import HTTPStatus
from typing import TYPE_CHECKING

from local.deploy import client
from local.failures import LocalStackError
from local.providers import ZALO_OA_ID
from local.seeding import SETTINGS
from local.web import ask

if TYPE_CHECKING:
    from mypy_boto3_lambda import LambdaClient

    from local.stack import Stack

AT_ONCE = 8
"""More processes that start at the same time only take longer, each of them."""
ATTEMPTS = 3
"""The processes of a small machine may not all start in the time that a function has."""


_NOTHING_TO_DO = {
    "messageId": "first-request",
    "eventSource": "aws:sqs",
    "body": json.dumps(
        {"do": "give_up_reserved", "due_at": "2020-01-01T00:00:00.000Z", "delivery_id": "none"}
    ),
}
"""A message about a delivery that does not exist."""


_NO_CHALLENGE = {
    "triggerSource": "DefineAuthChallenge_Authentication",
    "request": {"session": []},
    "response": {},
}
_NO_CODE = {"triggerSource": "CustomSMSSender_AdminCreateUser", "request": {}}


def put_settings(stack: "Stack") -> None:
    """Set the settings of the stack's client, before any function could keep those of nobody.

    Raises:
        LocalStackError: they are refused.
    """
    headers = {"Authorization": f"Bearer {stack.admin_key}"}
    answer = ask("PUT", f"{stack.api_url}/v1/settings", body=SETTINGS, headers=headers)
    if answer.status != HTTPStatus.OK:
        raise LocalStackError(f"PUT /v1/settings answers {answer.status}: {answer.text[:300]}")


def warm_up(stack: "Stack") -> None:
    """Call every function once, what a person asks for first before the others.

    Raises:
        LocalStackError: one of them does not work.
    """
    ok, unprocessable = (HTTPStatus.OK,), (HTTPStatus.BAD_REQUEST, HTTPStatus.UNPROCESSABLE_ENTITY)
    refusals = (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN, HTTPStatus.NOT_FOUND)

    def by_http(
        method: str,
        path: str,
        expected: tuple[HTTPStatus, ...],
        body: object = None,
        key: str = stack.api_key,
    ) -> Callable[[], str]:
        def call() -> str:
            headers = {"Authorization": f"Bearer {key}"}
            try:
                answer = ask(method, f"{stack.api_url}{path}", body=body, headers=headers)
            except OSError as error:
                return f"{method} {path} is not answered: {error}"
            if answer.status in expected:
                return ""
            return f"{method} {path} answers {answer.status}: {answer.text[:300]}"

        return call

    def directly(function: str, event: object) -> Callable[[], str]:
        def call() -> str:
            aws: LambdaClient = client("lambda", stack.aws_endpoint_url)
            answer = aws.invoke(FunctionName=stack.outputs[function], Payload=json.dumps(event))
            if not answer.get("FunctionError"):
                return ""
            return f"{function} fails: {answer['Payload'].read().decode()[:300]}"

        return call

    calls = [
        by_http("GET", "/v1/health", ok),
        by_http("POST", "/v1/verifications", unprocessable, {}),
        by_http("POST", "/v1/verifications/none/check", unprocessable, {}),
        by_http("GET", "/v1/verifications", ok),
        by_http("POST", "/v1/voice-otp", unprocessable, {}),
        by_http("POST", "/v1/password-calls", unprocessable, {}),
        by_http("POST", "/v1/zns", unprocessable, {}),
        directly("OutboxFunction", {"Records": []}),
        directly("PublishEventsFunction", {"Records": []}),
        directly("AdvanceFunction", {"Records": [_NOTHING_TO_DO]}),
        by_http("POST", "/v1/webhooks/mcn/not-the-token", refusals, {}),
        by_http("GET", "/v1/deliveries", ok),
        by_http("GET", "/v1/events", ok),
        by_http("GET", "/v1/audit", ok, key=stack.admin_key),
        by_http("GET", "/v1/phones/nobody", unprocessable, key=stack.admin_key),
        by_http("GET", "/v1/statistics", ok),
        by_http("GET", "/v1/providers", ok),
        by_http("GET", "/v1/scenarios", ok),
        by_http("POST", "/v1/scenarios", unprocessable, {}, key=stack.admin_key),
        by_http("GET", "/v1/keys", ok, key=stack.admin_key),
        by_http("GET", "/v1/settings", ok),
        by_http("GET", "/v1/zns-templates", ok),
        by_http("GET", "/v1/webhook-endpoints", ok, key=stack.admin_key),
        by_http("POST", "/v1/webhook-endpoints", unprocessable, {}, key=stack.admin_key),
        by_http(
            "POST", "/v1/webhook-endpoints/none/test", (HTTPStatus.NOT_FOUND,), key=stack.admin_key
        ),
        by_http("GET", f"/v1/oa/{ZALO_OA_ID}/settings", ok),
        by_http("GET", f"/v1/oa/{ZALO_OA_ID}/calls", ok),
        by_http("GET", f"/v1/oa/{ZALO_OA_ID}/consents", ok),
        by_http("GET", "/o/no-such-link", refusals),
        by_http("POST", "/v1/webhooks/caresoft", refusals, {}),
        by_http("POST", "/v1/webhooks/zalo", refusals, {}),
        by_http("POST", "/v1/webhooks/bizfly", refusals, {}),
        by_http("POST", "/v1/hooks/logto", refusals, {}),
        directly("CognitoChallengeFunction", _NO_CHALLENGE),
        directly("CognitoSenderFunction", _NO_CODE),
        directly("ReconcileFunction", {}),
        directly("ScheduleFunction", {}),
        directly("RotateZaloTokenFunction", {"Step": "setSecret", "ClientRequestToken": "none"}),
        directly("RotatePepperFunction", {"Step": "setSecret", "ClientRequestToken": "none"}),
        directly("RunCommandsFunction", {"Records": []}),
    ]
    with ThreadPoolExecutor(AT_ONCE) as pool:
        for wrong in pool.map(_until_well, calls):
            if wrong:
                raise LocalStackError(wrong)


def _until_well(call: Callable[[], str]) -> str:
    """Call until nothing is wrong. Gives what was wrong the last time, or nothing."""
    wrong = ""
    for _ in range(ATTEMPTS):
        wrong = call()
        if not wrong:
            break
    return wrong
