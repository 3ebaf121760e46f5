"""CareSoft's limits: so many requests in a second and in an hour, and a lock for who does not stop.

Found in public clients of CareSoft: 15 a second or 54,000 an hour; over it 429 with "Too Many
Attempts.", and after 20 of these in a row 404 with "Domain incorrect too many times , retry after
15 minutes ", for so long. How it counts its seconds is not known: here it is any second. Numbers
that no subscriber can have do not count, and are not held up.
"""

import threading
import time
from collections import deque
from collections.abc import Callable

from sandbox.settings import Settings

TOO_MANY = "Too Many Attempts."
LOCKED = "Domain incorrect too many times , retry after 15 minutes "

_IN_A_ROW = 20
_HOUR = 3_600.0


class Turnstile:
    """Counts the requests of one tenant. Its methods may be called from any thread."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._second: deque[float] = deque()
        self._hour: deque[float] = deque()
        self._refused = 0
        self._locked_until = 0.0

    def pass_one(self, settings: Settings) -> tuple[int, str] | None:
        """Count a request: None lets it pass, else the status and the words it is refused with."""
        with self._lock:
            now = self._clock()
            if now < self._locked_until:
                return 404, LOCKED
            _forget(self._second, now - 1.0)
            _forget(self._hour, now - _HOUR)
            full = (
                len(self._second) >= settings.caresoft_per_second
                or len(self._hour) >= settings.caresoft_per_hour
            )
            if not full:
                self._refused = 0
                self._second.append(now)
                self._hour.append(now)
                return None
            self._refused += 1
            if self._refused <= _IN_A_ROW:
                return 429, TOO_MANY
            self._lock_up(settings)
            return 404, LOCKED

    def lock(self, settings: Settings) -> None:
        """Let nothing pass for the time of a lock."""
        with self._lock:
            self._lock_up(settings)

    def _lock_up(self, settings: Settings) -> None:
        self._refused = 0
        self._locked_until = self._clock() + settings.caresoft_lock_seconds

    def reset(self) -> None:
        """Forget all requests, and end a lock."""
        with self._lock:
            self._second.clear()
            self._hour.clear()
            self._refused = 0
            self._locked_until = 0.0


def _forget(passed: deque[float], before: float) -> None:
    while passed and passed[0] <= before:
        passed.popleft()
