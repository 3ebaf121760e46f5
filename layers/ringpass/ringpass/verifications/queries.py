"""Reads verifications: one by its id, or a list, newest first; each with its deliveries."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from ringpass.aws.client_index import listed_at, position_pattern
from ringpass.aws.secrets import Secrets
from ringpass.aws.update_index import Changes
from ringpass.clock import Clock
from ringpass.deliveries.model import Delivery
from ringpass.deliveries.store import DeliveryRepository
from ringpass.errors import NotFound
from ringpass.http.pagination import Page, Parameters, take_changes, take_page
from ringpass.ids import phone_key
from ringpass.limits.phone_lookups import PhoneLookups
from ringpass.phone import Phone
from ringpass.verifications.model import ID, Verification, VerificationStatus, is_id
from ringpass.verifications.store import VerificationRepository

_POSITION: Final = position_pattern(ID)
_PARAMETERS: Final = frozenset(
    {"phone", "region", "status", "from", "to", "updated_since", "limit", "cursor"}
)


@dataclass(frozen=True, slots=True)
class VerificationDetails:
    """A verification with its deliveries."""

    verification: Verification
    deliveries: tuple[Delivery, ...]


@dataclass(frozen=True, slots=True)
class VerificationFilter:
    """Filter of a list of verifications.

    Attributes:
        changes: The range of a list of changes; None: ``after <= listed_at < before``.
    """

    changes: Changes | None
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

    def require(self, client: str, verification_id: str) -> Verification:
        """Return the client's verification, without its deliveries.

        Raises:
            NotFound: There is none, or it is another client's.
        """
        # A text that cannot be an id is not looked up: it may be longer than a key can be.
        verification = self.verifications.get(verification_id) if is_id(verification_id) else None
        if verification is None or verification.client != client:
            raise NotFound("There is no such verification.")
        return verification

    def details(self, verification: Verification) -> VerificationDetails:
        """Return a verification with its deliveries."""
        return VerificationDetails(
            verification, tuple(self.deliveries.get_many(verification.delivery_ids))
        )

    def page(
        self, client: str, query: Mapping[str, str], key_id: str | None = None
    ) -> Page[VerificationDetails]:
        """Return a page of the client's verifications, newest first.

        With ``updated_since`` it is a page of their changes, the oldest first.

        Args:
            client: The client.
            query: The parameters.
            key_id: The request's API key, if it may not see phones.

        Raises:
            ValidationFailed: Names each parameter at fault.
            LimitReached: The key has asked for too many numbers that have no record.
        """
        now = self.clock()
        list_filter = parse_filter(query, now)
        if list_filter.changes is not None:
            rows = self.verifications.list_changes(client, list_filter.changes)
            return self._page(rows, list_filter, now)
        if list_filter.phone is None:
            rows = self.verifications.of_client(client, list_filter.after, list_filter.before)
            return self._page(rows, list_filter, now)
        key = phone_key(self.secrets.value("lookup", "key"), list_filter.phone.e164)

        def read() -> Page[VerificationDetails]:
            rows = self.verifications.of_phone(client, key, list_filter.after, list_filter.before)
            return self._page(rows, list_filter, now)

        return self.lookups.page(key_id, list_filter.phone, key, read)

    def _page(
        self, rows: Iterator[Verification], list_filter: VerificationFilter, now: datetime
    ) -> Page[VerificationDetails]:
        def matches(verification: Verification) -> bool:
            return list_filter.status in (None, verification.status_at(now))

        if list_filter.changes is None:
            page = take_page(rows, list_filter.limit, listed_at, matches)
        else:
            page = take_changes(rows, list_filter.changes, list_filter.limit, matches)
        ids = [
            delivery_id for verification in page.items for delivery_id in verification.delivery_ids
        ]
        by_id = {delivery.id: delivery for delivery in self.deliveries.get_many(ids)}
        items = (
            VerificationDetails(
                verification, tuple(by_id[id_] for id_ in verification.delivery_ids if id_ in by_id)
            )
            for verification in page.items
        )
        return Page(tuple(items), page.next_cursor)


def parse_filter(query: Mapping[str, str], now: datetime) -> VerificationFilter:
    """Parse a list's query parameters.

    Raises:
        ValidationFailed: Names each parameter at fault, never its value.
    """
    params = Parameters(query, _PARAMETERS)
    changes = params.changes(now, ID)
    after, before = ("", "") if changes else params.between(now, _POSITION)
    list_filter = VerificationFilter(
        changes=changes,
        after=after,
        before=before,
        limit=params.limit(),
        phone=params.phone(),
        status=params.choice("status", VerificationStatus),
    )
    params.check()
    return list_filter
