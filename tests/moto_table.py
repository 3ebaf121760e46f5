"""A table as template.yaml describes it, in moto."""

from collections.abc import Iterator
from functools import cache
from typing import Any

import boto3
import pytest
from moto import mock_aws

from ringpass.aws.dynamodb import Table
from tests.moto_costs import cut_costs
from tests.template import resource

cut_costs()

NAME = "table"


@pytest.fixture
def table() -> Iterator[Table]:
    with mock_aws():
        yield make_table()


def make_table() -> Table:
    """The table, within ``mock_aws``."""
    client = moto_client("dynamodb")
    client.create_table(TableName=NAME, **schema())
    return Table(client, NAME)


@cache
def moto_client(service: str) -> Any:  # noqa: ANN401 - as boto3 has it
    """A client for any ``mock_aws``: making one takes as long as many a test."""
    return boto3.client(service)  # type: ignore[call-overload]


@cache
def schema() -> dict[str, Any]:
    """What it takes to make the table; read once, the template is long."""
    described = resource("Table")
    return {
        name: described[name]
        for name in ("AttributeDefinitions", "KeySchema", "GlobalSecondaryIndexes", "BillingMode")
    }
