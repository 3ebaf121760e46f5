"""The stream of a table in moto, and the projector that reads it."""

import random
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from moto.backends import get_backend

from ringpass.aws.dynamodb import Table
from ringpass.clock import Clock
from ringpass.events.projector import EventProjector
from ringpass.events.store import EventRepository
from tests.moto_table import ACCOUNT, REGION
from tests.world import RETENTION, delivery_repository

type Record = Mapping[str, Any]

CHANNELS: Final = {"mcn": "password_call", "bizfly": "voice_otp"}


def open_stream(table: Table) -> None:
    """Give the table its stream."""
    table.client.update_table(
        TableName=table.name,
        StreamSpecification={"StreamEnabled": True, "StreamViewType": "NEW_AND_OLD_IMAGES"},
    )


def stream_records(table: Table, entity: str | None = None) -> list[Record]:
    """Everything that the stream holds, as moto keeps it; only new images of an entity."""
    shard = get_backend("dynamodb")[ACCOUNT][REGION].tables[table.name].stream_shard
    assert shard is not None
    records: list[Record] = [one.to_json() for one in shard.items]
    if entity is None:
        return records
    return [
        record
        for record in records
        if record["dynamodb"].get("NewImage", {}).get("entity") == {"S": entity}
    ]


def projector(table: Table, clock: Clock) -> EventProjector:
    return EventProjector(
        EventRepository(table, RETENTION), delivery_repository(table), CHANNELS, clock
    )


def project_all(projection: EventProjector, records: Iterable[Record]) -> None:
    for record in records:
        projection.project(record)


def shuffled(records: Sequence[Record], seed: int) -> list[Record]:
    """The records in any order, about half of them twice."""
    chance = random.Random(seed)  # noqa: S311 - no secret
    some = [*records, *chance.choices(records, k=len(records))]
    chance.shuffle(some)
    return some
