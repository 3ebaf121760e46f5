"""A table as template.yaml describes it, in moto."""

from collections.abc import Callable, Iterator
from copy import deepcopy
from functools import cache
from typing import Any, Final

import boto3
import pytest
from moto import mock_aws
from moto.backends import get_backend
from moto.dynamodb.models.table import Table as MotoTable
from moto.secretsmanager.models import SecretsStore

from ringpass.aws.dynamodb import Table
from tests.moto_costs import cut_costs
from tests.template import resource

cut_costs()

NAME = "table"
# Of moto, and of tests/conftest.py.
ACCOUNT, REGION = "123456789012", "us-east-1"


@pytest.fixture
def table() -> Iterator[Table]:
    with mock_aws():
        yield make_table()


def make_table() -> Table:
    """The table, within ``mock_aws``: a copy of an empty one, which takes a tenth of the time."""
    tables: dict[str, MotoTable] = get_backend("dynamodb")[ACCOUNT][REGION].tables
    tables[NAME] = deepcopy(_empty_table())
    return Table(moto_client("dynamodb"), NAME)


def make_once(make: Callable[[], None]) -> None:
    """Put into the table and the secrets what ``make`` puts there; another time that is copied."""
    tables: dict[str, MotoTable] = get_backend("dynamodb")[ACCOUNT][REGION].tables
    manager = get_backend("secretsmanager")[ACCOUNT][REGION]
    if make in _made:
        tables[NAME], manager.secrets = deepcopy(_made[make])
    else:
        make()
        _made[make] = deepcopy((tables[NAME], manager.secrets))


_made: Final[dict[Callable[[], None], tuple[MotoTable, SecretsStore]]] = {}


@cache
def _empty_table() -> MotoTable:
    moto_client("dynamodb").create_table(TableName=NAME, **schema())
    made: MotoTable = get_backend("dynamodb")[ACCOUNT][REGION].tables[NAME]
    return deepcopy(made)


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
