"""Cursor pagination: query parameters of lists, and the cursors between pages."""

import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from itertools import dropwhile, islice
from typing import Final, Protocol

from ringpass.aws.client_index import Listed, listed_at, position_pattern
from ringpass.aws.update_index import HORIZON, Changes
from ringpass.clock import read_instant, to_text
from ringpass.errors import ValidationFailed
from ringpass.phone import Phone, PhoneError, parse_phone
from ringpass.redaction import mask_digits

MOST_LIMIT: Final = 100
EPOCH: Final = datetime(2000, 1, 1, tzinfo=UTC)
"""Before any record."""

_INSTANT: Final = "an RFC 3339 instant with an offset"
_LIMIT: Final = re.compile(r"[0-9]{1,3}")
_LEADING_BLANK: Final = re.compile(r"^[(\[]? (?=[1-9])")
_DEFAULT_LIMIT: Final = 20
# Begins a cursor of a list of changes, so that none of another list is taken for one.
_CHANGED: Final = "changed#"
_OTHER_ORDERS: Final = ("phone", "region", "from", "to")
_PLAIN_LIST: Final = frozenset({"limit", "cursor"})
# Sorts after every position.
_LATEST: Final = "9"
# The most records that one page reads; its cursor continues from there.
_MOST_SCANNED: Final = 500


@dataclass(frozen=True, slots=True)
class Page[T]:
    """A page of a list, and the cursor of the next page (None: there is none)."""

    items: tuple[T, ...]
    next_cursor: str | None


class Parameters:
    """Query parameters of a list; collects every error before the request is refused."""

    def __init__(self, query: Mapping[str, str], allowed: frozenset[str]) -> None:
        self._query = query
        self._errors: list[dict[str, object]] = []
        for name in sorted(query.keys() - allowed):
            # An unknown name could hold anything, also a phone.
            self.refuse(mask_digits(name)[:40], "extra_forbidden", "no such parameter")

    def read[T](self, name: str, default: T, parse: Callable[[str], T], expected: str) -> T:
        """Returns the parsed parameter, or ``default`` if it is absent or not valid."""
        if name not in self._query:
            return default
        try:
            return parse(self._query[name])
        except PhoneError as error:
            at_fault = "region" if error.type == "region_unknown" else name
            self.refuse(at_fault, error.type, error.message)
        except ValueError:
            self.refuse(name, f"{name}_format", expected)
        return default

    def has(self, name: str) -> bool:
        """Whether the request has the parameter."""
        return name in self._query

    def choice[E: StrEnum](self, name: str, choices: type[E]) -> E | None:
        """Returns the chosen value; None if the parameter is absent or not valid."""
        return self.read(name, None, choices, f"one of {', '.join(choices)}")

    def limit(self) -> int:
        """Returns the largest number of items on a page."""
        return self.read("limit", _DEFAULT_LIMIT, _limit, f"1 to {MOST_LIMIT}")

    def cursor(self, pattern: re.Pattern[str], default: str = _LATEST) -> str:
        """Returns the position where the previous page ended, which matches ``pattern``."""

        def parse(cursor: str) -> str:
            text = urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode()
            # The decoder ignores characters that are not base64.
            if not pattern.fullmatch(text) or to_cursor(text) != cursor:
                raise ValueError("cursor")
            return text

        return self.read("cursor", default, parse, "the next_cursor of the page before")

    def between(self, now: datetime, pattern: re.Pattern[str]) -> tuple[str, str]:
        """Returns the range of ``from``, ``to`` and ``cursor``: ``after <= listed_at < before``.

        A cursor is a position in the list, so it must be between ``from`` and ``to``. DynamoDB
        refuses a range that ends before it begins.
        """
        until = self.read("to", now + timedelta(seconds=1), read_instant, _INSTANT)
        since = self.read("from", EPOCH, read_instant, _INSTANT)
        after, end = to_text(since), to_text(until)
        before = self.cursor(pattern, end)
        if since > until:
            self.refuse("from" if "from" in self._query else "to", "range", "from is before to")
        elif not after <= before <= end:
            self.refuse("cursor", "range", "it comes from a page between from and to")
        return after, before

    def changes(self, now: datetime, id_pattern: re.Pattern[str]) -> Changes | None:
        """Returns the range of ``updated_since`` and ``cursor``; None without ``updated_since``.

        It excludes other orders and ranges.
        """
        if not self.has("updated_since"):
            return None
        for name in _OTHER_ORDERS:
            if self.has(name):
                self.refuse(name, "extra_forbidden", "not together with updated_since")
        since = to_text(self.read("updated_since", EPOCH, read_instant, _INSTANT))
        pattern = re.compile(rf"{_CHANGED}{position_pattern(id_pattern).pattern}")
        after = self.cursor(pattern, f"{_CHANGED}{since}#").removeprefix(_CHANGED)
        if after < since:
            self.refuse("cursor", "range", "it comes from a page of this updated_since")
        return Changes(after, to_text(now - HORIZON))

    def phone(self) -> Phone | None:
        """Returns the number in ``phone``, with ``region`` or without."""
        return self.read("phone", None, self._phone, "a phone")

    def _phone(self, text: str) -> Phone:
        # A + that was not percent-encoded arrives as a blank: that of "+84 ..." or of "(+84) ...".
        plus = _LEADING_BLANK.sub("+", text, count=1)
        return parse_phone(plus, self._query.get("region"))

    def refuse(self, name: str, type_: str, message: str) -> None:
        """Add an error; it never holds the value."""
        self._errors.append({"loc": ["query", name], "type": type_, "msg": message})

    def check(self) -> None:
        """Refuse the request if there are errors.

        Raises:
            ValidationFailed: Names each parameter at fault.
        """
        if self._errors:
            raise ValidationFailed(
                "One or more query parameters are not valid.", errors=self._errors
            )


def take_page[T](
    rows: Iterator[T],
    limit: int,
    position: Callable[[T], str],
    matches: Callable[[T], bool] = lambda _: True,
) -> Page[T]:
    """Take a page of rows.

    Args:
        rows: The list, from the page's first row.
        limit: How many rows it holds at most.
        position: Returns a row's position in the list, which the cursor holds.
        matches: Whether a row is on the page. A page of few matches ends before its limit.
    """
    page_rows: list[T] = []
    last: T | None = None
    for last in islice(rows, _MOST_SCANNED):
        if matches(last):
            page_rows.append(last)
            if len(page_rows) == limit:
                break
    has_more = last is not None and next(rows, None) is not None
    next_cursor = to_cursor(position(last)) if last is not None and has_more else None
    return Page(tuple(page_rows), next_cursor)


class Changing(Protocol):
    """A record in a list of changes."""

    @property
    def id(self) -> str:
        """The id."""

    @property
    def updated_at(self) -> str:
        """The last change, as ``clock.to_text`` writes it."""


def take_changes[T: Changing](
    rows: Iterator[T], changes: Changes, limit: int, matches: Callable[[T], bool]
) -> Page[T]:
    """Take a page of a list of changes, the oldest first.

    Args:
        rows: The records whose change is not older than the time of ``changes.after``.
        changes: The range.
        limit: How many rows it holds at most.
        matches: Whether a row is on the page.
    """

    def position(record: T) -> str:
        return f"{record.updated_at}#{record.id}"

    rest = dropwhile(lambda record: position(record) <= changes.after, rows)
    return take_page(rest, limit, lambda record: f"{_CHANGED}{position(record)}", matches)


def list_page[T: Listed](
    query: Mapping[str, str], pattern: re.Pattern[str], rows: Callable[[str], Iterator[T]]
) -> Page[T]:
    """Returns a page of a list that takes ``limit`` and ``cursor`` alone, newest first.

    Args:
        query: The query parameters.
        pattern: What a position in the list looks like.
        rows: Returns the rows before a position.

    Raises:
        ValidationFailed: Names each parameter at fault.
    """
    params = Parameters(query, _PLAIN_LIST)
    before = params.cursor(pattern)
    limit = params.limit()
    params.check()
    return take_page(rows(before), limit, listed_at)


def to_cursor(position: str) -> str:
    """Returns the cursor of a page that ends at this position."""
    return urlsafe_b64encode(position.encode()).decode().rstrip("=")


def _limit(text: str) -> int:
    if not _LIMIT.fullmatch(text) or not 1 <= (limit := int(text)) <= MOST_LIMIT:
        raise ValueError("limit")
    return limit
