"""Transactions in tests: commits of some writes, and refusals by tags."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from ringpass.aws.dynamodb import Table
from ringpass.aws.transaction import Action, ConditionsFailed, Tag, Transaction
from ringpass.deliveries.model import Delivery
from ringpass.deliveries.store import DELIVERY, DeliveryRepository, check_attempt


def commit(table: Table, *actions: Action) -> None:
    """Commit writes whose tags are the keys of their items."""
    tx = Transaction(table)
    for action in actions:
        tx.add(action)
    tx.commit()


def reserve(
    deliveries: DeliveryRepository, delivery: Delivery, phone_key: str, *others: Action
) -> None:
    """Write a new delivery together with others, as a single send does."""
    tx = Transaction(deliveries.table)
    deliveries.add(tx, delivery, phone_key)
    for action in others:
        tx.add(action)
    try:
        tx.commit()
    except ConditionsFailed as refusal:
        if DELIVERY not in refusal.items:
            raise
        check_attempt(refusal, delivery)


@contextmanager
def refused_by(*tags: Tag) -> Iterator[pytest.ExceptionInfo[ConditionsFailed]]:
    """Expect a refusal by the writes with these tags, and by no others."""
    with pytest.raises(ConditionsFailed) as refusal:
        yield refusal
    assert refusal.value.items.keys() == set(tags)
