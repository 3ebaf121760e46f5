"""The stack as the deployments before have left it: none, one to update, or what failed."""

from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from local.failures import DeploymentError

if TYPE_CHECKING:
    from mypy_boto3_cloudformation import CloudFormationClient
    from mypy_boto3_dynamodb import DynamoDBClient

    from local.aws_deployment.account import Account
    from local.progress import Progress

_NEVER_CREATED = ("ROLLBACK_COMPLETE", "ROLLBACK_FAILED")
"""A first deployment has failed: such a stack can be deleted only, and never served anybody."""


def stack_named(account: "Account", name: str) -> dict[str, Any] | None:
    """The stack as CloudFormation describes it; None: there is none, or but a change set."""
    client: CloudFormationClient = account.session.client("cloudformation")
    try:
        stack: Any = client.describe_stacks(StackName=name)["Stacks"][0]
    except ClientError as error:
        if "does not exist" in str(error):
            return None
        raise
    return None if stack["StackStatus"] == "REVIEW_IN_PROGRESS" else dict(stack)


def stack_to_update(account: "Account", name: str, progress: "Progress") -> dict[str, Any] | None:
    """The stack that will be updated; None: it will be created.

    What a failed first deployment has left is deleted: the stack, and the empty table that is
    protected from deletion and would be left behind by each try.

    Raises:
        DeploymentError: The stack cannot be updated now.
    """
    stack = stack_named(account, name)
    if stack is None:
        return None
    status = stack["StackStatus"]
    if status in _NEVER_CREATED:
        with progress.step(f"Deleting what the failed first deployment of {name} has left"):
            _delete(account, stack["StackId"])
        return None
    if status.endswith("_IN_PROGRESS"):
        raise DeploymentError(f"{name} is being changed ({status}): wait until that has ended")
    if status == "UPDATE_ROLLBACK_FAILED":
        raise DeploymentError(
            f"{name} could not go back to its last version: mend what its events name, then run "
            f"`aws cloudformation continue-update-rollback --stack-name {name}`"
        )
    if status in ("DELETE_FAILED", "CREATE_FAILED"):
        raise DeploymentError(
            f"{name} is in the state {status}: docs/deploying.md says how to delete it"
        )
    return stack


def _delete(account: "Account", stack_id: str) -> None:
    client: CloudFormationClient = account.session.client("cloudformation")
    dynamodb: DynamoDBClient = account.session.client("dynamodb")
    pages = client.get_paginator("list_stack_resources").paginate(StackName=stack_id)
    for resource in (one for page in pages for one in page["StackResourceSummaries"]):
        table = resource.get("PhysicalResourceId")
        if resource["ResourceType"] == "AWS::DynamoDB::Table" and table:
            _delete_if_empty(dynamodb, table)
    client.delete_stack(StackName=stack_id)
    client.get_waiter("stack_delete_complete").wait(
        StackName=stack_id, WaiterConfig={"Delay": 5, "MaxAttempts": 120}
    )


def _delete_if_empty(dynamodb: "DynamoDBClient", table: str) -> None:
    try:
        if dynamodb.scan(TableName=table, Limit=1)["Items"]:
            raise DeploymentError(
                f"the table {table} of a failed first deployment holds items: look at them, and "
                "delete it by hand (docs/deploying.md)"
            )
    except dynamodb.exceptions.ResourceNotFoundException:
        return  # An earlier try has deleted it.
    dynamodb.update_table(TableName=table, DeletionProtectionEnabled=False)
    dynamodb.get_waiter("table_exists").wait(TableName=table, WaiterConfig={"Delay": 2})
    dynamodb.delete_table(TableName=table)
    dynamodb.get_waiter("table_not_exists").wait(TableName=table, WaiterConfig={"Delay": 2})
