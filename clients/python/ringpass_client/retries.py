"""When a request is sent again that may have come through; all tries have one idempotency key.

A PUT or DELETE is not repeated: it has no key, and its repetition would be answered as another
change.
"""

import random
import uuid
from dataclasses import dataclass
from typing import Final

import httpx

from ringpass_client.errors import problem_in, seconds_of

_KEY: Final = "Idempotency-Key"
_RETRIED: Final = frozenset({429, 500, 502, 503, 504})
_CONFLICT: Final = 409


@dataclass(frozen=True)
class Retries:
    """How often a request is sent, and how long the client waits in between.

    Attributes:
        tries: How often at most.
        longest_wait: Seconds; longer waits are left to the caller.
    """

    tries: int = 3
    longest_wait: float = 5

    def pause_after(self, response: httpx.Response, attempt: int) -> float | None:
        """Seconds until the next try; None: the response is the last."""
        if not _is_repeatable(response.request) or attempt >= self.tries:
            return None
        seconds = seconds_of(response)
        pause = _pause(attempt) if seconds is None else seconds
        return pause if pause <= self.longest_wait and _is_worth_it(response) else None

    def pause_after_failure(self, request: httpx.Request, attempt: int) -> float | None:
        """The same where there was no response."""
        return _pause(attempt) if _is_repeatable(request) and attempt < self.tries else None


def with_key(request: httpx.Request) -> httpx.Request:
    """Give a POST an idempotency key, unless it has one."""
    if request.method == "POST" and _KEY not in request.headers:
        request.headers[_KEY] = str(uuid.uuid4())
    return request


def _is_repeatable(request: httpx.Request) -> bool:
    return request.method in ("GET", "POST")


def _is_worth_it(response: httpx.Response) -> bool:
    if response.status_code == _CONFLICT:
        # The first request with this key is still running; other conflicts stay.
        return bool(problem_in(response).get("code") == "in_progress")
    return response.status_code in _RETRIED


def _pause(attempt: int) -> float:
    # Jitter, so that many clients do not come back at one moment.
    return 0.5 * 2.0 ** (attempt - 1) * random.uniform(0.5, 1)  # noqa: S311 - no secret
