"""Reading deliveries: one by its id, or a list, newest first."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from ringpass.aws.secrets import Secrets
from ringpass.clock import Clock
from ringpass.deliveries.model import OUR_ID, Delivery
from ringpass.deliveries.store import DeliveryRepository, listed_at
from ringpass.errors import NotFound
from ringpass.http.pagination import Page, Parameters, take
from ringpass.ids import phone_key
from ringpass.limits.phone_lookups import PhoneLookups
from ringpass.outcomes import Status
from ringpass.phone import Phone

CHANNELS: Final = ("voice_otp", "password_call", "zns")
_LISTED: Final = re.compile(rf"\d{{4}}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{{3}}Z#{OUR_ID.pattern}")
_FIELDS: Final = frozenset(
    {"phone", "region", "status", "channel", "from", "to", "limit", "cursor"}
)


@dataclass(frozen=True, slots=True)
class Filter:
    """Which deliveries a list asks for; ``after <= listed_at < before``."""

    after: str
    before: str
    limit: int
    phone: Phone | None
    status: Status | None
    channel: str | None


@dataclass(frozen=True, slots=True)
class DeliveryQueries:
    """Reads a client's deliveries.

    Attributes:
        deliveries: The table's deliveries.
        lookups: Limits look-ups by phone.
        secrets: The stack's secrets.
        clock: Tells the time.
    """

    deliveries: DeliveryRepository
    lookups: PhoneLookups
    secrets: Secrets
    clock: Clock

    def one(self, client: str, delivery_id: str) -> Delivery:
        """The client's delivery.

        Raises:
            NotFound: There is none, or it is another client's.
        """
        # What cannot be an id need not be looked up, and may be longer than a key can be.
        delivery = self.deliveries.get(delivery_id) if OUR_ID.fullmatch(delivery_id) else None
        if delivery is None or delivery.client != client:
            raise NotFound("There is no such delivery.")
        return delivery

    def page(
        self, client: str, query: Mapping[str, str], key_id: str | None = None
    ) -> Page[Delivery]:
        """A page of the client's deliveries, by ``phone, status, channel, from, to``.

        A page may hold fewer than ``limit`` while there are more: ``next_cursor`` tells.

        Args:
            client: Whose deliveries.
            query: The parameters.
            key_id: The API key that asks, if it may not see phones.

        Raises:
            ValidationFailed: Names each parameter at fault.
            LimitReached: The key has asked for too many numbers in vain.
        """
        wanted = parse_filter(query, self.clock())
        if wanted.phone is None:
            return _page(self.deliveries.of_client(client, wanted.after, wanted.before), wanted)
        key = phone_key(self.secrets.value("lookup", "key"), wanted.phone.e164)

        def read() -> Page[Delivery]:
            rows = self.deliveries.of_phone(client, key, wanted.after, wanted.before)
            return _page(rows, wanted)

        return self.lookups.page(key_id, wanted.phone, key, read)


def parse_filter(query: Mapping[str, str], now: datetime) -> Filter:
    """Read a list's query parameters.

    Raises:
        ValidationFailed: Names each parameter at fault, never its value.
    """
    given = Parameters(query, _FIELDS)
    after, before = given.between(now, _LISTED)
    wanted = Filter(
        after=after,
        before=before,
        limit=given.limit(),
        phone=given.phone(),
        status=given.read("status", None, Status, f"one of {', '.join(Status)}"),
        channel=given.read("channel", None, _channel, f"one of {', '.join(CHANNELS)}"),
    )
    given.check()
    return wanted


def _channel(text: str) -> str:
    if text not in CHANNELS:
        raise ValueError("channel")
    return text


def _page(rows: Iterator[Delivery], wanted: Filter) -> Page[Delivery]:
    return Page(*take(rows, lambda each: _matches(each, wanted), wanted.limit, listed_at))


def _matches(delivery: Delivery, wanted: Filter) -> bool:
    return wanted.status in (None, delivery.status) and wanted.channel in (None, delivery.channel)
