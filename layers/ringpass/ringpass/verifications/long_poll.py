"""Long poll: reads a verification once it has ended or taken another step, or time is over.

While it waits it reads the verification once a second, consistently: at most 25 small reads. It
takes a slot, so waiting requests never take all executions of the account. Without a free slot it
does not wait.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from ringpass.clock import Clock
from ringpass.errors import Unavailable
from ringpass.http.pagination import Parameters
from ringpass.observability import logger
from ringpass.verifications.long_poll_slots_store import LongPollSlots
from ringpass.verifications.model import Verification, VerificationStatus
from ringpass.verifications.queries import VerificationDetails, VerificationQueries

MOST_SECONDS: Final = 25
"""The longest wait: API Gateway ends a request after 30 seconds, and a cold start comes before."""
PAUSE_SECONDS: Final = 1.0
RETRY_AFTER_SECONDS: Final = 2
"""When a poll that found no slot is worth repeating."""
_NAMES: Final = frozenset({"wait", "step"})
_MOST_STEPS: Final = 10
# A slot outlives its poll by the time of a last read.
_SLOT_MARGIN: Final = timedelta(seconds=4)


@dataclass(frozen=True, slots=True)
class PollResult:
    """What a poll read.

    Attributes:
        details: The verification.
        retry_after: Seconds until another poll makes sense, if this one found no slot and did not
            wait.
    """

    details: VerificationDetails
    retry_after: int | None = None


@dataclass(frozen=True, slots=True)
class LongPoll:
    """Reads verifications, with or without waiting.

    Attributes:
        queries: Queries of verifications.
        slots: Slots of polls that wait.
        clock: Tells the time.
        sleep: Waits for so many seconds.
    """

    queries: VerificationQueries
    slots: LongPollSlots
    clock: Clock
    sleep: Callable[[float], None]

    def read(self, client: str, verification_id: str, query: Mapping[str, str]) -> PollResult:
        """Return the client's verification, by ``wait, step``.

        ``wait``: seconds to wait for its end or for another step than ``step``, which is that of
        the first read by default.

        Raises:
            ValidationFailed: Names each parameter at fault.
            NotFound: There is none, or it is another client's.
            Unavailable: The table cannot be reached.
        """
        # Others were never refused here.
        params = Parameters({name: query[name] for name in _NAMES & query.keys()}, _NAMES)
        seconds = params.read("wait", 0, _number(0, MOST_SECONDS), f"0 to {MOST_SECONDS} seconds")
        step = params.read("step", 0, _number(1, _MOST_STEPS), f"a step, 1 to {_MOST_STEPS}")
        params.check()
        verification = self.queries.require(client, verification_id)
        known = step - 1 if step else verification.step
        now = self.clock()
        deadline = now + timedelta(seconds=seconds)
        if not seconds or self._is_news(verification, known):
            return PollResult(self.queries.details(verification))
        slot = self.slots.acquire(client, now, deadline + _SLOT_MARGIN)
        if slot is None:
            return PollResult(self.queries.details(verification), RETRY_AFTER_SECONDS)
        try:
            verification = self._wait(verification, known, deadline)
        finally:
            try:
                self.slots.release(slot)
            except Unavailable:
                # It ends by itself.
                logger().exception("long poll's slot not released")
        return PollResult(self.queries.details(verification))

    def _wait(self, verification: Verification, known: int, deadline: datetime) -> Verification:
        """Read it once a second, until there is news or time is over."""
        while not self._is_news(verification, known):
            left = (deadline - self.clock()).total_seconds()
            if left <= 0:
                break
            self.sleep(min(PAUSE_SECONDS, left))
            verification = self.queries.require(verification.client, verification.id)
        return verification

    def _is_news(self, verification: Verification, known: int) -> bool:
        is_open = verification.status_at(self.clock()) is VerificationStatus.PENDING
        return not is_open or verification.step != known


def _number(least: int, most: int) -> Callable[[str], int]:
    def read(text: str) -> int:
        if not (text.isascii() and text.isdigit() and len(text) <= len(str(most))):
            raise ValueError("number")
        if not least <= (number := int(text)) <= most:
            raise ValueError("range")
        return number

    return read
