"""Making, listing, revoking and rotating a client's API keys.

    make     one conditional put
    revoke   one update; of an admin key in one transaction with a check of another one
    rotate   one transaction: the new key is put, the old one gets its end

A key's secret is answered once and kept nowhere, so a request that is repeated with its
idempotency key gets the record without it.
"""

import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from itertools import islice
from typing import Final

from ringpass.aws.dynamodb import ConditionFailed, ConditionsFailed
from ringpass.clients.api_keys.key import KEY_ID, SCOPES, new_secret, whole
from ringpass.clients.api_keys.store import ApiKeyRepository, KeyRecord, from_item, listed_at
from ringpass.clock import Clock, to_text
from ringpass.errors import KeyEnded, LastAdminKey, NotFound
from ringpass.http.idempotency import check_key, key_reused_error
from ringpass.http.pagination import Page, Parameters, to_cursor
from ringpass.http.router import CLIENT
from ringpass.ids import key_id as new_key_id
from ringpass.observability import logger

_MAKE: Final = "POST /v1/keys"
_ROTATE: Final = "POST /v1/keys/{id}/rotate"
_LISTED: Final = re.compile(rf"\d{{4}}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{{3}}Z#{KEY_ID.pattern}")
_FIELDS: Final = frozenset({"limit", "cursor"})


@dataclass(frozen=True, slots=True)
class CreatedKey:
    """A new key; ``key`` is None if an earlier request with the same idempotency key made it."""

    record: KeyRecord
    key: str | None = field(repr=False)


@dataclass(frozen=True, slots=True)
class ApiKeyService:
    """Manages API keys, each client's apart.

    Attributes:
        stack: Name of the stack.
        keys: The table's keys.
        clock: Tells the time.
    """

    stack: str
    keys: ApiKeyRepository
    clock: Clock

    def make(
        self,
        client: str,
        scopes: Sequence[str],
        label: str | None = None,
        idempotency_key: str | None = None,
    ) -> CreatedKey:
        """Make a key.

        Raises:
            ValueError: The client's name or a scope is not one.
            InvalidHeader: The idempotency key cannot be one.
            IdempotencyKeyReused: It has served another request.
        """
        if not CLIENT.fullmatch(client):
            raise ValueError("a client's name is 1 to 63 of a-z, 0-9 and -, not starting with -")
        if not scopes or set(scopes) - set(SCOPES):
            raise ValueError(f"scopes are {', '.join(SCOPES)}")
        record, secret = self._new(client, scopes, label, _MAKE, idempotency_key, "")
        try:
            self.keys.add(record)
        except ConditionFailed as failed:
            return _replay(record, secret, failed)
        logger().info("key made", key=record.id, client=client, scopes=record.scopes)
        return CreatedKey(record, whole(record.id, secret))

    def page(self, client: str, query: Mapping[str, str]) -> Page[KeyRecord]:
        """A page of the client's keys, newest first, ended ones too.

        Raises:
            ValidationFailed: Names each parameter at fault.
        """
        given = Parameters(query, _FIELDS)
        before = given.cursor(to_text(self.clock() + timedelta(seconds=1)), _LISTED)
        limit = given.limit()
        given.check()
        rows = self.keys.of_client(client, before)
        found = tuple(islice(rows, limit))
        more = next(rows, None) is not None
        return Page(found, to_cursor(listed_at(found[-1])) if more else None)

    def revoke(self, client: str, key_id: str) -> KeyRecord:
        """End one of the client's keys; harmless if it has ended.

        Raises:
            NotFound: There is no such key, or it is another client's.
            LastAdminKey: Without it nobody could manage the client's keys.
        """
        record, now = self._one(client, key_id), to_text(self.clock())
        if record.lasts and "admin" in record.scopes:
            record = self._revoke_beside_another(record, now)
        else:
            record = self.keys.revoke(key_id, now)
        logger().info("key revoked", key=key_id, client=client)
        return record

    def _revoke_beside_another(self, record: KeyRecord, now: str) -> KeyRecord:
        """Two admin keys that revoke each other at once cannot both succeed."""
        for other in self.keys.of_client(record.client):
            if other.id == record.id or not other.lasts or "admin" not in other.scopes:
                continue
            try:
                self.keys.revoke_beside(record.id, other.id, now)
            except ConditionFailed:
                return self.keys.revoke(record.id, now)
            except ConditionsFailed:
                continue
            return replace(record, revoked_at=now)
        raise LastAdminKey("Make another key with the scope 'admin' first, or rotate this one.")

    def rotate(
        self, client: str, key_id: str, overlap_seconds: int, idempotency_key: str | None = None
    ) -> CreatedKey:
        """Make a key like another one, which ends ``overlap_seconds`` from now.

        Raises:
            NotFound: There is no such key, or it is another client's.
            KeyEnded: It has been revoked or rotated already.
            InvalidHeader: The idempotency key cannot be one.
            IdempotencyKeyReused: It has served another request.
        """
        old = self._one(client, key_id)
        asked = f"{key_id} {overlap_seconds}"
        new, secret = self._new(client, old.scopes, old.label, _ROTATE, idempotency_key, asked)
        until = to_text(self.clock() + timedelta(seconds=overlap_seconds))
        try:
            self.keys.replace(key_id, new, until)
        except ConditionFailed as failed:
            return _replay(new, secret, failed)
        except ConditionsFailed:
            raise KeyEnded("The key has been revoked or rotated already; make another.") from None
        logger().info("key rotated", key=key_id, to=new.id, client=client, valid_until=until)
        return CreatedKey(new, whole(new.id, secret))

    def _one(self, client: str, key_id: str) -> KeyRecord:
        record = self.keys.get(key_id) if KEY_ID.fullmatch(key_id) else None
        if record is None or record.client != client:
            raise NotFound("There is no such key.")
        return record

    def _new(
        self,
        client: str,
        scopes: Sequence[str],
        label: str | None,
        route: str,
        idempotency_key: str | None,
        asked: str,
    ) -> tuple[KeyRecord, str]:
        check_key(idempotency_key)
        secret, digest = new_secret()
        ordered = tuple(scope for scope in SCOPES if scope in scopes)
        body = json.dumps([ordered, label, asked]).encode()
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


def _replay(wanted: KeyRecord, secret: str, failed: ConditionFailed) -> CreatedKey:
    """What was made before with the same idempotency key."""
    if failed.item is None:
        raise failed
    existing = from_item(failed.item)
    if existing.digest == wanted.digest:
        # Our own put: its answer was lost, and boto3 repeated it.
        return CreatedKey(wanted, whole(wanted.id, secret))
    if existing.client != wanted.client or existing.fingerprint != wanted.fingerprint:
        raise key_reused_error()
    return CreatedKey(existing, None)
