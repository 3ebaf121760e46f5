"""Registers, replaces, deletes and enables a client's webhook endpoints, rotates secrets."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from ringpass.audit.model import Action, Change, Resource
from ringpass.audit.store import audit_entry
from ringpass.aws.optimistic_lock import retry_on_conflict
from ringpass.aws.transaction import ConditionsFailed, Put, Transaction
from ringpass.clock import Clock, to_text
from ringpass.errors import EndpointChanged, EndpointsFull, invalid_field
from ringpass.http.actor import Actor
from ringpass.http.idempotency import Result, check_key, key_reused_error
from ringpass.ids import webhook_endpoint_id
from ringpass.observability import logger
from ringpass.redaction import Secret
from ringpass.webhook_endpoints.address_guard import is_public, literal_addresses
from ringpass.webhook_endpoints.model import Endpoint, EndpointStatus, OldSecret
from ringpass.webhook_endpoints.queries import EndpointQueries
from ringpass.webhook_endpoints.signing import endpoint_secret
from ringpass.webhook_endpoints.store import ENDPOINT, EndpointRepository

if TYPE_CHECKING:
    from ringpass.webhook_endpoints.requests import RegisterEndpoint, ReplaceEndpoint

MOST_ENDPOINTS: Final = 20
_ROUTE: Final = "POST /v1/webhook-endpoints"
_CHANGED_TOO_OFTEN: Final = "The endpoint is changed too often at once."
# More secrets would make the header of signatures too long.
_MOST_OLD_SECRETS: Final = 3


@dataclass(frozen=True, slots=True)
class EndpointService:
    """Manages the webhook endpoints of each client.

    Attributes:
        stack: Name of the stack.
        queries: Reads endpoints.
        key: Returns the secret from which the endpoints' secrets are derived.
        clock: Returns the current time.
        public_only: Whether only https and public addresses are valid.
    """

    stack: str
    queries: EndpointQueries
    key: Callable[[], Secret] = field(repr=False)
    clock: Clock = field(repr=False)
    public_only: bool = True

    @property
    def endpoints(self) -> EndpointRepository:
        """Repository of endpoints."""
        return self.queries.endpoints

    def register(
        self, command: "RegisterEndpoint", actor: Actor, idempotency_key: str | None = None
    ) -> Result[Endpoint]:
        """Register an endpoint.

        Raises:
            ValidationFailed: The URL is not https, or has an address that is not public.
            EndpointsFull: The client has as many endpoints as it can have.
            InvalidHeader: The idempotency key is not valid.
            IdempotencyKeyReused: The idempotency key was used for another request.
            Unavailable: The table cannot be reached.
        """
        check_key(idempotency_key)
        self._check_url(command.url)
        client, now = actor.client, to_text(self.clock())
        new = Endpoint(
            id=webhook_endpoint_id(self.stack, client, _ROUTE, idempotency_key),
            client=client,
            url=command.url,
            types=tuple(command.types),
            description=command.description,
            active_since=now,
            created_at=now,
            updated_at=now,
            fingerprint=hashlib.sha256(command.model_dump_json().encode()).hexdigest(),
        )
        existing = self.endpoints.list_by_client(client)
        if len(existing) >= MOST_ENDPOINTS and new.id not in {one.id for one in existing}:
            raise EndpointsFull(f"A client has at most {MOST_ENDPOINTS} webhook endpoints.")
        tx = Transaction(self.endpoints.table)
        self.endpoints.add(new, tx)
        tx.add(_entry(actor, Action.CREATED, None, new, now))
        try:
            tx.commit()
        except ConditionsFailed as refusal:
            return _replay(new, refusal)
        logger().info("webhook endpoint registered", endpoint=new.id, client=client)
        return Result(new, replayed=False)

    def replace(self, actor: Actor, endpoint_id: str, command: "ReplaceEndpoint") -> Endpoint:
        """Replace URL, types and description; returns the new endpoint.

        A request without a version changes the newest one, also if others change it meanwhile.

        Raises:
            ValidationFailed: The URL is not https, or has an address that is not public.
            NotFound: There is no such endpoint, or it is another client's.
            EndpointChanged: The change is based on another version.
            Unavailable: The table cannot be reached.
        """
        self._check_url(command.url)

        def change(old: Endpoint) -> Endpoint:
            if command.version not in (None, old.version):
                raise EndpointChanged("There is another version by now: read it first.")
            return replace(
                old,
                url=command.url,
                types=tuple(command.types),
                description=command.description,
            )

        new = self._change(actor, endpoint_id, change, Action.REPLACED)
        logger().info("webhook endpoint replaced", endpoint=new.id, client=actor.client)
        return new

    def enable(self, actor: Actor, endpoint_id: str) -> Endpoint:
        """Deliver events again, from now on; no effect on an endpoint that is enabled.

        Raises:
            NotFound: There is no such endpoint, or it is another client's.
            Unavailable: The table cannot be reached.
        """

        def change(old: Endpoint) -> Endpoint:
            if old.is_enabled:
                return old
            return replace(
                old,
                status=EndpointStatus.ENABLED,
                disabled_reason=None,
                active_since=to_text(self.clock()),
            )

        new = self._change(actor, endpoint_id, change, Action.ENABLED)
        logger().info("webhook endpoint enabled", endpoint=new.id, client=actor.client)
        return new

    def rotate(self, actor: Actor, endpoint_id: str, overlap_seconds: int) -> Endpoint:
        """Make a new secret; the old one signs as well for ``overlap_seconds``.

        Raises:
            NotFound: There is no such endpoint, or it is another client's.
            Unavailable: The table cannot be reached.
        """

        def change(old: Endpoint) -> Endpoint:
            now = self.clock()
            new = replace(old, generation=old.generation + 1, old_secrets=())
            if overlap_seconds == 0:
                # The current secret may be known to others, and the older ones with it.
                return new
            until = to_text(now + timedelta(seconds=overlap_seconds))
            valid = [one for one in old.old_secrets if to_text(now) < one.until]
            kept = [*valid, OldSecret(old.generation, until)][-_MOST_OLD_SECRETS:]
            return replace(new, old_secrets=tuple(kept))

        new = self._change(actor, endpoint_id, change, Action.ROTATED)
        logger().info("webhook secret rotated", endpoint=new.id, client=actor.client)
        return new

    def delete(self, actor: Actor, endpoint_id: str) -> Endpoint:
        """Delete an endpoint; returns its last version. What is on its way may still arrive.

        Raises:
            NotFound: There is no such endpoint, or it is another client's.
            Unavailable: The table cannot be reached.
        """
        client = actor.client

        def attempt() -> Endpoint:
            old = self.queries.get(client, endpoint_id)
            tx = Transaction(self.endpoints.table)
            self.endpoints.remove(old, tx)
            tx.add(_entry(actor, Action.DELETED, old, None, to_text(self.clock())))
            tx.commit()
            return old

        old = retry_on_conflict(attempt, _CHANGED_TOO_OFTEN, tag=ENDPOINT)
        self.endpoints.record_success(client, old.id)
        logger().info("webhook endpoint deleted", endpoint=old.id, client=client)
        return old

    def secret(self, endpoint: Endpoint) -> Secret:
        """Returns an endpoint's current secret."""
        return endpoint_secret(self.key(), endpoint.id, endpoint.generation)

    def _change(
        self,
        actor: Actor,
        endpoint_id: str,
        change: Callable[[Endpoint], Endpoint],
        action: Action,
    ) -> Endpoint:
        client = actor.client

        def attempt() -> tuple[Endpoint, Endpoint]:
            old = self.queries.get(client, endpoint_id)
            changed = change(old)
            if changed == old:
                return old, old
            now = to_text(self.clock())
            new = replace(changed, version=old.version + 1, updated_at=now)
            tx = Transaction(self.endpoints.table)
            self.endpoints.replace(old, new, tx)
            tx.add(_entry(actor, action, old, new, now))
            tx.commit()
            return old, new

        old, new = retry_on_conflict(attempt, _CHANGED_TOO_OFTEN, tag=ENDPOINT)
        if (old.url, old.status) != (new.url, new.status):
            # Its failures were another server's, or are to be forgotten.
            self.endpoints.record_success(client, new.id)
        return new

    def _check_url(self, url: str) -> None:
        """Check what is certain of a URL now; each try checks the address that it connects to."""
        if not self.public_only:
            return
        parts = urlsplit(url)
        if parts.scheme != "https":
            raise invalid_field(["url"], "url_format", "an absolute URL with https")
        if not all(map(is_public, literal_addresses(parts.hostname or ""))):
            raise invalid_field(["url"], "address_not_public", "a public address")


def _entry(
    actor: Actor, action: Action, old: Endpoint | None, new: Endpoint | None, now: str
) -> Put:
    """Returns the entry of the audit log for a change."""
    [id_] = {one.id for one in (old, new) if one is not None}
    change = Change.between(Resource.WEBHOOK_ENDPOINT, id_, action, old, new)
    return audit_entry(actor, change, now)


def _replay(new: Endpoint, refusal: ConditionsFailed) -> Result[Endpoint]:
    """Returns the current endpoint of an earlier request with the same idempotency key."""
    item = refusal.items[ENDPOINT]
    if item is None:
        raise refusal
    existing = Endpoint.from_item(item)
    if existing.fingerprint != new.fingerprint:
        raise key_reused_error()
    return Result(existing, replayed=True)
