"""Reading deliveries: one by its id, or a list, newest first."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from ringpass.aws.client_index import listed_at, position_pattern
from ringpass.aws.secrets import Secrets
from ringpass.aws.update_index import Changes
from ringpass.clock import Clock
from ringpass.deliveries.model import OUR_ID, Delivery
from ringpass.deliveries.store import DeliveryRepository
from ringpass.errors import NotFound
from ringpass.http.pagination import Page, Parameters, take_changes, take_page
from ringpass.ids import phone_key
from ringpass.limits.phone_lookups import PhoneLookups
from ringpass.outcomes import Status
from ringpass.phone import Phone
from ringpass.providers.facts import ChannelName

_POSITION: Final = position_pattern(OUR_ID)
_FIELDS: Final = frozenset(
    {
        *("phone", "region", "status", "channel", "from", "to"),
        *("updated_since", "limit", "cursor"),
    }
)


@dataclass(frozen=True, slots=True)
class DeliveryFilter:
    """Filter of a list of deliveries.

    Attributes:
        changes: The range of a list of changes; None: ``after <= listed_at < before``.
    """

    changes: Changes | None
    after: str
    before: str
    limit: int
    phone: Phone | None
    status: Status | None
    channel: ChannelName | None


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

    def get(self, client: str, delivery_id: str) -> Delivery:
        """Returns the client's delivery.

        Raises:
            NotFound: There is none, or it is another client's.
        """
        # Not looked up unless it has the form of an id: it may be longer than a key can be.
        delivery = self.deliveries.get(delivery_id) if OUR_ID.fullmatch(delivery_id) else None
        if delivery is None or delivery.client != client:
            raise NotFound("There is no such delivery.")
        return delivery

    def page(
        self, client: str, query: Mapping[str, str], key_id: str | None = None
    ) -> Page[Delivery]:
        """A page of the client's deliveries, by ``phone, status, channel, from, to``.

        With ``updated_since`` it is a page of their changes, the oldest first.

        A page may hold fewer than ``limit`` although there are more: see ``next_cursor``.

        Args:
            client: Whose deliveries.
            query: The parameters.
            key_id: The API key of the request, if it may not see phones.

        Raises:
            ValidationFailed: Names each parameter at fault.
            LimitReached: The key has looked up too many numbers without a result.
        """
        criteria = parse_filter(query, self.clock())
        if criteria.changes is not None:
            rows = self.deliveries.list_changes(client, criteria.changes)
            return take_changes(
                rows, criteria.changes, criteria.limit, lambda one: _matches(one, criteria)
            )
        if criteria.phone is None:
            return _page(
                self.deliveries.list_by_client(client, criteria.after, criteria.before), criteria
            )
        key = phone_key(self.secrets.value("lookup", "key"), criteria.phone.e164)

        def read() -> Page[Delivery]:
            deliveries = self.deliveries.list_by_client_and_phone(
                client, key, criteria.after, criteria.before
            )
            return _page(deliveries, criteria)

        return self.lookups.page(key_id, criteria.phone, key, read)


def parse_filter(query: Mapping[str, str], now: datetime) -> DeliveryFilter:
    """Read a list's query parameters.

    Raises:
        ValidationFailed: Names each parameter at fault, never its value.
    """
    params = Parameters(query, _FIELDS)
    changes = params.changes(now, OUR_ID)
    after, before = ("", "") if changes else params.between(now, _POSITION)
    criteria = DeliveryFilter(
        changes=changes,
        after=after,
        before=before,
        limit=params.limit(),
        phone=params.phone(),
        status=params.choice("status", Status),
        channel=params.read("channel", None, ChannelName, f"one of {', '.join(ChannelName)}"),
    )
    params.check()
    return criteria


def _page(deliveries: Iterator[Delivery], criteria: DeliveryFilter) -> Page[Delivery]:
    return take_page(
        deliveries, criteria.limit, listed_at, lambda delivery: _matches(delivery, criteria)
    )


def _matches(delivery: Delivery, criteria: DeliveryFilter) -> bool:
    return criteria.status in (None, delivery.status) and criteria.channel in (
        None,
        delivery.channel,
    )
