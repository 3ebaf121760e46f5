"""What the local cloud does otherwise than ministack.

It unpacks once, knows leading keys, notes what roles do, starts few workers at once, takes a slash
at the end of a path, and reads numbers that are parameters.
"""

import json
import os
import re
import subprocess
import sys
import tempfile
import threading
import time
import zipfile
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from local import ministack_server
from local.ministack_server import (
    Calls,
    UnpackedOnce,
    leading_keys,
    look_at_streams_often,
    read_concurrency_as_number,
    role_in,
    start_few_at_once,
    wait_for_no_log,
    with_last_slash,
)


@pytest.fixture
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    return tmp_path


def _unpack(folder: Path, worker: str, content: str) -> Path:
    target = folder / worker / "layer_0"
    target.mkdir(parents=True)
    path = folder / worker / "layer_0.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(zipfile.ZipInfo("python/x.py"), content)
    with UnpackedOnce(str(path)) as unpacked:
        assert unpacked.namelist() == []
        unpacked.extractall(str(target))
    return target


def test_workers_of_the_same_layer_share_it(temporary: Path) -> None:
    one, two = _unpack(temporary, "one", "x = 1"), _unpack(temporary, "two", "x = 1")
    assert (one / "python" / "x.py").read_text() == "x = 1"
    assert one.resolve() == two.resolve()


def test_another_layer_is_another(temporary: Path) -> None:
    one, two = _unpack(temporary, "one", "x = 1"), _unpack(temporary, "two", "x = 2")
    assert one.resolve() != two.resolve()
    assert (two / "python" / "x.py").read_text() == "x = 2"


_DELIVERY, _REFERENCE = {"PK": {"S": "DLV#1"}, "SK": {"S": "A"}}, {"PK": {"S": "REF#1"}}


@pytest.mark.parametrize(
    ("request_body", "keys"),
    [
        ({"TableName": "t", "Key": _DELIVERY, "UpdateExpression": "SET a = :a"}, ["DLV#1"]),
        ({"TableName": "t", "Item": _REFERENCE | {"Key": {"S": "x"}}}, ["REF#1"]),
        (
            {"TransactItems": [{"Put": {"Item": _DELIVERY}}, {"Update": {"Key": _REFERENCE}}]},
            ["DLV#1", "REF#1"],
        ),
        ({"RequestItems": {"t": {"Keys": [_DELIVERY, _REFERENCE]}}}, ["DLV#1", "REF#1"]),
        (
            {
                "TableName": "t",
                "KeyConditionExpression": "PK = :value AND SK BETWEEN :after AND :before",
                "ExpressionAttributeValues": {":value": {"S": "STS#1"}, ":after": {"S": "0"}},
            },
            ["STS#1"],
        ),
        ({"TableName": "t", "IndexName": "by_phone"}, []),
        ([], []),
    ],
)
def test_leading_keys_are_those_of_the_items(request_body: object, keys: list[str]) -> None:
    assert leading_keys(json.dumps(request_body).encode()) == keys


def test_a_body_that_is_no_json_has_none() -> None:
    assert leading_keys(b"\xff") == []


def test_each_kind_of_call_is_noted_once(tmp_path: Path) -> None:
    path = tmp_path / "calls.jsonl"
    calls = Calls(path)
    for number in range(3):
        keys = [f"DLV#{number}", f"REF#mcn#{number}"]
        calls.note("reader", "dynamodb:GetItem", "table", keys, allowed=True)
    calls.note("reader", "dynamodb:GetItem", "table", ["HEALTH"], allowed=False)
    assert [json.loads(line) for line in path.read_text().splitlines()] == [
        {
            "action": "dynamodb:GetItem",
            "allowed": allowed,
            "keys": keys,
            "resource": "table",
            "role": "reader",
        }
        for keys, allowed in ((["DLV#", "REF#"], True), (["HEALTH"], False))
    ]


def test_the_file_of_calls_does_not_grow_forever(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ministack_server, "MOST_CALLS", 2)
    calls = Calls(tmp_path / "calls.jsonl")
    for number in range(5):
        calls.note(f"role-{number}", "a:B", "*", (), allowed=True)
    assert len((tmp_path / "calls.jsonl").read_text().splitlines()) == 2


def test_the_role_of_one_who_has_assumed_it() -> None:
    arn = "arn:aws:sts::000000000000:assumed-role/stack-Role-1/a-session"
    assert role_in(arn) == "stack-Role-1"
    assert role_in("arn:aws:iam::000000000000:root") == ""


class AWorker:
    """As ministack's: leased, then started by its first request."""

    def __init__(self) -> None:
        self.in_use = False
        self.runs = False

    def _spawn(self) -> None:
        time.sleep(0.05)
        self.runs = True


@dataclass
class Runtime:
    """As ministack's module: a pool of workers for each function, without an upper bound."""

    Worker: type[AWorker] = field(default_factory=lambda: type("Worker", (AWorker,), {}))
    _workers: dict[str, list[AWorker]] = field(default_factory=dict)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def _worker_key(self, name: str, _config: object, qualifier: str) -> str:
        return f"{name}:{qualifier}"

    def acquire_worker(
        self, name: str, _config: object, _code: bytes, qualifier: str
    ) -> tuple[AWorker, str]:
        with self.lock:
            pool = self._workers.setdefault(self._worker_key(name, None, qualifier), [])
            free = next((each for each in pool if not each.in_use), None)
            worker = free or self.Worker()
            worker.in_use = True
            if free is None:
                pool.append(worker)
            return worker, "reused" if free else "spawn"

    def release_worker(self, worker: AWorker) -> None:
        with self.lock:
            worker.in_use = False


def test_forty_requests_at_once_are_served_by_few_workers() -> None:
    runtime = Runtime()
    start_few_at_once(runtime)
    starting: list[int] = []

    def request(_: int) -> bool:
        worker, _reason = runtime.acquire_worker("send", {}, b"", qualifier="$LATEST")
        if not worker.runs:
            pool = runtime._workers["send:$LATEST"]
            starting.append(sum(each.in_use and not each.runs for each in list(pool)))
            worker._spawn()
        time.sleep(0.005)
        ran = worker.runs
        runtime.release_worker(worker)
        return ran

    with ThreadPoolExecutor(40) as pool:
        assert all(pool.map(request, range(40)))
    assert len(runtime._workers["send:$LATEST"]) < 20
    assert max(starting) <= max(2, os.cpu_count() or 1)


def test_a_worker_that_cannot_start_keeps_nobody_waiting() -> None:
    runtime = Runtime()
    start_few_at_once(runtime)
    for _ in range(10):
        worker, _reason = runtime.acquire_worker("send", {}, b"", qualifier="$LATEST")
        runtime.release_worker(worker)
        worker.in_use = True  # It is not given to the next one.


@pytest.mark.parametrize("logged", ["", "a line\n"])
def test_a_log_is_waited_for_if_there_is_one(logged: str) -> None:
    waits: list[float] = []

    class Worker:
        def __init__(self, process: subprocess.Popen[str] | None) -> None:
            self._proc = process

        def _drain_stderr_bounded(self, first_line_wait: float = 1.0) -> str:
            waits.append(first_line_wait)
            return ""

    wait_for_no_log(SimpleNamespace(Worker=Worker))
    program = "import sys; sys.stderr.write(sys.argv[1]); print('done', flush=True); input()"
    with subprocess.Popen(  # noqa: S603 - our own program
        [sys.executable, "-c", program, logged],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "done\n"
        Worker(process)._drain_stderr_bounded()
        process.communicate("")
        Worker(process)._drain_stderr_bounded()
    Worker(None)._drain_stderr_bounded()
    assert waits == [0.05 if logged else 0.005, 0.005, 0.005]


def test_a_greedy_variable_may_be_empty_behind_its_slash() -> None:
    def extract(route: str, path: str) -> dict[str, str] | None:
        match = re.fullmatch(route.replace("{rest+}", "(?P<rest>.+)"), path)
        return match.groupdict() if match else None

    more = with_last_slash(extract)
    assert extract("/hooks/{rest+}", "/hooks/") is None
    assert more("/hooks/{rest+}", "/hooks/") == {"rest": ""}
    assert more("/hooks/{rest+}", "/hooks/a/") == {"rest": "a/"}
    assert more("/hooks/{rest+}", "/hooks/a") == {"rest": "a"}
    assert more("/hooks/{rest+}", "/other/") is None
    assert more("/hooks", "/hooks/") is None


@pytest.mark.parametrize("number", ["7", 7])
def test_a_limit_of_a_mapping_that_is_a_parameter_is_a_number(number: object) -> None:
    def limit(mapping: dict[str, Any], *_others: object) -> int:
        maximum = mapping["ScalingConfig"].get("MaximumConcurrency") or 5
        return min(maximum, 10)

    lambdas = SimpleNamespace(_sqs_esm_concurrency=limit)
    read_concurrency_as_number(lambdas)
    mapping = {"ScalingConfig": {"MaximumConcurrency": number}}
    assert lambdas._sqs_esm_concurrency(mapping, None) == 7
    assert lambdas._sqs_esm_concurrency({}, None) == 5


def test_streams_are_looked_at_often_and_work_still_wakes_the_poller() -> None:
    waits: list[float] = []
    work = threading.Event()

    def wait(seconds: float) -> bool:
        waits.append(seconds)
        return work.is_set()

    lambdas = SimpleNamespace(_esm_wake=SimpleNamespace(wait=wait))
    look_at_streams_often(lambdas)
    assert not lambdas._esm_wake.wait(1)
    work.set()
    assert lambdas._esm_wake.wait(0.05)
    assert waits == [0.25, 0.05]
