"""How many rounds and verifications, and how long they take."""

import os
import time
from collections.abc import Callable
from typing import Final

_FEWEST, _MOST = 1, 500
ROUNDS: Final = int(os.environ.get("PROOF_ROUNDS") or 10)
if not _FEWEST <= ROUNDS <= _MOST:
    raise ValueError(f"PROOF_ROUNDS is {_FEWEST} to {_MOST}")

_FEWEST_VERIFICATIONS, _MOST_VERIFICATIONS = 20, 20_000
VERIFICATIONS: Final = int(os.environ.get("PROOF_VERIFICATIONS") or 2_000)
if not _FEWEST_VERIFICATIONS <= VERIFICATIONS <= _MOST_VERIFICATIONS:
    raise ValueError(f"PROOF_VERIFICATIONS is {_FEWEST_VERIFICATIONS} to {_MOST_VERIFICATIONS}")

_FEWEST_COMMANDS, _MOST_COMMANDS = 20, 20_000
COMMANDS: Final = int(os.environ.get("PROOF_COMMANDS") or 1_000)
if not _FEWEST_COMMANDS <= COMMANDS <= _MOST_COMMANDS:
    raise ValueError(f"PROOF_COMMANDS is {_FEWEST_COMMANDS} to {_MOST_COMMANDS}")

# As measured on two cores.
_SECONDS_TO_START: Final = 45
_SECONDS_A_ROUND: Final = {
    "test_races": 10,
    "test_deaths": 35,
    "test_storms": 4,
    "test_verification_races": 40,
}
_SECONDS_A_VERIFICATION: Final = 0.85
_SECONDS_TO_COUNT: Final = 150
_SECONDS_A_COMMAND: Final = 0.35
# The first request that comes together with others starts a process; each channel has its own.
_SECONDS_A_FIRST_RACE: Final = 25
_CHANNELS: Final = 3


def seconds(files: set[str]) -> int:
    """How long the proofs of these files will take."""
    racing = "test_races" in files
    first = _SECONDS_A_FIRST_RACE * min(ROUNDS, _CHANNELS) if racing else 0
    counting = "test_recount" in files
    counted = _SECONDS_TO_COUNT + VERIFICATIONS * _SECONDS_A_VERIFICATION if counting else 0
    a_round = sum(_SECONDS_A_ROUND.get(name, 0) for name in files)
    commanded = COMMANDS * _SECONDS_A_COMMAND if "test_commands" in files else 0
    return _SECONDS_TO_START + first + ROUNDS * a_round + round(counted + commanded)


def until[T](
    look: Callable[[], T], good: Callable[[T], bool], seconds: float, every: float = 0.3
) -> T:
    """What is seen once it is as it should be, looked at every so many seconds.

    Raises:
        AssertionError: It still is not after so many seconds.
    """
    deadline = time.monotonic() + seconds
    while not good(value := look()):
        assert time.monotonic() < deadline, f"still {value} after {seconds:.0f} s"
        time.sleep(every)
    return value
