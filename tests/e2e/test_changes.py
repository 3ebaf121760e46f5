"""Lists of changes over HTTP, on the deployed stack's own index."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any, Final

import pytest

from local.stack import Stack
from ringpass.aws.update_index import HORIZON
from ringpass.clock import to_text, utc_now
from tests.e2e.conftest import Api, fresh_code, fresh_phone, new_key, until, with_key

CLIENT: Final = "mirror"
TABLE: Final = {"/v1/deliveries": "DLV", "/v1/verifications": "VER"}


@pytest.fixture(scope="module")
def mirror(stack: Stack) -> Iterator[Api]:
    """Of a client that only this module uses."""
    with with_key(stack, new_key(stack, CLIENT, "send,read")) as api:
        yield api


def changed_at(stack: Stack, path: str, record_id: str, instant: str) -> None:
    """Date the last change of a record, instead of waiting for it to pass the horizon."""
    prefix = TABLE[path]
    stack.dynamodb().update_item(
        TableName=stack.table,
        Key={"PK": {"S": f"{prefix}#{record_id}"}, "SK": {"S": prefix}},
        UpdateExpression="SET updated_at = :at",
        ExpressionAttributeValues={":at": {"S": instant}},
    )


def pages(api: Api, path: str, **query: str) -> list[dict[str, Any]]:
    """All items of a list, page by page."""
    items: list[dict[str, Any]] = []
    while True:
        answer = api.get(path, **query)
        assert answer.status_code == 200, answer.text
        items += answer.json()["items"]
        if (cursor := answer.json()["next_cursor"]) is None:
            return items
        query["cursor"] = cursor


def make(api: Api, path: str) -> str:
    """Make a record about which nothing more is reported."""
    phone = fresh_phone("RU", "10")
    if path == "/v1/deliveries":
        answer = api.post("/v1/password-calls", {"phone": phone, "code": fresh_code()})
    else:
        workflow = [{"channel": "password_call", "timeout_seconds": 900}]
        answer = api.post(path, {"phone": phone, "workflow": workflow})
    assert answer.is_success, answer.text
    record_id: str = answer.json()["id"]
    return record_id


@pytest.mark.parametrize("path", [*TABLE])
def test_a_poller_reads_each_change_from_the_newest_that_it_has(
    stack: Stack, mirror: Api, path: str
) -> None:
    start = to_text(utc_now() - timedelta(days=1))
    ids = [make(mirror, path) for _ in range(5)]
    # What has just changed is not shown yet: an earlier change might still be on its way.
    assert not {one["id"] for one in pages(mirror, path, updated_since=start)} & {*ids}
    instants = [to_text(utc_now() - HORIZON - timedelta(seconds=60 - n)) for n in range(5)]
    for record_id, instant in zip(reversed(ids), instants, strict=True):
        changed_at(stack, path, record_id, instant)
    shown = until(
        lambda: pages(mirror, path, updated_since=instants[0], limit="2"),
        lambda items: len(items) >= len(ids),
    )
    assert [one["id"] for one in shown] == ids[::-1]
    assert [one["updated_at"] for one in shown] == instants
    [newest] = pages(mirror, path, updated_since=shown[-1]["updated_at"])
    assert newest["id"] == ids[0]
    # The oldest one changes again.
    again = to_text(utc_now() - HORIZON - timedelta(seconds=1))
    changed_at(stack, path, ids[-1], again)
    latest = until(
        lambda: pages(mirror, path, updated_since=instants[-1]), lambda items: len(items) == 2
    )
    assert [one["id"] for one in latest] == [ids[0], ids[-1]]
    assert latest[-1]["updated_at"] == again


def test_a_client_s_changes_are_its_own(mirror: Api, rival: Api) -> None:
    start = to_text(utc_now() - timedelta(days=1))
    for path in TABLE:
        own = {one["id"] for one in pages(mirror, path, updated_since=start, limit="100")}
        assert own.isdisjoint(one["id"] for one in pages(rival, path, updated_since=start))
