"""The stack that `make up` leaves running, and `make down` ends."""

import dataclasses
import fcntl
import json
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from local.build import fingerprint, processor
from local.failures import LocalStackError
from local.paths import STACK_FILE, UP
from local.ports import chosen_port
from local.processes import Server
from local.progress import Progress
from local.stack import Stack, start

_SERVERS = UP / "servers.json"


@dataclasses.dataclass(frozen=True)
class Running:
    """What is known of the stack in the background."""

    servers: tuple[Server, ...]
    built: str
    """Tells which state of the sources it runs."""

    def is_whole(self) -> bool:
        """Whether all of it still runs."""
        return all(server.is_alive() for server in self.servers) and STACK_FILE.exists()


def up(progress: Progress) -> Stack:
    """Have a stack run in the background, with the sources as they are now.

    Raises:
        LocalStackError: it does not start.
    """
    with _alone(progress):
        running = _recall()
        if running is not None:
            if running.is_whole() and running.built == fingerprint(processor()):
                progress.say("  ok The local stack is up already")
                return Stack.read(STACK_FILE)
            if running.is_whole():
                progress.say("  .. The sources have changed: starting anew")
            _stop(running)
        wanted = os.environ.get("RINGPASS_PORT", "")
        port = chosen_port(wanted) if wanted else None
        built = fingerprint(processor())
        started = start(UP, progress, port=port, outlives_us=True)
        try:
            kept = [dataclasses.asdict(server) for server in started.servers]
            _SERVERS.write_text(json.dumps({"servers": kept, "built": built}), encoding="utf-8")
            started.stack.write(STACK_FILE)
        except BaseException:
            for server in started.servers:
                server.stop()
            raise
        return started.stack


def down(progress: Progress) -> None:
    """End the stack in the background, if there is one."""
    with _alone(progress):
        running = _recall()
        if running is None:
            progress.say("  ok No local stack is up")
            return
        with progress.step("Stopping the local stack"):
            _stop(running)


def current() -> Stack:
    """The stack in the background.

    Raises:
        LocalStackError: there is none.
    """
    running = _recall()
    if running is None or not running.is_whole():
        raise LocalStackError("no local stack is up: start one with `make up`")
    return Stack.read(STACK_FILE)


def _recall() -> Running | None:
    if not _SERVERS.exists():
        return None
    found = json.loads(_SERVERS.read_text(encoding="utf-8"))
    return Running(tuple(Server(**one) for one in found["servers"]), found["built"])


def _stop(running: Running) -> None:
    STACK_FILE.unlink(missing_ok=True)
    for server in reversed(running.servers):
        server.stop()
    _SERVERS.unlink(missing_ok=True)
    _clean(UP)


def _clean(folder: Path) -> None:
    shutil.rmtree(folder / "tmp", ignore_errors=True)
    for log in folder.glob("*.log"):
        log.unlink(missing_ok=True)


@contextmanager
def _alone(progress: Progress) -> Iterator[None]:
    """One `make up` or `make down` at a time in this clone."""
    UP.mkdir(parents=True, exist_ok=True)
    with (UP / "lock").open("w", encoding="ascii") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            with progress.step("Waiting for another `make up` or `make down` in this clone"):
                fcntl.flock(lock, fcntl.LOCK_EX)
        yield
