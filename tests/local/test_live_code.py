"""Edits are live: what is run, what is seen, what is refused."""

import json
import os
import threading
import time
import zipfile
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from local.environment import STACK_NAME
from local.live_code import (
    LiveSources,
    SourceWatcher,
    faults,
    folder_name,
    line_writer,
    retire,
)
from local.paths import ROOT
from tests.template import template

HEALTH = "functions/health/app.py"
PHONE = "layers/ringpass/ringpass/phone.py"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    for name in (HEALTH, "functions/send_zns/app.py", PHONE, "template.yaml"):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("x = 1\n")
    return tmp_path


@dataclass
class Watched:
    """A watcher, and what it did."""

    root: Path
    reason: str = ""
    renewed: int = 0
    retired: list[set[str] | None] = field(default_factory=list)
    lines: list[tuple[str, str]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.watcher = SourceWatcher(
            self.root, self._renew, self.retired.append, lambda *line: self.lines.append(line)
        )

    def _renew(self) -> str:
        self.renewed += 1
        return self.reason

    def edit(self, name: str, text: str) -> None:
        """Write a file, and look until the watcher has seen that it stays so."""
        (self.root / name).write_text(text)
        self.watcher.look()
        self.watcher.look()


@pytest.fixture
def watched(root: Path) -> Watched:
    return Watched(root)


def test_nothing_is_done_without_an_edit(watched: Watched) -> None:
    for _ in range(3):
        watched.watcher.look()
    cache = watched.root / "functions" / "health" / "__pycache__"
    cache.mkdir()
    (cache / "app.cpython-313.pyc").touch()
    watched.watcher.look()
    watched.watcher.look()
    assert (watched.renewed, watched.retired, watched.lines) == (0, [], [])


def test_an_edited_function_gets_new_workers_and_no_other_does(watched: Watched) -> None:
    watched.edit(HEALTH, "x = 2\n")
    assert (watched.renewed, watched.retired) == (0, [{"health"}])
    [(level, line)] = watched.lines
    assert level == "INFO"
    assert line.startswith("live after ")
    assert line.endswith(f" s: {HEALTH}")


def test_an_edited_layer_is_imported_anew_and_all_get_new_workers(watched: Watched) -> None:
    watched.edit(PHONE, "x = 2\n")
    assert (watched.renewed, watched.retired) == (1, [None])


def test_an_edit_is_taken_once_it_is_complete(watched: Watched) -> None:
    (watched.root / HEALTH).write_text("")
    watched.watcher.look()
    watched.edit(HEALTH, "x = 2\n")
    assert watched.retired == [{"health"}]
    watched.watcher.look()
    assert watched.retired == [{"health"}]


def test_a_file_that_cannot_be_compiled_is_named_and_changes_nothing(watched: Watched) -> None:
    watched.edit(HEALTH, "x = 1\ny = (\n")
    assert (watched.renewed, watched.retired) == (0, [])
    assert watched.lines == [
        ("ERROR", f"{HEALTH}: line 2: '(' was never closed: the earlier code goes on")
    ]
    watched.edit(HEALTH, "x = 3\n")
    assert watched.retired == [{"health"}]


def test_what_waited_for_a_repair_is_taken_with_it(watched: Watched) -> None:
    watched.edit(HEALTH, "y = (\n")
    watched.edit("functions/send_zns/app.py", "x = 2\n")
    assert watched.retired == []
    watched.edit(HEALTH, "y = 2\n")
    assert watched.retired == [{"health", "send_zns"}]


def test_a_layer_that_cannot_be_imported_is_told_and_the_earlier_code_goes_on(
    watched: Watched,
) -> None:
    watched.reason = "Traceback\n  phone.py, line 1\nNameError: name 'y' is not defined\n"
    watched.edit(PHONE, "x = y\n")
    assert watched.retired == []
    [(level, line)] = watched.lines
    assert level == "ERROR"
    first, *rest = line.splitlines()
    assert first == (
        "the layer cannot be imported: NameError: name 'y' is not defined: the earlier code goes on"
    )
    assert "  phone.py, line 1" in rest
    watched.reason = ""
    watched.edit(PHONE, "x = 5\n")
    assert watched.retired == [None]


def test_bytecode_of_an_edited_file_is_not_used(watched: Watched) -> None:
    # Python takes it for that of a file of the same length and second.
    cached = watched.root / "functions" / "health" / "__pycache__" / "app.cpython-313.pyc"
    cached.parent.mkdir()
    cached.touch()
    watched.edit(HEALTH, "x = 2\n")
    assert not cached.exists()


def test_a_template_is_not_taken_but_one_is_told_how(watched: Watched) -> None:
    watched.edit("template.yaml", "x: 2\n")
    assert (watched.renewed, watched.retired) == (0, [])
    assert watched.lines == [("WARNING", "template.yaml has changed: `make up` deploys it")]


def test_all_faults_are_found_at_once(root: Path) -> None:
    assert list(faults(root)) == []
    (root / PHONE).write_text("x = 1\n  y = 2\n")
    (root / "template.yaml").write_text("x = (\n")
    assert list(faults(root)) == [f"{PHONE}: line 2: unexpected indent"]


def test_files_that_come_and_go_are_edits(watched: Watched) -> None:
    watched.edit("layers/ringpass/ringpass/new.py", "x = 1\n")
    (watched.root / "layers/ringpass/ringpass/new.py").unlink()
    watched.watcher.look()
    watched.watcher.look()
    assert watched.renewed == 2


def _archive(path: Path, *names: str) -> Path:
    with zipfile.ZipFile(path, "w") as archive:
        for name in names:
            archive.writestr(name, "x = 1\n")
    return path


def test_functions_and_our_layer_are_run_as_they_stand(root: Path) -> None:
    sources = LiveSources(root, root / "stack" / "layer")
    worker = root / f"ministack-lambda-{STACK_NAME}-SendZnsFunction-0C3457AEFF707-ab_d1234"
    function = _archive(root / "code.zip", "app.py")
    assert sources.folder_of(function, worker / "code") == root / "functions" / "send_zns"
    ours = _archive(root / "ours.zip", "python/ringpass/phone.py")
    layer = sources.folder_of(ours, worker / "layer_1")
    assert layer is not None
    assert (layer / "python" / "ringpass" / "phone.py").samefile(root / PHONE)
    assert sources.folder_of(ours, worker / "layer_0") == layer


def test_what_is_not_ours_is_taken_from_its_archive(root: Path) -> None:
    sources = LiveSources(root, root / "stack" / "layer")
    worker = root / f"ministack-lambda-{STACK_NAME}-NotThereFunction-0C3457AEFF707-ab_d1234"
    function = _archive(root / "code.zip", "app.py")
    assert sources.folder_of(function, worker / "code") is None
    assert sources.folder_of(function, root / "ministack-lambda-other-health-12345678/code") is None
    theirs = _archive(root / "theirs.zip", "python/httpx/__init__.py")
    assert sources.folder_of(theirs, worker / "layer_0") is None


@pytest.mark.parametrize("path", sorted(ROOT.glob("functions/*/app.py")), ids=str)
def test_each_function_s_folder_is_found_by_its_name(path: Path) -> None:
    folder = path.parent.name
    logical_id = "".join(word.title() for word in folder.split("_"))
    assert f"{logical_id}Function" in template()["Resources"]
    assert folder_name(f"{STACK_NAME}-{logical_id}Function-C92FBE6ADC8E0") == folder


def test_another_name_has_no_folder() -> None:
    assert folder_name("other-HealthFunction-C92FBE6ADC8E0") == ""


class Runtime:
    """ministack's module of workers, as far as `retire` uses it."""

    def __init__(self, *functions: str) -> None:
        self._lock = threading.Lock()
        self._workers: dict[str, list[Any]] = {
            f"0:us-east-1:{STACK_NAME}-{name}Function-C92FBE6ADC8E0:$LATEST": [
                SimpleNamespace(name=name, in_use=False)
            ]
            for name in functions
        }
        self.killed: list[str] = []

    def kill_workers(self, workers: list[Any]) -> None:
        self.killed += [worker.name for worker in workers]


def test_only_the_workers_of_a_function_end() -> None:
    runtime = Runtime("SendZns", "SendVoiceOtp", "Health")
    retire(runtime, {"send_zns"})
    assert runtime.killed == ["SendZns"]
    assert len(runtime._workers) == 2
    retire(runtime, None)
    assert runtime._workers == {}
    assert sorted(runtime.killed) == ["Health", "SendVoiceOtp", "SendZns"]


def test_a_worker_with_a_request_ends_after_it() -> None:
    runtime = Runtime("Health")
    [[worker]] = runtime._workers.values()
    worker.in_use = True
    retire(runtime, {"health"})
    assert runtime._workers == {}  # Nobody gets it any more.
    assert runtime.killed == []
    worker.in_use = False
    deadline = time.monotonic() + 10
    while not runtime.killed and time.monotonic() < deadline:
        os.sched_yield()
    assert runtime.killed == ["Health"]


def test_lines_are_in_the_local_cloud_s_own_log_group(capsys: pytest.CaptureFixture[str]) -> None:
    groups: list[dict[str, Any]] = []
    streams: list[dict[str, Any]] = []
    events: list[dict[str, Any]] = []
    logs = SimpleNamespace(
        _create_log_group=groups.append,
        _create_log_stream=streams.append,
        _put_log_events=events.append,
    )
    lock = threading.Lock()
    write = line_writer(logs, SimpleNamespace(request_scope=lambda *_: lock))
    write("ERROR", "it cannot be imported\nTraceback\n  line 1")
    [event] = events
    assert event["logGroupName"] == f"/aws/lambda/{STACK_NAME}-local-stack"
    assert json.loads(event["logEvents"][0]["message"]) == {
        "level": "ERROR",
        "message": "it cannot be imported",
        "exception": "Traceback\n  line 1",
    }
    assert capsys.readouterr().out.startswith("ERROR it cannot be imported\n")
