"""Ids and look-up keys: hashes of values that must not be readable in a key."""

import hashlib
import hmac
import re
import secrets
from base64 import b32encode, urlsafe_b64encode
from typing import Final

from ringpass.redaction import Secret

# 160 bits as 32 letters and digits: collisions are practically impossible, and the id fits into a
# provider's request id.
_ID_BYTES: Final = 20

EVENT_ID: Final = re.compile(r"evt_[a-z2-7]{32}")
"""What the id of an event looks like."""
AUDIT_ID: Final = re.compile(r"aud_[a-z2-7]{32}")
"""What the id of an entry of the audit log looks like."""


def delivery_id(stack: str, client: str, route: str, idempotency_key: str | None) -> str:
    """Returns the id of a delivery, ``dlv_`` and 32 characters.

    Idempotency: with an idempotency key the id is a hash of stack, client, route and key, so that
    the record itself is the idempotency token. Without a key it is random.
    """
    return "dlv_" + _id(stack, client, route, idempotency_key)


def verification_id(stack: str, client: str, route: str, idempotency_key: str | None) -> str:
    """Returns the id of a verification, ``ver_`` and 32 characters, made in the same way."""
    return "ver_" + _id(stack, client, route, idempotency_key)


def event_id(subject: str, sequence: int) -> str:
    """Returns the id of an event, ``evt_`` and 32 characters: the same whenever it is computed."""
    digest = hashlib.sha256(_length_prefixed("event", subject, str(sequence))).digest()
    return "evt_" + _encode(digest)


def decision_id() -> str:
    """Returns the id of a recorded decision, ``dec_`` and 32 random characters."""
    return "dec_" + _random()


def audit_id() -> str:
    """Returns the id of an entry of the audit log, ``aud_`` and 32 random characters."""
    return "aud_" + _random()


def template_id(stack: str, client: str, route: str, idempotency_key: str | None) -> str:
    """Returns the id of a ZNS template, ``tpl_`` and 32 characters, made in the same way."""
    return "tpl_" + _id(stack, client, route, idempotency_key)


def consent_id(phone_key: str, oa_id: str) -> str:
    """Returns the id of a customer's consent to calls of an OA, ``cns_`` and 32 characters.

    A number has one consent for an OA. The id appears in answers and in logs, so it is a one-way
    hash of the number's ``phone_key``: nobody can derive one from the other, or the id at one OA
    from the id at another.
    """
    return "cns_" + _encode(_one_way_hash(phone_key, "consent", oa_id))


def consent_request_id(stack: str, client: str, route: str, idempotency_key: str | None) -> str:
    """Returns the id of a consent request, ``cnr_`` and 32 characters, made as a delivery's."""
    return "cnr_" + _id(stack, client, route, idempotency_key)


def scenario_id(stack: str, client: str, route: str, idempotency_key: str | None) -> str:
    """Returns the id of an OTP Call scenario, ``scn_`` and 32 characters, made in the same way."""
    return "scn_" + _id(stack, client, route, idempotency_key)


def oa_call_id(stack: str, client: str, route: str, idempotency_key: str | None) -> str:
    """Returns the id of a call from an OA, ``ocl_`` and 32 characters, made in the same way."""
    return "ocl_" + _id(stack, client, route, idempotency_key)


def reported_call_id(stack: str, oa_id: str, call_digest: str) -> str:
    """Returns the id of a call that a provider reports, the same for every report of the call."""
    return "ocl_" + _id(stack, oa_id, "told", call_digest)


def webhook_endpoint_id(stack: str, client: str, route: str, idempotency_key: str | None) -> str:
    """Returns the id of a webhook endpoint, ``whe_`` and 32 characters, made in the same way."""
    return "whe_" + _id(stack, client, route, idempotency_key)


def key_id(stack: str, client: str, route: str, idempotency_key: str | None) -> str:
    """Returns the id of an API key, 12 characters (60 bits), made in the same way."""
    return _id(stack, client, route, idempotency_key)[:12]


def _id(stack: str, client: str, route: str, idempotency_key: str | None) -> str:
    if idempotency_key is None:
        return _random()
    return _encode(hashlib.sha256(_length_prefixed(stack, client, route, idempotency_key)).digest())


def _random() -> str:
    return _encode(secrets.token_bytes(_ID_BYTES))


def _encode(digest: bytes) -> str:
    return b32encode(digest[:_ID_BYTES]).decode().lower()


def phone_key(key: Secret, e164: str) -> str:
    """Returns the number as a key of the table: nobody without ``key`` can search for it.

    It appears in no answer, log or event, and no id is a part of it.
    """
    return _keyed_hash(key, "phone", e164.encode())


def list_key(phone_key: str, client: str) -> str:
    """Returns the number as a key of a client's deny and allow lists, which the API shows.

    It is a one-way hash of the number's ``phone_key``, different for each client.
    """
    return _one_way_hash(phone_key, "list", client).hex()


def phone_hash(phone_key: str, client: str) -> str:
    """Returns the number as a client's events show it: it groups them, and nobody can call it.

    It is a one-way hash of the number's ``phone_key``, different for each client; empty for a
    record whose number was deleted: it has no key.
    """
    return _one_way_hash(phone_key, "event", client).hex() if phone_key else ""


def prefix_key(key: Secret, e164: str) -> str:
    """Returns the common key of numbers that differ only in their last four digits."""
    return _keyed_hash(key, "prefix", e164[:-4].encode())


def fingerprint(key: Secret, body: bytes) -> str:
    """Returns a keyed hash of a request body that holds no code.

    It is keyed, because a plain hash of a phone can be found by trying all numbers.
    """
    return _keyed_hash(key, "fingerprint", body)


def send_fingerprint(key: Secret, body: bytes, idempotency_key: str | None) -> str:
    """Returns a keyed hash that also tells bodies with different codes apart (idempotency).

    ``key`` is never rotated, and with it four digits can be found by trying all codes. So the hash
    includes the idempotency key, which is stored nowhere. Without an idempotency key nothing is
    ever compared: the fingerprint is empty.
    """
    if idempotency_key is None:
        return ""
    return _keyed_hash(key, "send", _length_prefixed(idempotency_key) + body)


def request_key(key: Secret, route: str, idempotency_key: str) -> str:
    """Returns a hash of an idempotency key for a record: the key itself could hold anything."""
    return _keyed_hash(key, "request", _length_prefixed(route, idempotency_key))


def address_key(key: Secret, ip: str) -> str:
    """Returns an end user's IP address as a key of the table."""
    return _keyed_hash(key, "address", ip.encode())


def link_token(key: Secret, call_id: str) -> str:
    """Returns the token of a call's link: 192 bits as 32 characters that are safe in a URL.

    It is derived from the call's id, so a repeated request gets the same link. Nobody without
    ``key`` can derive it.
    """
    return urlsafe_b64encode(
        bytes.fromhex(_keyed_hash(key, "link", call_id.encode()))[:24]
    ).decode()


def payload_id(key: Secret, provider: str, body: bytes) -> str:
    """Returns the id of an unmatched webhook payload, ``pay_`` and 32 characters.

    The same bytes have the same id. It is keyed, because the payload may hold a phone or a code.
    """
    return "pay_" + _encode(
        bytes.fromhex(_keyed_hash(key, "payload", _length_prefixed(provider) + body))
    )


def derived_key(key: Secret, purpose: str) -> bytes:
    """Derive a key of 32 bytes for one purpose; it reveals no other derived key."""
    return bytes.fromhex(_keyed_hash(key, f"key for {purpose}", b""))


def _one_way_hash(phone_key: str, purpose: str, scope: str) -> bytes:
    return hmac.new(
        bytes.fromhex(phone_key), _length_prefixed(purpose, scope), hashlib.sha256
    ).digest()


def _keyed_hash(key: Secret, purpose: str, message: bytes) -> str:
    data = _length_prefixed(purpose) + message
    return hmac.new(key.reveal().encode(), data, hashlib.sha256).hexdigest()


def _length_prefixed(*parts: str) -> bytes:
    """Join parts with length prefixes, so that ("ab", "c") and ("a", "bc") differ."""
    encoded = (part.encode() for part in parts)
    return b"".join(len(part).to_bytes(4, "big") + part for part in encoded)
