"""Reading deliveries: one by its id, or a list, newest first."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from ringpass.clock import Clock, from_text, to_text
from ringpass.credentials import Secrets
from ringpass.delivery import Delivery
from ringpass.digests import phone_key
from ringpass.errors import NotFound
from ringpass.outcomes import Status
from ringpass.paging import Parameters, take
from ringpass.phone import parse_phone
from ringpass.store.deliveries import Deliveries, listed_at

CHANNELS: Final = ("voice_otp", "password_call", "zns")
EPOCH: Final = datetime(2000, 1, 1, tzinfo=UTC)  # before any delivery
_ID: Final = re.compile(r"dlv_[a-z2-7]{32}")
_LISTED: Final = re.compile(rf"\d{{4}}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{{3}}Z#{_ID.pattern}")
INSTANT: Final = "an RFC 3339 instant with an offset"
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
        # What cannot be an id need not be looked up, and may be longer than a key can be.
        delivery = self.deliveries.get(delivery_id) if _ID.fullmatch(delivery_id) else None
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
        # Others' deliveries to a number are passed over: neither the length of a page nor its
        # cursor tells of them.
        rows = (each for each in self._rows(client, wanted) if each.client == client)
        return Page(*take(rows, lambda each: _matches(each, wanted), wanted.limit, listed_at))

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
    given = Parameters(query, _FIELDS)
    until = given.read("to", now + timedelta(seconds=1), from_text, INSTANT)
    since = given.read("from", EPOCH, from_text, INSTANT)
    if since > until:
        given.refuse("from", "range", "from is before to")
    wanted = Filter(
        after=to_text(since),
        before=given.cursor(to_text(until), _LISTED),
        limit=given.limit(),
        phone=given.read("phone", None, lambda text: e164(text, query.get("region")), "a phone"),
        status=given.read("status", None, Status, f"one of {', '.join(Status)}"),
        channel=given.read("channel", None, _channel, f"one of {', '.join(CHANNELS)}"),
    )
    given.check()
    return wanted


def _channel(text: str) -> str:
    if text not in CHANNELS:
        raise ValueError("channel")
    return text


def e164(text: str, region: str | None) -> str:
    """The number that a query parameter names.

    Raises:
        PhoneError: It names none.
    """
    # A + that was not percent-encoded arrives as a blank.
    plus = "+" + text[1:] if text.startswith(" ") else text
    return parse_phone(plus, region).e164


def _matches(delivery: Delivery, wanted: Filter) -> bool:
    return wanted.status in (None, delivery.status) and wanted.channel in (None, delivery.channel)
