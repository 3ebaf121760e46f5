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
_SECONDS_TO_START: Final = 45
_SECONDS_A_ROUND: Final = {
    "test_races": 10,
    "test_deaths": 35,
    "test_storms": 4,
    "test_verification_races": 40,
}
# The first request that comes together with others starts a process; each channel has its own.
_SECONDS_A_FIRST_RACE: Final = 25
_CHANNELS: Final = 3


def seconds(files: set[str]) -> int:
    """How long the proofs of these files will take."""
    racing = "test_races" in files
    first = _SECONDS_A_FIRST_RACE * min(ROUNDS, _CHANNELS) if racing else 0
    return _SECONDS_TO_START + first + ROUNDS * sum(_SECONDS_A_ROUND[name] for name in files)


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
