"""What a waiting person sees: which step is under way, and how long each one took."""

import shutil
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TextIO

NUDGE_SECONDS = 15.0
"""A step that takes longer says so this often, where its line cannot move."""
_FRAME_SECONDS = 0.2
_CLEAR = "\r\x1b[K"


def _no_detail() -> str:
    return ""


@dataclass(eq=False)
class _Step:
    name: str
    started: float
    detail: Callable[[], str]


class Progress:
    """Writes one line when a step starts and one when it is done.

    >>> progress = Progress()
    >>> with progress.step("Building the functions"):
    ...     build()

    On a terminal both are one line, and it moves: it counts the seconds, and shows what a step says
    of itself. To a file or a pipe they are two, so that nothing is hidden in carriage returns.
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
        self._moves = self._out.isatty()
        self._nudge_seconds = _FRAME_SECONDS if self._moves else nudge_seconds
        self._started = clock()
        self._lock = threading.RLock()
        self._steps: list[_Step] = []

    def say(self, text: str) -> None:
        """Write one line."""
        with self._lock:
            self._out.write(f"{_CLEAR if self._moves else ''}{text}\n")
            self._out.flush()

    def total(self) -> str:
        """How long all of it has taken so far, such as `12 s`."""
        return seconds_text(self._clock() - self._started)

    @contextmanager
    def step(self, name: str, detail: Callable[[], str] = _no_detail) -> Iterator[None]:
        """Say that a step is under way, and when it ends how long it took.

        Args:
            name: What is done.
            detail: Gives what is to be shown of it at this moment, in a few words.
        """
        step = _Step(name, self._clock(), detail)
        finish = threading.Event()
        with self._lock:
            self._steps.append(step)
            if self._moves:
                self._show(step)
            else:
                self.say(f"  .. {name}")

        def nudge() -> None:
            while not finish.wait(self._nudge_seconds):
                self._show(step)

        nudger = threading.Thread(target=nudge, daemon=True, name="progress")
        nudger.start()
        try:
            yield
        except BaseException:
            self._end(step, finish, nudger)
            self.say(f"  !! {name}: stopped after {self._elapsed(step)}")
            raise
        self._end(step, finish, nudger)
        self.say(f"  ok {name} ({self._elapsed(step)})")

    def _show(self, step: _Step) -> None:
        with self._lock:
            if not self._moves:
                detail = f", {text}" if (text := step.detail()) else ""
                self.say(f"  .. {step.name}: still at it, {self._elapsed(step)}{detail}")
            elif self._steps and self._steps[-1] is step:  # One line: that of the latest step.
                detail = f"  {text}" if (text := step.detail()) else ""
                line = f"  .. {step.name} {self._elapsed(step, whole=True)}{detail}"
                width = shutil.get_terminal_size().columns - 1
                self._out.write(f"{_CLEAR}{line[:width]}")
                self._out.flush()

    def _elapsed(self, step: _Step, *, whole: bool = False) -> str:
        elapsed = self._clock() - step.started
        return f"{elapsed:.0f} s" if whole else seconds_text(elapsed)

    def _end(self, step: _Step, finish: threading.Event, nudger: threading.Thread) -> None:
        finish.set()
        nudger.join()
        with self._lock:
            self._steps.remove(step)


def seconds_text(elapsed: float) -> str:
    """A length of time, such as `12 s` or `4.1 s`."""
    return f"{elapsed:.1f} s" if elapsed < 10 else f"{elapsed:.0f} s"  # noqa: PLR2004
