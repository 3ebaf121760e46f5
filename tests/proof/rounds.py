"""How many rounds, and how long they take."""

import os
import time
from collections.abc import Callable
from typing import Final

_FEWEST, _MOST = 1, 500
ROUNDS: Final = int(os.environ.get("PROOF_ROUNDS") or 10)
if not _FEWEST <= ROUNDS <= _MOST:
    raise ValueError(f"PROOF_ROUNDS is {_FEWEST} to {_MOST}")

# As measured on two cores.
SECONDS_TO_START: Final = 45
SECONDS_A_ROUND: Final = {"test_races": 8, "test_deaths": 45, "test_storms": 6}


def until[T](look: Callable[[], T], good: Callable[[T], bool], seconds: float) -> T:
    """What is seen once it is as it should be.

    Raises:
        AssertionError: It still is not after so many seconds.
    """
    deadline = time.monotonic() + seconds
    while not good(seen := look()):
        assert time.monotonic() < deadline, f"still {seen} after {seconds:.0f} s"
        time.sleep(0.3)
    return seen
