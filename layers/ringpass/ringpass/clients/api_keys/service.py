"""Creates, lists, revokes and rotates a client's API keys.

    create   one transaction: puts the key, if there is none
    revoke   one transaction; for an admin key it also checks another admin key
    rotate   one transaction: puts the new key and sets the end of the old one

Each transaction includes the entry of the audit log.

A key's secret is returned once and stored nowhere: a repeated request with the same idempotency
key gets the record without the secret.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Final

from ringpass.audit.model import Action, Change, Resource
from ringpass.audit.store import audit_entry
from ringpass.aws.client_index import position_pattern
from ringpass.aws.transaction import ConditionsFailed, Put
from ringpass.clients.api_keys.key import KEY_ID, SCOPES, format_key, new_secret
from ringpass.clients.api_keys.store import KEY, ApiKeyRepository, KeyRecord, from_item
from ringpass.clock import Clock, to_text
from ringpass.errors import KeyEnded, LastAdminKey, NotFound
from ringpass.http.actor import Actor
from ringpass.http.idempotency import check_key, key_reused_error
from ringpass.http.pagination import Page, list_page
from ringpass.http.router import CLIENT
from ringpass.ids import key_id as new_key_id
from ringpass.observability import logger

_CREATE: Final = "POST /v1/keys"
_ROTATE: Final = "POST /v1/keys/{id}/rotate"
_POSITION: Final = position_pattern(KEY_ID)


@dataclass(frozen=True, slots=True)
class CreatedKey:
    """A new key; ``key`` is None if an earlier request with the same idempotency key created it."""

    record: KeyRecord
    key: str | None = field(repr=False)


@dataclass(frozen=True, slots=True)
class ApiKeyService:
    """Manages the API keys of each client.

    Attributes:
        stack: Name of the stack.
        keys: Repository of keys.
        clock: Tells the time.
    """

    stack: str
    keys: ApiKeyRepository
    clock: Clock

    def create(
        self,
        actor: Actor,
        scopes: Sequence[str],
        label: str | None = None,
        idempotency_key: str | None = None,
    ) -> CreatedKey:
        """Create a key of the actor's client.

        Raises:
            ValueError: The client's name or a scope is not valid.
            InvalidHeader: The idempotency key is not valid.
            IdempotencyKeyReused: The idempotency key was used for another request.
        """
        client = actor.client
        if not CLIENT.fullmatch(client):
            raise ValueError("a client's name is 1 to 63 of a-z, 0-9 and -, not starting with -")
        if not scopes or set(scopes) - set(SCOPES):
            raise ValueError(f"scopes are {', '.join(SCOPES)}")
        record, secret = self._draft(client, scopes, label, _CREATE, idempotency_key, "")
        try:
            self.keys.add(record, _entry(actor, record.id, Action.CREATED, record.created_at))
        except ConditionsFailed as refusal:
            return _replay(record, secret, refusal)
        logger().info("key made", key=record.id, client=client, scopes=record.scopes)
        return CreatedKey(record, format_key(record.id, secret))

    def page(self, client: str, query: Mapping[str, str]) -> Page[KeyRecord]:
        """Return a page of the client's keys, newest first, with those that have ended.

        Raises:
            ValidationFailed: Names each parameter at fault.
        """
        return list_page(query, _POSITION, lambda before: self.keys.for_client(client, before))

    def revoke(self, actor: Actor, key_id: str) -> KeyRecord:
        """End one of the client's keys; no effect if it has been revoked.

        Raises:
            NotFound: There is no such key, or it is another client's.
            LastAdminKey: It is the client's last key that can manage keys.
        """
        record = self._get(actor.client, key_id)
        if record.is_active and "admin" in record.scopes:
            return self._revoke_admin_key(actor, record)
        return self._revoke(actor, record)

    def revoke_any(self, key_id: str) -> KeyRecord:
        """End a key of any client, also its last admin key: the operator may do that.

        Raises:
            NotFound: There is no such key.
        """
        record = self.get_any(key_id)
        return self._revoke(Actor(record.client, ""), record)

    def get_any(self, key_id: str) -> KeyRecord:
        """Read a key of any client.

        Raises:
            NotFound: There is no such key.
        """
        record = self.keys.get(key_id) if KEY_ID.fullmatch(key_id) else None
        if record is None:
            raise NotFound("There is no such key.")
        return record

    def _revoke(self, actor: Actor, record: KeyRecord) -> KeyRecord:
        now = to_text(self.clock())
        entry = _entry(actor, record.id, Action.REVOKED, now)
        try:
            self.keys.revoke(record.id, now, entry)
        except ConditionsFailed as refusal:
            return from_item(refusal.items[KEY] or {})
        logger().info("key revoked", key=record.id, client=record.client)
        return replace(record, revoked_at=now)

    def _revoke_admin_key(self, actor: Actor, record: KeyRecord) -> KeyRecord:
        """Revoke an admin key if another one is active.

        Two admin keys that revoke each other at the same time cannot both succeed.
        """
        now = to_text(self.clock())
        entry = _entry(actor, record.id, Action.REVOKED, now)
        for other in self.keys.for_client(record.client):
            if other.id == record.id or not other.is_active or "admin" not in other.scopes:
                continue
            try:
                self.keys.revoke_if_other_is_active(record.id, other.id, now, entry)
            except ConditionsFailed as refusal:
                if KEY in refusal.items:
                    return self._revoke(actor, record)
                continue
            logger().info("key revoked", key=record.id, client=record.client)
            return replace(record, revoked_at=now)
        raise LastAdminKey("Make another key with the scope 'admin' first, or rotate this one.")

    def rotate(
        self, actor: Actor, key_id: str, overlap_seconds: int, idempotency_key: str | None = None
    ) -> CreatedKey:
        """Create a copy of a key, and end the old key ``overlap_seconds`` from now.

        Raises:
            NotFound: There is no such key, or it is another client's.
            KeyEnded: It has been revoked or rotated already.
            InvalidHeader: The idempotency key is not valid.
            IdempotencyKeyReused: The idempotency key was used for another request.
        """
        client = actor.client
        old_key = self._get(client, key_id)
        request = f"{key_id} {overlap_seconds}"
        new_key, secret = self._draft(
            client, old_key.scopes, old_key.label, _ROTATE, idempotency_key, request
        )
        valid_until = to_text(self.clock() + timedelta(seconds=overlap_seconds))
        entries = (
            _entry(actor, key_id, Action.ROTATED, new_key.created_at),
            _entry(actor, new_key.id, Action.CREATED, new_key.created_at),
        )
        try:
            self.keys.replace(key_id, new_key, valid_until, entries)
        except ConditionsFailed as refusal:
            if KEY in refusal.items:
                return _replay(new_key, secret, refusal)
            raise KeyEnded("The key has been revoked or rotated already; make another.") from None
        logger().info(
            "key rotated", key=key_id, to=new_key.id, client=client, valid_until=valid_until
        )
        return CreatedKey(new_key, format_key(new_key.id, secret))

    def _get(self, client: str, key_id: str) -> KeyRecord:
        record = self.get_any(key_id)
        if record.client != client:
            raise NotFound("There is no such key.")
        return record

    def _draft(
        self,
        client: str,
        scopes: Sequence[str],
        label: str | None,
        route: str,
        idempotency_key: str | None,
        request: str,
    ) -> tuple[KeyRecord, str]:
        check_key(idempotency_key)
        secret, digest = new_secret()
        ordered = tuple(scope for scope in SCOPES if scope in scopes)
        body = json.dumps([ordered, label, request]).encode()
        record = KeyRecord(
            id=new_key_id(self.stack, client, route, idempotency_key),
            client=client,
            scopes=ordered,
            digest=digest,
            created_at=to_text(self.clock()),
            label=label,
            fingerprint=hashlib.sha256(body).hexdigest(),
        )
        return record, secret


def _entry(actor: Actor, key_id: str, action: Action, now: str) -> Put:
    change = Change(resource=Resource.API_KEY, resource_id=key_id, action=action)
    return audit_entry(actor, change, now)


def _replay(new_key: KeyRecord, secret: str, refusal: ConditionsFailed) -> CreatedKey:
    """Return the key that an earlier request with the same idempotency key created."""
    item = refusal.items[KEY]
    if item is None:
        raise refusal
    existing = from_item(item)
    if existing.digest == new_key.digest:
        # Our own put: its response was lost, and boto3 repeated the put.
        return CreatedKey(new_key, format_key(new_key.id, secret))
    if existing.client != new_key.client or existing.fingerprint != new_key.fingerprint:
        raise key_reused_error()
    return CreatedKey(existing, None)
