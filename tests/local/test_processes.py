"""Servers: started in groups of their own, stopped by id, never taken for another process."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from local.paths import ROOT
from local.processes import Server, birth_of, start_server

# A server with a child, which writes the child's id where it is told.
_WITH_CHILD = """
import subprocess, sys, time
child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
open(sys.argv[1], "w").write(str(child.pid))
time.sleep(60)
"""


def _soon(true: Callable[[], bool]) -> bool:
    deadline = time.monotonic() + 10
    while not true() and time.monotonic() < deadline:
        time.sleep(0.02)
    return true()


def _runs(pid: int) -> bool:
    return birth_of(pid) != ""


def _pid_in(path: Path) -> int:
    assert _soon(lambda: path.exists() and path.read_text() != "")
    return int(path.read_text())


def _start(tmp_path: Path, script: str, *, outlives_us: bool) -> Server:
    return start_server(
        "server",
        [sys.executable, "-c", script, tmp_path / "child"],
        env=dict(os.environ),
        log=tmp_path / "server.log",
        outlives_us=outlives_us,
    )


@pytest.mark.parametrize("outlives_us", [True, False])
def test_a_stopped_server_leaves_no_child_behind(tmp_path: Path, outlives_us: bool) -> None:
    server = _start(tmp_path, _WITH_CHILD, outlives_us=outlives_us)
    child = _pid_in(tmp_path / "child")
    assert server.is_alive()
    server.stop()
    assert not server.is_alive()
    assert _soon(lambda: not _runs(child))
    server.stop()  # Again does no harm.


def test_a_server_that_does_not_want_to_stop_is_ended(tmp_path: Path) -> None:
    stubborn = "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN);" + _WITH_CHILD
    server = _start(tmp_path, stubborn, outlives_us=True)
    _pid_in(tmp_path / "child")
    server.stop(grace_seconds=0.1)
    assert not server.is_alive()


def test_a_process_that_got_the_same_id_later_is_not_taken_for_the_server(tmp_path: Path) -> None:
    server = _start(tmp_path, "import time; time.sleep(60)", outlives_us=True)
    try:
        other = Server("server", server.pid, born="long ago")
        assert not other.is_alive()
        other.stop()
        assert server.is_alive()
    finally:
        server.stop()


def test_what_a_server_prints_is_in_its_log(tmp_path: Path) -> None:
    _start(tmp_path, "print('hello')", outlives_us=False)
    assert _soon(lambda: (tmp_path / "server.log").read_text() == "hello\n")


def test_servers_end_with_whoever_started_them_even_if_that_was_killed(tmp_path: Path) -> None:
    starter = """
import os, sys, time
from pathlib import Path
from local.processes import start_server
start_server("server", [sys.executable, "-c", sys.argv[1], sys.argv[2]], env=dict(os.environ),
             log=Path(sys.argv[2] + ".log"), outlives_us=False)
time.sleep(60)
"""
    with subprocess.Popen(  # noqa: S603
        [sys.executable, "-c", starter, _WITH_CHILD, tmp_path / "child"], cwd=ROOT
    ) as process:
        child = _pid_in(tmp_path / "child")
        assert _runs(child)
        process.send_signal(signal.SIGKILL)
    assert _soon(lambda: not _runs(child))
