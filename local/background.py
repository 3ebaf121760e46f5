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


@dataclasses.dataclass(frozen=True)
class Running:
    """What is known of the stack in the background."""

    servers: tuple[Server, ...]
    built: str
    """Tells which state of the sources it runs."""


class Background:
    """The one stack of a clone that outlives the command that started it."""

    def __init__(self, folder: Path = UP, stack_file: Path = STACK_FILE) -> None:
        self._folder = folder
        self._stack_file = stack_file
        self._servers_file = folder / "servers.json"

    def up(self, progress: Progress) -> Stack:
        """Have a stack run, with the sources as they are now.

        Raises:
            LocalStackError: it does not start.
        """
        with self._alone(progress):
            running = self._recall()
            built = fingerprint(processor())
            if running is not None:
                if self._is_whole(running):
                    if running.built == built:
                        progress.say("  ok The local stack is up already")
                        return Stack.read(self._stack_file)
                    progress.say("  .. The sources have changed: starting anew")
                self._stop(running)
            choice = os.environ.get("RINGPASS_PORT", "")
            port = chosen_port(choice) if choice else None
            start_result = start(self._folder, progress, port=port, outlives_us=True)
            try:
                self.remember(Running(start_result.servers, built), start_result.stack)
            except BaseException:
                for server in start_result.servers:
                    server.stop()
                raise
            return start_result.stack

    def down(self, progress: Progress) -> None:
        """End it, if it runs."""
        with self._alone(progress):
            running = self._recall()
            if running is None:
                progress.say("  ok No local stack is up")
                return
            with progress.step("Stopping the local stack"):
                self._stop(running)

    def current(self) -> Stack:
        """How to reach it.

        Raises:
            LocalStackError: it does not run.
        """
        running = self._recall()
        if running is None or not self._is_whole(running):
            raise LocalStackError("no local stack is up: start one with `make up`")
        return Stack.read(self._stack_file)

    def remember(self, running: Running, stack: Stack) -> None:
        """Write down what runs, for the commands that follow."""
        text = json.dumps(dataclasses.asdict(running))
        self._servers_file.write_text(text, encoding="utf-8")
        stack.write(self._stack_file)

    def _recall(self) -> Running | None:
        if not self._servers_file.exists():
            return None
        document = json.loads(self._servers_file.read_text(encoding="utf-8"))
        return Running(tuple(Server(**one) for one in document["servers"]), document["built"])

    def _is_whole(self, running: Running) -> bool:
        return self._stack_file.exists() and all(one.is_alive() for one in running.servers)

    def _stop(self, running: Running) -> None:
        self._stack_file.unlink(missing_ok=True)
        for server in reversed(running.servers):
            server.stop()
        self._servers_file.unlink(missing_ok=True)
        shutil.rmtree(self._folder / "tmp", ignore_errors=True)
        for log in self._folder.glob("*.log"):
            log.unlink(missing_ok=True)

    @contextmanager
    def _alone(self, progress: Progress) -> Iterator[None]:
        """One `make up` or `make down` at a time in this clone."""
        self._folder.mkdir(parents=True, exist_ok=True)
        with (self._folder / "lock").open("w", encoding="ascii") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                with progress.step("Waiting for another `make up` or `make down` in this clone"):
                    fcntl.flock(lock, fcntl.LOCK_EX)
            yield
