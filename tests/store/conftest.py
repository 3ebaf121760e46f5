"""A table as template.yaml describes it, in moto."""

from collections.abc import Iterator

import boto3
import pytest
from moto import mock_aws

from ringpass.store.table import Table
from tests.template import resource

NAME = "table"


@pytest.fixture
def table() -> Iterator[Table]:
    with mock_aws():
        yield make_table()


def make_table() -> Table:
    """The table, within ``mock_aws``."""
    client = boto3.client("dynamodb")
    described = resource("Table")
    client.create_table(
        TableName=NAME,
        **{
            name: described[name]
            for name in (
                "AttributeDefinitions",
                "KeySchema",
                "GlobalSecondaryIndexes",
                "BillingMode",
            )
        },
    )
    return Table(client, NAME)
