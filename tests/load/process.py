"""One process of a function: started cold, asked with events."""

import json
import os
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

from tests.load.functions import HERE

PATIENCE_SECONDS = 120.0
"""A process that takes longer is ended."""


class Process:
    """A running function. Its modules are compiled only by what the layers ship.

    Args:
        python: The interpreter.
        folders: Where modules are looked for.
        env: All of its environment.
        program: What runs in it.
        log: A file that gets what it prints; without one it is thrown away.
    """

    def __init__(
        self,
        python: Path,
        folders: Sequence[Path],
        env: Mapping[str, str],
        program: str = "runtime.py",
        log: IO[bytes] | None = None,
    ) -> None:
        reading, writing = os.pipe()
        # -I: neither our environment nor our folder. -B: as in Lambda, where /opt cannot be
        # written to, no bytecode is kept.
        command = [str(python), "-I", "-B", str(HERE / program), str(writing)]
        self.started = time.perf_counter()
        self._process = subprocess.Popen(  # noqa: S603 - our own program
            [*command, os.pathsep.join(map(str, folders))],
            env=dict(env),
            stdin=subprocess.PIPE,
            stdout=log or subprocess.DEVNULL,
            pass_fds=[writing],
        )
        os.close(writing)
        self._answers = os.fdopen(reading, "rb")

    def ask(self, event: object) -> Any:  # noqa: ANN401 - JSON
        """Give it an event and wait for the answer."""
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(event).encode() + b"\n")
        self._process.stdin.flush()
        return self.answer()

    def answer(self) -> Any:  # noqa: ANN401 - JSON
        """The next answer."""
        line = self._answers.readline()
        if not line:
            raise RuntimeError("the function's process ended without an answer")
        return json.loads(line)

    def end_of_events(self) -> None:
        """Say that no more events come."""
        assert self._process.stdin is not None
        self._process.stdin.close()

    def stop(self) -> None:
        """Wait until it has ended; end it if it does not."""
        self.end_of_events()
        try:
            self._process.wait(PATIENCE_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._answers.close()


@contextmanager
def running(
    python: Path,
    folders: Sequence[Path],
    env: Mapping[str, str],
    program: str = "runtime.py",
    log: IO[bytes] | None = None,
) -> Iterator[Process]:
    """A function's process for as long as the block runs."""
    process = Process(python, folders, env, program, log)
    try:
        yield process
    finally:
        process.stop()
