"""What the local cloud holds outlives it: saved at rest, streams included, at any port."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace

import pytest

from local.cloud_state import StateKeeper, forget_logs, keep_stream_records, move, moved

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


def test_all_addresses_move_to_another_port_and_no_other_number_does(tmp_path: Path) -> None:
    text = '{"a": "http://127.0.0.1:4566/x", "b": "127.0.0.1:45667", "c": 4566, "d": "4566"}'
    (tmp_path / "sqs.json").write_text(text)
    move(tmp_path, 4566, 9)
    expected = '{"a": "http://127.0.0.1:9/x", "b": "127.0.0.1:45667", "c": 4566, "d": "4566"}'
    assert (tmp_path / "sqs.json").read_text() == expected
    assert moved(expected, 9, 4566) == text
