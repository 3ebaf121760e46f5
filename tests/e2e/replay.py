"""The table's stream, read by a test, and given to the outbox again."""

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from local.stack import Stack
from tests.e2e.conftest import invoke

type Record = dict[str, Any]
"""As Lambda gets it."""


@dataclass
class Stream:
    """All that the table's stream holds, read bit by bit."""

    stack: Stack
    _places: list[str] = field(default_factory=list)
    _begun: bool = False

    def read(self) -> Iterator[Record]:
        """What has come since the last time; at first, all that there is."""
        streams = self.stack.client("dynamodbstreams")
        if not self._begun:
            self._places, self._begun = list(_beginnings(streams, self.stack.table)), True
        for number, place in enumerate(self._places):
            next_place = place
            while next_place:
                some = streams.get_records(ShardIterator=next_place)
                yield from some["Records"]
                next_place = self._places[number] = some.get("NextShardIterator", "")
                if not some["Records"]:
                    break


def _beginnings(streams: Any, table: str) -> Iterator[str]:  # noqa: ANN401 - boto3's client
    [described] = streams.list_streams(TableName=table)["Streams"]
    arn = described["StreamArn"]
    for shard in streams.describe_stream(StreamArn=arn)["StreamDescription"]["Shards"]:
        begin = streams.get_shard_iterator(
            StreamArn=arn, ShardId=shard["ShardId"], ShardIteratorType="TRIM_HORIZON"
        )
        yield begin["ShardIterator"]


def image(record: Record) -> dict[str, Any]:
    """The item after the change; empty where it was deleted."""
    item: dict[str, Any] = record["dynamodb"].get("NewImage", {})
    return item


def touched(stack: Stack, records: Iterable[Record]) -> Iterator[Record]:
    """For each record one of its item as it is now: a write that changed nothing."""
    for record in records:
        key = {name: image(record)[name] for name in ("PK", "SK")}
        now = stack.dynamodb().get_item(TableName=stack.table, Key=key)["Item"]
        images = {"Keys": key, "OldImage": now, "NewImage": now}
        yield record | {"eventName": "MODIFY", "dynamodb": record["dynamodb"] | images}


def replay(stack: Stack, records: Sequence[Record]) -> bool:
    """Give records to the outbox in this order; whether it took them."""
    failed, _ = invoke(stack, "OutboxFunction", json.dumps({"Records": records}, default=str))
    return not failed
