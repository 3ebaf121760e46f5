"""Servers that the local stack starts, and stops again by their ids."""

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from local.paths import ROOT

GRACE_SECONDS = 8.0
"""How long a server may take to stop when asked."""


@dataclass(frozen=True)
class Server:
    """A process that leads its own group; its children are in the group too.

    `born` tells it from another process that got the same id later; it is empty where the
    system does not say (then the id alone must do).
    """

    name: str
    pid: int
    born: str

    def is_alive(self) -> bool:
        """Whether it still runs (it, and not another that has its id by now)."""
        with contextlib.suppress(ChildProcessError):  # Not ours: started by another command.
            os.waitpid(self.pid, os.WNOHANG)
        try:
            os.kill(self.pid, 0)
        except ProcessLookupError:
            return False
        except PermissionError:
            return False  # Someone else's, so it has got the id after ours ended.
        return birth_of(self.pid) == self.born

    def ask_to_end(self, number: signal.Signals, patience_seconds: float) -> bool:
        """Send a signal to it, and not to its children. Gives whether it has ended in time."""
        deadline = time.monotonic() + patience_seconds
        if self.is_alive():
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.pid, number)
        while self.is_alive():
            if time.monotonic() > deadline:
                return False
            time.sleep(0.05)
        return True

    def stop(self, grace_seconds: float = GRACE_SECONDS) -> None:
        """End it and its children; gives up on manners after `grace_seconds`."""
        if not self._group_exists() or birth_of(self.pid) not in (self.born, ""):
            return
        self._signal(signal.SIGTERM)
        deadline = time.monotonic() + grace_seconds
        while self._group_exists() and time.monotonic() < deadline:
            time.sleep(0.05)
        if self._group_exists():
            self._signal(signal.SIGKILL)
            while self.is_alive():
                time.sleep(0.02)

    def _signal(self, number: signal.Signals) -> None:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.pid, number)

    def _group_exists(self) -> bool:
        with contextlib.suppress(ChildProcessError):
            os.waitpid(self.pid, os.WNOHANG)
        try:
            os.killpg(self.pid, 0)
        except (ProcessLookupError, PermissionError):
            return False
        return True


def start_server(
    name: str,
    command: Sequence[str | Path],
    *,
    env: Mapping[str, str],
    log: Path,
    outlives_us: bool,
) -> Server:
    """Start a server in a group of its own; what it prints goes to `log`.

    Unless it `outlives_us` (`make up`), it is stopped also when this process dies without a
    chance to do so, and Ctrl-C in the terminal reaches us and not it.
    """
    log.parent.mkdir(parents=True, exist_ok=True)
    arguments = [str(part) for part in command]
    if outlives_us:
        return _spawn(name, arguments, env=env, log=log, stdin=subprocess.DEVNULL)
    # The keeper reads from a pipe whose writing end only we have: it closes when we end, in
    # whatever way. So it stays open here, and no child inherits it.
    reading, writing = os.pipe()
    _held_open.append(writing)
    try:
        keeper = [sys.executable, str(ROOT / "local" / "keeper.py")]
        return _spawn(name, [*keeper, *arguments], env=env, log=log, stdin=reading)
    finally:
        os.close(reading)


_held_open: list[int] = []


def _spawn(
    name: str, arguments: list[str], *, env: Mapping[str, str], log: Path, stdin: int
) -> Server:
    with log.open("ab") as out:
        process = subprocess.Popen(
            arguments,
            cwd=ROOT,
            env=dict(env),
            stdin=stdin,
            stdout=out,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    # It is reaped by `is_alive`: this object must not warn that it was left behind.
    process.returncode = 0
    return Server(name=name, pid=process.pid, born=birth_of(process.pid))


def birth_of(pid: int) -> str:
    """When a process began, in whatever unit the system has; `""` if it does not say or is gone."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii", errors="replace")
    except OSError:
        return _birth_by_ps(pid)
    after_name = fields.rpartition(")")[2].split()
    state, start_time = after_name[0], after_name[19]
    return "" if state == "Z" else start_time


def _birth_by_ps(pid: int) -> str:
    if Path("/proc/self/stat").exists():
        return ""  # There is /proc, and the process is not in it: gone.
    try:
        answer = subprocess.run(
            ["ps", "-o", "lstart=", "-p", str(pid)],  # noqa: S607
            capture_output=True,
            text=True,
            check=False,
        )
    except OSError:
        return ""
    return answer.stdout.strip()
