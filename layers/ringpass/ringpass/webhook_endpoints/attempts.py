"""Lists the tries to deliver events to an endpoint, newest first."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from ringpass.clock import Clock
from ringpass.events.model import is_id
from ringpass.http.pagination import Page, Parameters, take_page
from ringpass.webhook_endpoints.attempts_store import POSITION, Attempt, AttemptRepository

_PARAMETERS: Final = frozenset({"event", "status", "from", "to", "limit", "cursor"})
_STATUS: Final = re.compile(r"succeeded|failed|[1-5](xx|[0-9]{2})")


@dataclass(frozen=True, slots=True)
class AttemptQueries:
    """Reads the tries of an endpoint.

    Attributes:
        attempts: The tries.
        clock: Returns the current time.
    """

    attempts: AttemptRepository
    clock: Clock

    def page(self, endpoint_id: str, query: Mapping[str, str]) -> Page[Attempt]:
        """Returns a page of tries, by ``event, status, from, to``.

        A page may hold fewer than ``limit`` although there are more: see ``next_cursor``.

        Raises:
            ValidationFailed: Names each parameter at fault.
            Unavailable: The table cannot be reached.
        """
        params = Parameters(query, _PARAMETERS)
        after, before = params.between(self.clock(), POSITION)
        event_id = params.read("event", None, _read_event_id, "the id of an event")
        status = params.read(
            "status", None, _read_status, "succeeded, failed, or an HTTP status: 500, 5xx"
        )
        limit = params.limit()
        params.check()
        if event_id is None:
            rows = self.attempts.list_by_endpoint(endpoint_id, after, before)
        else:
            rows = self.attempts.list_by_event(endpoint_id, event_id, after, before)
        return take_page(
            rows, limit, lambda one: one.listed_at, lambda one: _has_status(one, status)
        )


def _has_status(attempt: Attempt, status: str | None) -> bool:
    match status:
        case None:
            return True
        case "succeeded" | "failed":
            return attempt.is_success == (status == "succeeded")
    return attempt.http_status is not None and str(attempt.http_status).startswith(
        status.removesuffix("xx")
    )


def _read_event_id(text: str) -> str:
    if not is_id(text):
        raise ValueError("event")
    return text


def _read_status(text: str) -> str:
    if not _STATUS.fullmatch(text):
        raise ValueError("status")
    return text
