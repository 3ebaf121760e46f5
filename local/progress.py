"""What a waiting person sees: which step is under way, and how long each one took."""

import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TextIO

NUDGE_SECONDS = 15.0
"""A step that takes longer says so this often."""


class Progress:
    """Writes one line when a step starts and one when it is done.

    >>> progress = Progress()
    >>> with progress.step("Building the functions"):
    ...     build()

    To a terminal both are one line; to a file or a pipe they are two, so that nothing is hidden
    in carriage returns.
    """

    def __init__(
        self,
        out: TextIO | None = None,
        *,
        clock: Callable[[], float] = time.monotonic,
        nudge_seconds: float = NUDGE_SECONDS,
    ) -> None:
        self._out = out if out is not None else sys.stderr
        self._clock = clock
        self._nudge_seconds = nudge_seconds
        self._started = clock()
        self._lock = threading.Lock()

    def say(self, text: str) -> None:
        """Write one line."""
        with self._lock:
            self._out.write(f"{text}\n")
            self._out.flush()

    def total(self) -> str:
        """How long all of it has taken so far, such as `12 s`."""
        return _seconds(self._clock() - self._started)

    @contextmanager
    def step(self, name: str) -> Iterator[None]:
        """Say that a step is under way, and when it ends how long it took."""
        started = self._clock()
        finish = threading.Event()
        self.say(f"  .. {name}")

        def nudge() -> None:
            while not finish.wait(self._nudge_seconds):
                self.say(f"  .. {name}: still at it, {_seconds(self._clock() - started)}")

        nudger = threading.Thread(target=nudge, daemon=True, name="progress")
        nudger.start()
        try:
            yield
        except BaseException:
            self._end(finish, nudger)
            self.say(f"  !! {name}: stopped after {_seconds(self._clock() - started)}")
            raise
        self._end(finish, nudger)
        self.say(f"  ok {name} ({_seconds(self._clock() - started)})")

    @staticmethod
    def _end(finish: threading.Event, nudger: threading.Thread) -> None:
        finish.set()
        nudger.join()


def _seconds(elapsed: float) -> str:
    return f"{elapsed:.1f} s" if elapsed < 10 else f"{elapsed:.0f} s"  # noqa: PLR2004
