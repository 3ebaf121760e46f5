"""Repository of webhook endpoints.

    PK WHE#<client>   SK <id>          entity "webhook_endpoint"   the endpoint
    PK WHE#<client>   SK HEALTH#<id>   entity "webhook_health"     how it has answered lately

An endpoint without failures has no health item. The list index has endpoints under
``WEBHOOK_ENDPOINTS``, those of all clients: rare events concern all of them.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from ringpass.aws.client_index import BY_CLIENT, listed_at
from ringpass.aws.dynamodb import Item, Table
from ringpass.aws.transaction import Delete, Put, Transaction
from ringpass.clock import from_text, to_text
from ringpass.webhook_endpoints.model import Endpoint, EndpointHealth

ENDPOINT: Final = "endpoint"
"""Tag of the endpoint in a transaction."""
_BUCKET: Final = "WEBHOOK_ENDPOINTS"
_ABSENT: Final = "attribute_not_exists(PK)"
_UNCHANGED: Final = "version = :expected AND facts = :facts"
_PAGE: Final = 50
# Longer than the longest wait between two tries.
_HEALTH_TTL: Final = timedelta(days=10)
_EARLIEST, _LATEST = "0", "9"  # sort before and after every instant
# Ids begin with "whe_", which sorts after "HEALTH#".
_FIRST_ID, _AFTER_IDS = "whe_", "whe`"


@dataclass(frozen=True, slots=True)
class EndpointRepository:
    """Reads and writes webhook endpoints."""

    table: Table

    def get(self, client: str, endpoint_id: str) -> Endpoint | None:
        """Returns one of the client's endpoints, or None."""
        item = self.table.get(_key(client, endpoint_id))
        return Endpoint.from_item(item) if item else None

    def get_with_health(
        self, client: str, endpoint_id: str
    ) -> tuple[Endpoint, EndpointHealth] | None:
        """Returns an endpoint and its health, or None."""
        keys = [_key(client, endpoint_id), _health_key(client, endpoint_id)]
        items = {item["entity"]: item for item in self.table.get_many(keys)}
        if "webhook_endpoint" not in items:
            return None
        return Endpoint.from_item(items["webhook_endpoint"]), _health(items.get("webhook_health"))

    def list_by_client(self, client: str) -> list[Endpoint]:
        """List a client's endpoints, newest first, read consistently."""
        items = self.table.partition(f"WHE#{client}", _FIRST_ID, _AFTER_IDS, consistent=True)
        return sorted(map(Endpoint.from_item, items), key=listed_at, reverse=True)

    def list_all(self) -> Iterator[Endpoint]:
        """List the endpoints of all clients, newest first."""
        items = self.table.list_items(BY_CLIENT, [_BUCKET], _EARLIEST, _LATEST, _PAGE)
        return map(Endpoint.from_item, items)

    def add(self, endpoint: Endpoint, tx: Transaction) -> None:
        """Add the write of a new endpoint to a transaction, with the tag ``ENDPOINT``."""
        tx.add(Put(_to_item(endpoint), _ABSENT), ENDPOINT)

    def replace(self, old: Endpoint, new: Endpoint, tx: Transaction) -> None:
        """Add the write of a newer version (optimistic lock), with the tag ``ENDPOINT``."""
        expected = {":expected": old.version, ":facts": old.facts}
        tx.add(Put(_to_item(new), _UNCHANGED, expected), ENDPOINT)

    def remove(self, endpoint: Endpoint, tx: Transaction) -> None:
        """Add the deletion of this version, with the tag ``ENDPOINT``."""
        expected = {":expected": endpoint.version, ":facts": endpoint.facts}
        tx.add(Delete(_key(endpoint.client, endpoint.id), _UNCHANGED, expected), ENDPOINT)

    def record_success(self, client: str, endpoint_id: str) -> None:
        """Forget an endpoint's failures: it has taken an event, or begins anew."""
        self.table.delete(_health_key(client, endpoint_id))

    def record_failure(self, client: str, endpoint_id: str, now: datetime) -> EndpointHealth:
        """Count a failure; returns the health with it."""
        item = self.table.update(
            _health_key(client, endpoint_id),
            "SET entity = :entity, failing_since = if_not_exists(failing_since, :now),"
            " expires_at = :end ADD failures :one",
            {
                ":entity": "webhook_health",
                ":now": to_text(now),
                ":end": int((now + _HEALTH_TTL).timestamp()),
                ":one": 1,
            },
        )
        return _health(item)

    def pause(self, client: str, endpoint_id: str, until: datetime) -> None:
        """Record until when an endpoint gets no event."""
        self.table.update(
            _health_key(client, endpoint_id),
            "SET entity = :entity, paused_until = :until",
            {":entity": "webhook_health", ":until": to_text(until)},
        )


def _health(item: Item | None) -> EndpointHealth:
    if item is None:
        return EndpointHealth()
    paused_until = item.get("paused_until")
    return EndpointHealth(
        failures=item.get("failures", 0),
        failing_since=item.get("failing_since"),
        paused_until=from_text(paused_until) if paused_until else None,
    )


def _to_item(endpoint: Endpoint) -> Item:
    return {
        **_key(endpoint.client, endpoint.id),
        "entity": "webhook_endpoint",
        **endpoint.to_item(),
        "client_bucket": _BUCKET,
        "listed_at": listed_at(endpoint),
    }


def _key(client: str, endpoint_id: str) -> Item:
    return {"PK": f"WHE#{client}", "SK": endpoint_id}


def _health_key(client: str, endpoint_id: str) -> Item:
    return {"PK": f"WHE#{client}", "SK": f"HEALTH#{endpoint_id}"}
