"""What the local cloud holds outlives it: saved at rest, streams included, at any port."""

import logging
import stat
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace

import pytest

from local.cloud_state import (
    END_SIGNAL,
    StateKeeper,
    forget_logs,
    keep_stream_records,
    move,
    moved,
)
from local.deploy import client
from local.ministack import Cloud, start_cloud

ACCOUNT, REGION = "000000000000", "us-east-1"


class Scoped:
    """ministack's dictionary by account and region, as far as it is used."""

    def __init__(self, **values: object) -> None:
        self._data = {(ACCOUNT, REGION, key): value for key, value in values.items()}

    def all_items(self) -> Iterator[tuple[tuple[str, str, str], object]]:
        yield from self._data.items()

    def get_scoped(self, account: str, region: str, key: str, default: object) -> object:
        return self._data.get((account, region, key), default)

    def set_scoped(self, account: str, region: str, key: str, value: object) -> None:
        self._data[account, region, key] = value


def _dynamodb(*, records: list[str], trimmed: int) -> SimpleNamespace:
    loaded: list[object] = []
    return SimpleNamespace(
        get_state=lambda: {"tables": {}},
        load_persisted_state=loaded.append,
        loaded=loaded,
        _stream_records=Scoped(T=records),
        _stream_trimmed=Scoped(T=trimmed),
        _stream_seq_counter=0,
    )


def _lambdas(positions: Mapping[str, int]) -> SimpleNamespace:
    stream = f"arn:aws:dynamodb:{REGION}:{ACCOUNT}:table/T/stream/2026-11-30T00:00:00.000"
    mappings = Scoped(
        **{name: {"UUID": name, "EventSourceArn": stream} for name in positions},
        queue={"UUID": "queue", "EventSourceArn": f"arn:aws:sqs:{REGION}:{ACCOUNT}:q"},
    )
    return SimpleNamespace(_esms=mappings, _dynamodb_stream_positions=Scoped(**positions))


@pytest.mark.parametrize(
    ("positions", "kept", "first"),
    [
        ({"outbox": 7, "publish": 7}, [], 7),
        ({"outbox": 7, "publish": 5}, ["f", "g"], 5),
        ({"outbox": 2, "publish": 7}, ["d", "e", "f", "g"], 3),  # What has expired is gone.
    ],
)
def test_records_that_one_still_has_to_read_are_kept(
    positions: dict[str, int], kept: list[str], first: int
) -> None:
    old = _dynamodb(records=["d", "e", "f", "g"], trimmed=3)
    keep_stream_records(old, _lambdas(positions))
    state = old.get_state()
    new = _dynamodb(records=[], trimmed=0)
    keep_stream_records(new, _lambdas(positions))
    new.load_persisted_state(state)
    assert new.loaded == [state]
    assert new._stream_records.get_scoped(ACCOUNT, REGION, "T", None) == kept
    # Positions count from the beginning of the stream: the next record's must be as it was.
    assert new._stream_trimmed.get_scoped(ACCOUNT, REGION, "T", None) == first


def test_lines_of_logs_are_not_kept_but_their_groups_are() -> None:
    groups = Scoped(health={"streams": {"s": ["line"]}, "retentionInDays": 7})
    logs = SimpleNamespace(get_state=lambda: {"log_groups": groups, "log_records": {"r": "line"}})
    forget_logs(logs)
    state = logs.get_state()
    assert state["log_records"] == {}
    assert groups.get_scoped(ACCOUNT, REGION, "health", None) == {
        "streams": {},
        "retentionInDays": 7,
    }


class App:
    """ministack's app: what it saves, and when."""

    def __init__(self) -> None:
        self.saved: list[object] = []
        self.save_all = self.saved.append

    def _build_persistence_save_dict(self) -> dict[str, object]:
        return {"dynamodb": None}


def _keeper(app: App, *, is_at_rest: bool) -> StateKeeper:
    @contextmanager
    def pause(_: float) -> Iterator[bool]:
        yield is_at_rest

    return StateKeeper(app, SimpleNamespace(_stream_seq_counter=3), pause)


def test_it_is_saved_at_rest_and_at_the_end_in_any_case() -> None:
    app = App()
    assert not _keeper(app, is_at_rest=False).save(0, only_at_rest=True)
    assert app.saved == []
    assert _keeper(app, is_at_rest=True).save(0, only_at_rest=True)
    assert _keeper(app, is_at_rest=False).save(0)
    assert app.saved == [{"dynamodb": None}] * 2


@pytest.mark.parametrize(
    ("failures", "is_saved", "tries"), [(0, True, 1), (1, True, 2), (2, False, 2)]
)
def test_a_save_that_fails_is_tried_once_more_and_does_not_count(
    failures: int, is_saved: bool, tries: int, caplog: pytest.LogCaptureFixture
) -> None:
    app = App()

    def save(state: object) -> None:
        app.saved.append(state)
        if len(app.saved) <= failures:  # As ministack does.
            logging.getLogger("persistence").error("Persistence: failed to save sqs: disk full")

    app.save_all = save
    keeper = _keeper(app, is_at_rest=True)
    assert keeper.save(0) is is_saved
    assert len(app.saved) == tries
    assert keeper._saved_at_write == (3 if is_saved else -1)
    assert ("could not be saved" in caplog.text) is not is_saved


def test_all_addresses_move_to_another_port_and_no_other_number_does(tmp_path: Path) -> None:
    text = '{"a": "http://127.0.0.1:4566/x", "b": "127.0.0.1:45667", "c": 4566, "d": "4566"}'
    (tmp_path / "sqs.json").write_text(text)
    move(tmp_path, 4566, 9)
    expected = '{"a": "http://127.0.0.1:9/x", "b": "127.0.0.1:45667", "c": 4566, "d": "4566"}'
    assert (tmp_path / "sqs.json").read_text() == expected
    assert moved(expected, 9, 4566) == text


def test_a_move_that_fails_leaves_no_file_half_written(tmp_path: Path) -> None:
    text = '"http://127.0.0.1:4566/x"'
    (tmp_path / "sqs.json").write_text(text)
    (tmp_path / "sqs.unfinished").mkdir()  # The new text cannot be written.
    with pytest.raises(IsADirectoryError):
        move(tmp_path, 4566, 9)
    assert (tmp_path / "sqs.json").read_text() == text


@pytest.fixture
def cloud(tmp_path: Path) -> Iterator[Callable[[], Cloud]]:
    """Starts a local cloud that is kept in this folder, as often as it is asked."""
    started: list[Cloud] = []

    def start() -> Cloud:
        started.append(start_cloud(tmp_path, is_kept=True))
        return started[-1]

    yield start
    for one in started:
        one.server.stop(grace_seconds=0)


def test_what_it_holds_is_there_again(cloud: Callable[[], Cloud], tmp_path: Path) -> None:
    """With the real ministack, at another port."""
    first = cloud()
    queues = client("sqs", first.endpoint_url)
    url = queues.create_queue(QueueName="q")["QueueUrl"]
    queues.send_message(QueueUrl=url, MessageBody="m")
    client("secretsmanager", first.endpoint_url).create_secret(Name="s", SecretString="kept")
    dynamodb = client("dynamodb", first.endpoint_url)
    dynamodb.create_table(
        TableName="Table",
        KeySchema=[{"AttributeName": "PK", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "PK", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
        StreamSpecification={"StreamEnabled": True, "StreamViewType": "NEW_IMAGE"},
    )
    dynamodb.put_item(TableName="Table", Item={"PK": {"S": "1"}, "raw": {"B": b"\x00\xff"}})
    assert first.server.ask_to_end(END_SIGNAL, 20)
    assert stat.S_IMODE((tmp_path / "state").stat().st_mode) == 0o700

    second = cloud()
    old, new = (int(one.endpoint_url.rpartition(":")[2]) for one in (first, second))
    assert old != new
    dynamodb = client("dynamodb", second.endpoint_url)
    item = dynamodb.get_item(TableName="Table", Key={"PK": {"S": "1"}})
    assert item["Item"]["raw"] == {"B": b"\x00\xff"}
    secrets = client("secretsmanager", second.endpoint_url)
    assert secrets.get_secret_value(SecretId="s")["SecretString"] == "kept"
    assert second.server.ask_to_end(END_SIGNAL, 20)

    text = (tmp_path / "state" / "sqs.json").read_text()
    assert f"127.0.0.1:{old}/" in text
    move(tmp_path / "state", old, new)
    third = start_cloud(tmp_path, port=new, is_kept=True)
    try:
        queues = client("sqs", third.endpoint_url)
        assert queues.get_queue_url(QueueName="q")["QueueUrl"] == url.replace(str(old), str(new))
        assert queues.receive_message(QueueUrl=url)["Messages"][0]["Body"] == "m"
    finally:
        third.server.stop(grace_seconds=0)


def test_it_does_not_end_as_if_all_were_saved(cloud: Callable[[], Cloud], tmp_path: Path) -> None:
    """With the real ministack, whose file of queues cannot be written."""
    one = cloud()
    client("sqs", one.endpoint_url).create_queue(QueueName="q")
    obstacle = tmp_path / "state" / "sqs.json.tmp"
    obstacle.mkdir()
    assert not one.server.ask_to_end(END_SIGNAL, 3)
    assert one.log.read_text().count("failed to save sqs") == 2
    assert "What the local cloud holds could not be saved" in one.log.read_text()
    obstacle.rmdir()
    assert one.server.ask_to_end(END_SIGNAL, 20)
    assert (tmp_path / "state" / "sqs.json").exists()
