"""Events on the bus: what the rules of the documented example bring into their queue."""

import json
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from local.stack import Stack
from tests.e2e.conftest import Api, Sandbox, fresh_code, fresh_phone, invoke, until
from tests.e2e.test_event_list import events_of
from tests.template import ROOT

EXAMPLES = ROOT / "docs" / "examples"


@contextmanager
def deployed(stack: Stack, example: Path, **parameters: str) -> Iterator[dict[str, str]]:
    """A documented example, deployed; its outputs."""
    cloudformation = stack.client("cloudformation")
    name = example.name.partition(".")[0]
    cloudformation.create_stack(
        StackName=name,
        TemplateBody=example.read_text("utf-8"),
        Parameters=[
            {"ParameterKey": key, "ParameterValue": value} for key, value in parameters.items()
        ],
        Capabilities=["CAPABILITY_IAM"],
    )
    waiter = cloudformation.get_waiter("stack_create_complete")
    waiter.wait(StackName=name, WaiterConfig={"Delay": 1})
    [described] = cloudformation.describe_stacks(StackName=name)["Stacks"]
    yield {one["OutputKey"]: one["OutputValue"] for one in described["Outputs"]}
    cloudformation.delete_stack(StackName=name)


@pytest.fixture(scope="module")
def queue_url(stack: Stack) -> Iterator[str]:
    with deployed(
        stack,
        EXAMPLES / "event-rules.template.yaml",
        EventBusName=stack.outputs["EventBusName"],
        Stage="local",
        Client="local",
        Email="operator@example.com",
    ) as outputs:
        yield outputs["QueueUrl"]


def bodies(stack: Stack, queue_url: str) -> list[dict[str, Any]]:
    """What stands in a queue now, in the order of its messages; they are taken out."""
    queues, taken = stack.queues(), []
    while messages := queues.receive_message(QueueUrl=queue_url, MaxNumberOfMessages=10).get(
        "Messages"
    ):
        for message in messages:
            taken.append(json.loads(message["Body"]))
            queues.delete_message(QueueUrl=queue_url, ReceiptHandle=message["ReceiptHandle"])
    return taken


def test_a_verification_s_end_arrives_once_as_the_api_has_it(
    stack: Stack, api: Api, queue_url: str
) -> None:
    code, taken = fresh_code(), []
    ids = []
    for guess in (code, None):
        body = {"phone": fresh_phone("RU"), "workflow": [{"channel": "password_call"}]}
        started = api.post(
            "/v1/verifications", body | {"code": code, "metadata": {"order": "№ 17"}}
        )
        ids.append(started.json()["id"])
        action = ("check", {"code": guess}) if guess else ("cancel", {})
        path = f"/v1/verifications/{ids[-1]}/{action[0]}"
        assert api.post(path, action[1]).status_code == 200

    def arrived() -> list[dict[str, Any]]:
        taken.extend(bodies(stack, queue_url))
        return [event for event in taken if event["subject"] in ids]

    ends = until(arrived, lambda events: len(events) >= len(ids))
    assert sorted((end["subject"], end["type"]) for end in ends) == sorted(
        zip(ids, ("verification.approved", "verification.ended"), strict=True)
    )
    for end in ends:
        assert api.get(f"/v1/events/{end['id']}").json() == end
    # Of the other events of both, which are on the bus too, the rule takes none.
    for id_ in ids:
        assert len(events_of(api, id_, 3)) == 3
    assert len(arrived()) == len(ids)


@pytest.fixture(scope="module")
def workflow(stack: Stack) -> Iterator[str]:
    with deployed(
        stack,
        EXAMPLES / "wait-for-verification.template.yaml",
        StartVerificationFunctionArn=stack.outputs["StartVerificationFunction"],
        EventBusName=stack.outputs["EventBusName"],
        Stage="local",
        Client="local",
    ) as outputs:
        yield outputs["VerifyPhoneArn"]


@pytest.mark.parametrize(
    ("action", "status", "ends_as"),
    [("check", "SUCCEEDED", "approved"), ("cancel", "FAILED", "canceled")],
)
def test_a_workflow_waits_for_the_end_of_its_verification(
    stack: Stack,
    api: Api,
    sandbox: Sandbox,
    workflow: str,
    action: str,
    status: str,
    ends_as: str,
) -> None:
    states, phone = stack.client("stepfunctions"), fresh_phone("RU")
    started = states.start_execution(stateMachineArn=workflow, input=json.dumps({"phone": phone}))[
        "executionArn"
    ]
    sandbox.requests(phone, least=1)
    [verification] = until(lambda: api.get("/v1/verifications", phone=phone).json()["items"], bool)
    code = sandbox.http.get(f"{sandbox.url}/_sandbox/code", params={"phone": phone}).json()["code"]
    assert states.describe_execution(executionArn=started)["status"] == "RUNNING"
    path = f"/v1/verifications/{verification['id']}/{action}"
    answer = api.post(path, {"code": code} if action == "check" else {})
    assert answer.status_code == 200, answer.text
    ended = until(
        lambda: states.describe_execution(executionArn=started),
        lambda execution: execution["status"] != "RUNNING",
    )
    assert ended["status"] == status
    if action == "check":
        assert json.loads(ended["output"]) == {"id": verification["id"], "status": ends_as}
    else:
        assert (ended["error"], ended["cause"]) == (ends_as, verification["id"])


def test_a_workflow_wakes_up_also_if_its_verification_ended_before_it_waited(
    stack: Stack, api: Api, workflow: str
) -> None:
    name = f"late-{secrets.token_hex(6)}"
    command = {"phone": fresh_phone("RU"), "metadata": {"workflow": "verify-phone"}}
    direct = {"client": "local", "idempotency_key": name, **command}
    failed, verification = invoke(stack, "StartVerificationFunction", json.dumps(direct))
    assert not failed, verification
    path = f"/v1/verifications/{verification['id']}"
    assert api.post(f"{path}/cancel", {}).status_code == 200
    events_of(api, verification["id"], 3)
    states = stack.client("stepfunctions")
    started = states.start_execution(
        stateMachineArn=workflow, name=name, input=json.dumps({"phone": command["phone"]})
    )["executionArn"]
    ended = until(
        lambda: states.describe_execution(executionArn=started),
        lambda execution: execution["status"] != "RUNNING",
    )
    assert (ended["error"], ended["cause"]) == ("canceled", verification["id"])
