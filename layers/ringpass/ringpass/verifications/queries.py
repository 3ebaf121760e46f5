"""Reading verifications: one by its id, or a list, newest first; each with its deliveries."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from ringpass.aws.secrets import Secrets
from ringpass.clock import Clock
from ringpass.deliveries.model import Delivery
from ringpass.deliveries.store import DeliveryRepository
from ringpass.errors import NotFound
from ringpass.http.pagination import Page, Parameters, take
from ringpass.ids import phone_key
from ringpass.limits.phone_lookups import PhoneLookups
from ringpass.phone import Phone
from ringpass.verifications.model import ID, Verification, VerificationStatus, is_id
from ringpass.verifications.store import VerificationRepository, listed_at

_LISTED: Final = re.compile(rf"\d{{4}}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{{3}}Z#{ID.pattern}")
_FIELDS: Final = frozenset({"phone", "region", "status", "from", "to", "limit", "cursor"})


@dataclass(frozen=True, slots=True)
class Read:
    """A verification with its deliveries."""

    verification: Verification
    deliveries: tuple[Delivery, ...]


@dataclass(frozen=True, slots=True)
class Filter:
    """Which verifications a list asks for; ``after <= listed_at < before``."""

    after: str
    before: str
    limit: int
    phone: Phone | None
    status: VerificationStatus | None


@dataclass(frozen=True, slots=True)
class VerificationQueries:
    """Reads a client's verifications.

    Attributes:
        verifications: The table's verifications.
        deliveries: The table's deliveries.
        lookups: Limits look-ups by phone.
        secrets: The stack's secrets.
        clock: Tells the time.
    """

    verifications: VerificationRepository
    deliveries: DeliveryRepository
    lookups: PhoneLookups
    secrets: Secrets
    clock: Clock

    def one(self, client: str, verification_id: str) -> Read:
        """The client's verification.

        Raises:
            NotFound: There is none, or it is another client's.
        """
        # What cannot be an id need not be looked up, and may be longer than a key can be.
        found = self.verifications.get(verification_id) if is_id(verification_id) else None
        if found is None or found.client != client:
            raise NotFound("There is no such verification.")
        return Read(found, tuple(self.deliveries.get_many(found.delivery_ids)))

    def page(self, client: str, query: Mapping[str, str], key_id: str | None = None) -> Page[Read]:
        """A page of the client's verifications, newest first.

        Args:
            client: Whose verifications.
            query: The parameters.
            key_id: The API key that asks, if it may not see phones.

        Raises:
            ValidationFailed: Names each parameter at fault.
            LimitReached: The key has asked for too many numbers in vain.
        """
        now = self.clock()
        wanted = parse_filter(query, now)
        if wanted.phone is None:
            rows = self.verifications.of_client(client, wanted.after, wanted.before)
            return self._page(rows, wanted, now)
        key = phone_key(self.secrets.value("lookup", "key"), wanted.phone.e164)

        def read() -> Page[Read]:
            rows = self.verifications.of_phone(client, key, wanted.after, wanted.before)
            return self._page(rows, wanted, now)

        return self.lookups.page(key_id, wanted.phone, key, read)

    def _page(self, rows: Iterator[Verification], wanted: Filter, now: datetime) -> Page[Read]:
        found, next_cursor = take(
            rows,
            lambda each: wanted.status in (None, each.status_at(now)),
            wanted.limit,
            listed_at,
        )
        ids = [delivery_id for each in found for delivery_id in each.delivery_ids]
        by_id = {delivery.id: delivery for delivery in self.deliveries.get_many(ids)}
        items = (
            Read(each, tuple(by_id[one] for one in each.delivery_ids if one in by_id))
            for each in found
        )
        return Page(tuple(items), next_cursor)


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
        status=given.read(
            "status", None, VerificationStatus, f"one of {', '.join(VerificationStatus)}"
        ),
    )
    given.check()
    return wanted
