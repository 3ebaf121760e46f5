"""What cold starts are compared with: a handler that makes one boto3 DynamoDB put."""

import os
from typing import Any

import boto3

table = boto3.client("dynamodb")


def handler(_event: object, _context: object) -> dict[str, Any]:
    """Put one item."""
    item = {"PK": {"S": "BENCH"}, "SK": {"S": "BENCH"}, "text": {"S": "a bare put"}}
    table.put_item(TableName=os.environ["TABLE"], Item=item)
    return {"statusCode": 202}
