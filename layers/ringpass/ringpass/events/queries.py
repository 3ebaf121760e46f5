"""Reads events: one by its id, or a list, newest first."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from ringpass.aws.client_index import position_pattern
from ringpass.clock import Clock
from ringpass.errors import NotFound
from ringpass.events.model import (
    SEQUENCE_DIGITS,
    STACK,
    Event,
    EventType,
    is_id,
    read_types,
)
from ringpass.events.store import EventRepository
from ringpass.http.pagination import Page, Parameters, take_page
from ringpass.ids import EVENT_ID

_POSITION: Final = position_pattern(re.compile(rf"\d{{{SEQUENCE_DIGITS}}}#{EVENT_ID.pattern}"))
_PARAMETERS: Final = frozenset({"type", "subject", "from", "to", "limit", "cursor"})
_MOST_SUBJECT: Final = 64
_ALL: Final = frozenset(EventType)


@dataclass(frozen=True, slots=True)
class EventFilter:
    """Filter of a list of events; ``after <= listed_at < before``."""

    after: str
    before: str
    limit: int
    subject: str | None
    types: frozenset[EventType]


@dataclass(frozen=True, slots=True)
class EventQueries:
    """Reads a client's events, and those that concern all clients.

    Attributes:
        events: The table's events.
        clock: Returns the current time.
    """

    events: EventRepository
    clock: Clock

    def get(self, client: str, event_id: str) -> Event:
        """Returns the event.

        Raises:
            NotFound: There is none, or it is another client's.
        """
        event = self.events.get(event_id) if is_id(event_id) else None
        if event is None or event.client not in (client, STACK):
            raise NotFound("There is no such event.")
        return event

    def page(self, client: str, query: Mapping[str, str]) -> Page[Event]:
        """A page of events, by ``type, subject, from, to``.

        A page may hold fewer than ``limit`` although there are more: see ``next_cursor``.

        Raises:
            ValidationFailed: Names each parameter at fault.
        """
        criteria = self._parse_filter(query)
        return take_page(
            self._list(client, criteria),
            criteria.limit,
            lambda event: event.listed_at,
            lambda event: (
                event.type in criteria.types and criteria.subject in (None, event.subject)
            ),
        )

    def _list(self, client: str, criteria: EventFilter) -> Iterator[Event]:
        if criteria.subject is None:
            return self.events.list_by_client(client, criteria.after, criteria.before)
        return self.events.list_subject_of_client(
            client, criteria.subject, criteria.after, criteria.before
        )

    def _parse_filter(self, query: Mapping[str, str]) -> EventFilter:
        params = Parameters(query, _PARAMETERS)
        after, before = params.between(self.clock(), _POSITION)
        criteria = EventFilter(
            after=after,
            before=before,
            limit=params.limit(),
            subject=params.read(
                "subject", None, _read_subject, f"an id of 1 to {_MOST_SUBJECT} characters"
            ),
            types=params.read(
                "type", _ALL, read_types, "a type of event, or the beginning of types and .*"
            ),
        )
        params.check()
        return criteria


def _read_subject(text: str) -> str:
    if not 1 <= len(text) <= _MOST_SUBJECT:
        raise ValueError("subject")
    return text
