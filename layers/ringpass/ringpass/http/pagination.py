"""Lists in pages: their query parameters, and the cursors that lead from one page to the next."""

import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import Final

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
# A page looks at no more than so many records, and goes on from there with its cursor.
_MOST_SCANNED: Final = 500


@dataclass(frozen=True, slots=True)
class Page[T]:
    """Some of a list, and where the next page starts (None: there is none)."""

    items: tuple[T, ...]
    next_cursor: str | None


class Parameters:
    """A list's query parameters, read one by one; those at fault are collected."""

    def __init__(self, query: Mapping[str, str], known: frozenset[str]) -> None:
        self._query = query
        self._errors: list[dict[str, object]] = []
        for name in sorted(query.keys() - known):
            # An unknown name could hold anything, a phone too.
            self.refuse(mask_digits(name)[:40], "extra_forbidden", "no such parameter")

    def read[T](self, name: str, default: T, parse: Callable[[str], T], expected: str) -> T:
        """The parameter as ``parse`` reads it, or ``default`` if it is absent or at fault."""
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

    def limit(self) -> int:
        """How many items a page has at most."""
        return self.read("limit", _DEFAULT_LIMIT, _limit, f"1 to {MOST_LIMIT}")

    def cursor(self, default: str, listed: re.Pattern[str]) -> str:
        """Where the page before ended: a text like ``listed``."""

        def parse(cursor: str) -> str:
            text = urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode()
            # The decoder passes over what is not base64.
            if not listed.fullmatch(text) or to_cursor(text) != cursor:
                raise ValueError("cursor")
            return text

        return self.read("cursor", default, parse, "the next_cursor of the page before")

    def between(self, now: datetime, listed: re.Pattern[str]) -> tuple[str, str]:
        """What ``from``, ``to`` and ``cursor`` ask for: ``after <= listed_at < before``.

        A cursor is a place in a list, so it stands between ``from`` and ``to``. DynamoDB refuses
        a range that ends before it begins.
        """
        until = self.read("to", now + timedelta(seconds=1), read_instant, _INSTANT)
        since = self.read("from", EPOCH, read_instant, _INSTANT)
        after, end = to_text(since), to_text(until)
        before = self.cursor(end, listed)
        if since > until:
            self.refuse("from" if "from" in self._query else "to", "range", "from is before to")
        elif not after <= before <= end:
            self.refuse("cursor", "range", "it comes from a page between from and to")
        return after, before

    def phone(self) -> Phone | None:
        """The number that ``phone`` names, with ``region`` or without."""
        return self.read("phone", None, self._phone, "a phone")

    def _phone(self, text: str) -> Phone:
        # A + that was not percent-encoded arrives as a blank: that of "+84 ..." or of "(+84) ...".
        plus = _LEADING_BLANK.sub("+", text, count=1)
        return parse_phone(plus, self._query.get("region"))

    def refuse(self, name: str, type_: str, message: str) -> None:
        """Collect a fault; it never holds the value."""
        self._errors.append({"loc": ["query", name], "type": type_, "msg": message})

    def check(self) -> None:
        """Refuse the request if anything is at fault.

        Raises:
            ValidationFailed: Names each parameter at fault.
        """
        if self._errors:
            raise ValidationFailed(
                "One or more query parameters are not valid.", errors=self._errors
            )


def take[T](
    rows: Iterator[T],
    matches: Callable[[T], bool],
    limit: int,
    listed_at: Callable[[T], str],
) -> tuple[tuple[T, ...], str | None]:
    """The rows of a page, and the cursor of the next one; None if there is none."""
    found: list[T] = []
    last: T | None = None
    for last in islice(rows, _MOST_SCANNED):
        if matches(last):
            found.append(last)
            if len(found) == limit:
                break
    more = last is not None and next(rows, None) is not None
    return tuple(found), to_cursor(listed_at(last)) if last is not None and more else None


def to_cursor(listed: str) -> str:
    """The cursor of a page that ends with the item listed there."""
    return urlsafe_b64encode(listed.encode()).decode().rstrip("=")


def _limit(text: str) -> int:
    if not _LIMIT.fullmatch(text) or not 1 <= (limit := int(text)) <= MOST_LIMIT:
        raise ValueError("limit")
    return limit
