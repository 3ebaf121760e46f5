"""Whether the account may run as many functions at once as the stack asks for.

A new AWS account may run as few as ten (Lambda's quota "Concurrent executions", 1,000 by default).
Of what it may, Lambda keeps 100 for functions without a reserve, or all if there are no more, and
refuses a greater reserve in the middle of a deployment.
"""

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, Final

from botocore.exceptions import ClientError

from local.failures import DeploymentError

if TYPE_CHECKING:
    from boto3.session import Session
    from mypy_boto3_cloudformation import CloudFormationClient
    from mypy_boto3_lambda import LambdaClient

FEW: Final = 100
"""An account that may run no more at once than this is told so: it is enough to try it out."""
_NEVER_RESERVED: Final = 100
_RESERVES: Final = ("SenderReserve", "WebhookReserve")
_ASK: Final = (
    "ask for more in Service Quotas, AWS Lambda, Concurrent executions (L-B99A9384), which costs "
    "nothing"
)


def check_concurrency(
    session: "Session",
    template: Mapping[str, Any],
    values: Mapping[str, str],
    stack: Mapping[str, Any] | None,
) -> list[str]:
    """Compare the stack's parameters with what the account may run at once.

    Args:
        session: The account and its region.
        template: The template.
        values: What its parameters will be.
        stack: The stack that will be updated, as CloudFormation describes it; None: there is none.

    Returns:
        Sentences that a person should read; the deployment may go on.

    Raises:
        DeploymentError: The deployment would fail, or the queues could take everything.
    """
    lambdas: LambdaClient = session.client("lambda")
    try:
        limits = lambdas.get_account_settings()["AccountLimit"]
    except ClientError as error:
        code = error.response["Error"]["Code"]
        warning = (
            f"How many functions this account may run at once could not be read ({code}): allow "
            "lambda:GetAccountSettings, or look at Service Quotas"
        )
        return [warning]
    limit = limits["ConcurrentExecutions"]
    advance, commands = int(values["AdvanceConcurrency"]), int(values["CommandConcurrency"])
    if advance + commands >= limit:
        raise DeploymentError(
            f"AdvanceConcurrency is {advance}, CommandConcurrency {commands}, and this account may "
            f"run {limit} functions at once: nothing would be left for requests; lower them, or "
            f"{_ASK}"
        )
    reserves = dict(_reserves(template, values))
    if reserves:
        least = min(_NEVER_RESERVED, limit)
        free = limits["UnreservedConcurrentExecutions"] + _reserved(lambdas, session, stack) - least
        if sum(reserves.values()) > free:
            raise DeploymentError(
                f"SenderReserve and WebhookReserve keep {sum(reserves.values())} executions for "
                f"{len(reserves)} functions, and at most {max(0, free)} of this account's {limit} "
                f"can be reserved (Lambda keeps {least} for all others): lower them, or {_ASK}"
            )
    polls = int(values["LongPolls"])
    warnings = []
    if advance + commands + polls >= limit:
        warnings.append(
            f"LongPolls is {polls}, and this account may run {limit} functions at once: requests "
            "that wait for verifications could take all that the queues leave; lower it, or "
            f"{_ASK}"
        )
    if limit <= FEW:
        warnings.append(
            f"This account may run {limit} functions at once, of which `advance` and "
            f"`run_commands` take up to {advance + commands}: enough to try Ringpass out. Before "
            f"others use it, {_ASK}"
        )
    return warnings


def _reserves(template: Mapping[str, Any], values: Mapping[str, str]) -> Iterator[tuple[str, int]]:
    """The functions that will have a reserve, and how much."""
    for name, resource in template["Resources"].items():
        choice = resource.get("Properties", {}).get("ReservedConcurrentExecutions")
        for parameter in _RESERVES:
            if choice and {"Ref": parameter} in choice["Fn::If"] and int(values[parameter]):
                yield name, int(values[parameter])


def _reserved(lambdas: "LambdaClient", session: "Session", stack: Mapping[str, Any] | None) -> int:
    """What the stack's functions have reserved already: it is theirs to take again."""
    if stack is None:
        return 0
    stacks: CloudFormationClient = session.client("cloudformation")
    pages = stacks.get_paginator("list_stack_resources").paginate(StackName=stack["StackId"])
    functions = [
        one["PhysicalResourceId"]
        for page in pages
        for one in page["StackResourceSummaries"]
        if one["ResourceType"] == "AWS::Lambda::Function" and "PhysicalResourceId" in one
    ]
    answers = (lambdas.get_function_concurrency(FunctionName=name) for name in functions)
    return sum(answer.get("ReservedConcurrentExecutions", 0) for answer in answers)
