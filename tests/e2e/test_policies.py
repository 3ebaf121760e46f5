"""Each function may do what it does, and nothing else: policies against the calls of the run.

That nothing is missing the local cloud shows by itself: it refuses what a role does not allow.
"""

import json
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any, Final

import pytest

from local.environment import STACK_NAME
from local.ministack import CALLS_FILE
from local.paths import STATE
from local.stack import Stack

# (function, action, part of the resource) that no function asks for itself, and who does. An empty
# function or part is any.
BY_LAMBDA: Final[Mapping[tuple[str, str, str], str]] = {
    ("", "logs:CreateLogStream", ""): "Lambda writes a function's log with the function's role",
    ("", "logs:PutLogEvents", ""): "Lambda writes a function's log with the function's role",
    ("Advance", "sqs:ReceiveMessage", ""): "Lambda's poller takes messages with this role",
    ("Advance", "sqs:DeleteMessage", ""): "Lambda's poller deletes what was done",
    ("Advance", "sqs:GetQueueAttributes", ""): "Lambda's poller looks at the queue",
    ("RunCommands", "sqs:ReceiveMessage", ""): "Lambda's poller takes messages with this role",
    ("RunCommands", "sqs:DeleteMessage", ""): "Lambda's poller deletes what was done",
    ("RunCommands", "sqs:GetQueueAttributes", ""): "Lambda's poller looks at the queue",
    ("DeliverWebhooks", "sqs:ReceiveMessage", ""): "Lambda's poller takes messages",
    ("DeliverWebhooks", "sqs:DeleteMessage", ""): "Lambda's poller deletes what was done",
    ("DeliverWebhooks", "sqs:GetQueueAttributes", ""): "Lambda's poller looks at the queue",
    ("Outbox", "dynamodb:DescribeStream", ""): "Lambda's poller reads the stream with this role",
    ("Outbox", "dynamodb:GetShardIterator", ""): "Lambda's poller reads the stream",
    ("Outbox", "dynamodb:GetRecords", ""): "Lambda's poller reads the stream",
    ("Outbox", "dynamodb:ListStreams", ""): "Lambda's poller looks for the stream",
    ("Outbox", "sqs:SendMessage", "OutboxFailureQueue"): "Lambda's poller tells what it gave up",
    ("PublishEvents", "dynamodb:DescribeStream", ""): "Lambda's poller reads the stream",
    ("PublishEvents", "dynamodb:GetShardIterator", ""): "Lambda's poller reads the stream",
    ("PublishEvents", "dynamodb:GetRecords", ""): "Lambda's poller reads the stream",
    ("PublishEvents", "dynamodb:ListStreams", ""): "Lambda's poller looks for the stream",
    (
        "PublishEvents",
        "sqs:SendMessage",
        "PublishEventsFailureQueue",
    ): "Lambda's poller tells what it gave up",
}


@dataclass(frozen=True)
class Call:
    """A kind of call that a role made."""

    role: str
    action: str
    resource: str
    keys: tuple[str, ...]
    """What partition keys begin with, such as `DLV#`."""
    allowed: bool


@dataclass(frozen=True)
class Statement:
    """A statement of a function's policy."""

    function: str
    role: str
    actions: tuple[str, ...]
    resources: tuple[str, ...]
    keys: tuple[str, ...]
    """Patterns of leading keys; empty if they may be any."""

    def covers(self, call: Call) -> bool:
        """Whether it is this statement that allows a call."""
        return (
            call.role == self.role
            and call.action in self.actions
            and any(fnmatchcase(call.resource, pattern) for pattern in self.resources)
            and all(
                any(fnmatchcase(key, pattern) for pattern in self.keys)
                for key in call.keys
                if self.keys
            )
        )


def listed(value: object) -> tuple[str, ...]:
    """What IAM takes as one or as a list of them."""
    return tuple(map(str, value)) if isinstance(value, list) else (str(value),)


def statements_of(stack: Stack) -> Iterator[Statement]:
    """The statements of all functions' roles, as they were deployed."""
    iam = stack.client("iam")
    for page in stack.lambdas().get_paginator("list_functions").paginate():
        for function in page["Functions"]:
            name = function["FunctionName"].removeprefix(f"{STACK_NAME}-")
            name = name.partition("Function-")[0]
            role = function["Role"].rpartition("/")[2]
            assert not iam.list_attached_role_policies(RoleName=role)["AttachedPolicies"]
            for policy in iam.list_role_policies(RoleName=role)["PolicyNames"]:
                document: Any = iam.get_role_policy(RoleName=role, PolicyName=policy)
                for one in document["PolicyDocument"]["Statement"]:
                    condition = one.get("Condition", {})
                    assert condition.keys() <= {"ForAllValues:StringLike"}
                    keys = condition.get("ForAllValues:StringLike", {})
                    assert keys.keys() <= {"dynamodb:LeadingKeys"}
                    yield Statement(
                        function=name,
                        role=role,
                        actions=listed(one["Action"]),
                        resources=listed(one["Resource"]),
                        keys=listed(keys["dynamodb:LeadingKeys"]) if keys else (),
                    )


@pytest.fixture(scope="module")
def statements(stack: Stack) -> list[Statement]:
    return list(statements_of(stack))


@pytest.fixture(scope="module")
def calls(stack: Stack) -> list[Call]:
    """What the local cloud noted of this run's stack."""
    owners = [
        owner
        for owner in STATE.glob("e2e-*/owner.json")
        if json.loads(owner.read_text("utf-8"))["pid"] == os.getpid()
    ]
    newest = max(owners, key=lambda owner: owner.stat().st_mtime)
    lines = (newest.parent / CALLS_FILE).read_text("utf-8").splitlines()
    recorded = [_call(json.loads(line)) for line in lines]
    assert recorded
    return recorded


def _call(fields: dict[str, Any]) -> Call:
    return Call(**{**fields, "keys": tuple(fields["keys"])})


def is_lambda_s(function: str, action: str, resource: str) -> bool:
    return any(
        name in ("", function) and own == action and part in resource
        for name, own, part in BY_LAMBDA
    )


def test_nothing_was_refused(calls: list[Call], statements: list[Statement]) -> None:
    # A test gives a function a table that there is not, to see it fail.
    ours = [call for call in calls if not call.resource.endswith("/no-such-table")]
    assert [call for call in ours if not call.allowed] == []
    assert [call for call in ours if not any(one.covers(call) for one in statements)] == []


@pytest.mark.usefixtures("whole_run")
def test_nothing_is_allowed_that_nobody_does(
    calls: list[Call], statements: list[Statement]
) -> None:
    unused = [
        (one.function, action, resource)
        for one in statements
        for action in one.actions
        for resource in one.resources
        if not is_lambda_s(one.function, action, resource)
        if not any(
            one.covers(call) and call.action == action and fnmatchcase(call.resource, resource)
            for call in calls
        )
    ]
    assert unused == []


@pytest.mark.usefixtures("whole_run")
def test_every_leading_key_is_used(calls: list[Call], statements: list[Statement]) -> None:
    unused = [
        (one.function, one.actions, pattern)
        for one in statements
        for pattern in one.keys
        if not any(
            one.covers(call) and any(fnmatchcase(key, pattern) for key in call.keys)
            for call in calls
        )
    ]
    assert unused == []


def test_what_lambda_does_by_itself_is_in_a_policy(statements: list[Statement]) -> None:
    allowed = {
        (one.function, action, resource)
        for one in statements
        for action in one.actions
        for resource in one.resources
    }
    for name, action, part in BY_LAMBDA:
        assert any(
            name in ("", function) and own == action and part in resource
            for function, own, resource in allowed
        )


def test_a_right_that_nobody_uses_would_be_noticed() -> None:
    call = Call("role", "dynamodb:GetItem", "arn:table/t", ("DLV#",), allowed=True)
    one = Statement("f", "role", ("dynamodb:GetItem",), ("arn:table/t",), ("DLV#*",))
    assert one.covers(call)
    for other in (
        Call("other", call.action, call.resource, call.keys, allowed=True),
        Call("role", "dynamodb:PutItem", call.resource, call.keys, allowed=True),
        Call("role", call.action, "arn:table/u", call.keys, allowed=True),
        Call("role", call.action, call.resource, ("DLV#", "KEY#"), allowed=True),
    ):
        assert not one.covers(other)
