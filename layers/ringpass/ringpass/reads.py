"""Reading deliveries: one by its id, or a list, newest first."""

import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import Final

from ringpass.clock import Clock, from_text, to_text
from ringpass.credentials import Secrets
from ringpass.delivery import Delivery
from ringpass.digests import phone_key
from ringpass.errors import NotFound, ValidationFailed
from ringpass.outcomes import Status
from ringpass.phone import PhoneError, parse_phone
from ringpass.redaction import mask_digits
from ringpass.store.deliveries import Deliveries, listed_at

CHANNELS: Final = ("voice_otp", "password_call", "zns")
_DEFAULT_LIMIT: Final = 20
_MOST_LIMIT: Final = 100
# A page looks at no more than so many records, and goes on from there with its cursor.
_MOST_SCANNED: Final = 500
_EPOCH: Final = datetime(2000, 1, 1, tzinfo=UTC)  # before any delivery
_LISTED: Final = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z#dlv_[a-z2-7]{32}")
_FIELDS: Final = frozenset(
    {"phone", "region", "status", "channel", "from", "to", "limit", "cursor"}
)


@dataclass(frozen=True, slots=True)
class Page:
    """Some deliveries, and where the next page starts (None: there is none)."""

    items: tuple[Delivery, ...]
    next_cursor: str | None


@dataclass(frozen=True, slots=True)
class Filter:
    """Which deliveries a list asks for; ``after <= listed_at < before``."""

    after: str
    before: str
    limit: int
    phone: str | None
    status: Status | None
    channel: str | None


@dataclass(frozen=True, slots=True)
class Reads:
    """Reads a client's deliveries.

    Attributes:
        deliveries: The table's deliveries.
        secrets: The stack's secrets.
        clock: Tells the time.
    """

    deliveries: Deliveries
    secrets: Secrets
    clock: Clock

    def one(self, client: str, delivery_id: str) -> Delivery:
        """The client's delivery.

        Raises:
            NotFound: There is none, or it is another client's.
        """
        delivery = self.deliveries.get(delivery_id)
        if delivery is None or delivery.client != client:
            raise NotFound("There is no such delivery.")
        return delivery

    def page(self, client: str, query: Mapping[str, str]) -> Page:
        """A page of the client's deliveries, by ``phone, status, channel, from, to``.

        A page may hold fewer than ``limit`` while there are more: ``next_cursor`` tells.

        Raises:
            ValidationFailed: Names each parameter at fault.
        """
        wanted = parse_filter(query, self.clock())
        rows = self._rows(client, wanted)
        found: list[Delivery] = []
        last: Delivery | None = None
        for last in islice(rows, _MOST_SCANNED):
            if last.client == client and _matches(last, wanted):
                found.append(last)
                if len(found) == wanted.limit:
                    break
        more = last is not None and next(rows, None) is not None
        return Page(tuple(found), _to_cursor(listed_at(last)) if last and more else None)

    def _rows(self, client: str, wanted: Filter) -> Iterator[Delivery]:
        if wanted.phone is None:
            return self.deliveries.of_client(client, wanted.after, wanted.before)
        key = phone_key(self.secrets.value("lookup", "key"), wanted.phone)
        return self.deliveries.of_phone(key, wanted.after, wanted.before)


def parse_filter(query: Mapping[str, str], now: datetime) -> Filter:
    """Read a list's query parameters.

    Raises:
        ValidationFailed: Names each parameter at fault, never its value.
    """
    errors: list[dict[str, object]] = []

    def read[T](name: str, default: T, parse: Callable[[str], T]) -> T:
        if name not in query:
            return default
        try:
            return parse(query[name])
        except PhoneError as error:
            errors.append({"loc": ["query", name], "type": error.type, "msg": error.message})
        except ValueError:
            kind = f"{name}_format"
            errors.append({"loc": ["query", name], "type": kind, "msg": _EXPECTED[name]})
        return default

    for name in sorted(query.keys() - _FIELDS):
        loc = ["query", mask_digits(name)[:40]]
        errors.append({"loc": loc, "type": "extra_forbidden", "msg": "no such parameter"})
    until = read("to", now + timedelta(seconds=1), from_text)
    since = read("from", _EPOCH, from_text)
    if since > until:
        errors.append({"loc": ["query", "from"], "type": "range", "msg": "from is before to"})
    wanted = Filter(
        after=to_text(since),
        before=read("cursor", to_text(until), _from_cursor),
        limit=read("limit", _DEFAULT_LIMIT, _limit),
        phone=read("phone", None, lambda text: _e164(text, query.get("region"))),
        status=read("status", None, Status),
        channel=read("channel", None, _channel),
    )
    if errors:
        raise ValidationFailed("One or more query parameters are not valid.", errors=errors)
    return wanted


_EXPECTED: Final = {
    "from": "an RFC 3339 instant with an offset",
    "to": "an RFC 3339 instant with an offset",
    "cursor": "the next_cursor of the page before",
    "limit": f"1 to {_MOST_LIMIT}",
    "status": f"one of {', '.join(Status)}",
    "channel": f"one of {', '.join(CHANNELS)}",
}


def _limit(text: str) -> int:
    if not text.isdecimal() or not 1 <= (limit := int(text[:4])) <= _MOST_LIMIT:
        raise ValueError("limit")
    return limit


def _channel(text: str) -> str:
    if text not in CHANNELS:
        raise ValueError("channel")
    return text


def _e164(text: str, region: str | None) -> str:
    # A + that was not percent-encoded arrives as a blank.
    plus = "+" + text[1:] if text.startswith(" ") else text
    return parse_phone(plus, region).e164


def _to_cursor(listed: str) -> str:
    return urlsafe_b64encode(listed.encode()).decode().rstrip("=")


def _from_cursor(cursor: str) -> str:
    listed = urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode()
    if not _LISTED.fullmatch(listed):
        raise ValueError("cursor")
    return listed


def _matches(delivery: Delivery, wanted: Filter) -> bool:
    return wanted.status in (None, delivery.status) and wanted.channel in (None, delivery.channel)
