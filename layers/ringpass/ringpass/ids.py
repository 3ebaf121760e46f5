"""Ids and look-up keys that reveal nothing: hashes of what must not stand in a key in clear."""

import hashlib
import hmac
import secrets
from base64 import b32encode, urlsafe_b64encode
from typing import Final

from ringpass.redaction import Secret

# 160 bits as 32 letters and digits: collisions are out of the question, and the whole id fits
# where a provider takes a request id.
_ID_BYTES: Final = 20


def delivery_id(stack: str, client: str, route: str, idempotency_key: str | None) -> str:
    """The id of a delivery, ``dlv_`` and 32 characters.

    With an idempotency key it is a hash over stack, client, route and key, so that the record
    itself is the idempotency token; without one it is random.
    """
    return "dlv_" + _id(stack, client, route, idempotency_key)


def verification_id(stack: str, client: str, route: str, idempotency_key: str | None) -> str:
    """The id of a verification, ``ver_`` and 32 characters, made in the same way."""
    return "ver_" + _id(stack, client, route, idempotency_key)


def decision_id() -> str:
    """The id of a decision that is recorded, ``dec_`` and 32 random characters."""
    return "dec_" + _random()


def template_id(stack: str, client: str, route: str, idempotency_key: str | None) -> str:
    """The id of a ZNS template, ``tpl_`` and 32 characters, made in the same way."""
    return "tpl_" + _id(stack, client, route, idempotency_key)


def consent_id(phone_key: str, oa_id: str) -> str:
    """The id of a customer's permission to be called by an OA, ``cns_`` and 32 characters.

    A number has one permission for an OA. The id stands in answers and in logs, so it is made of
    the number's ``phone_key`` one way: nobody gets from one to the other, or from the id at one OA
    to the id at another.
    """
    return "cns_" + _written(_one_way(phone_key, "consent", oa_id))


def consent_request_id(stack: str, client: str, route: str, idempotency_key: str | None) -> str:
    """The id of a request for such a permission, ``cnr_`` and 32 characters, made likewise."""
    return "cnr_" + _id(stack, client, route, idempotency_key)


def scenario_id(stack: str, client: str, route: str, idempotency_key: str | None) -> str:
    """The id of an OTP Call scenario, ``scn_`` and 32 characters, made in the same way."""
    return "scn_" + _id(stack, client, route, idempotency_key)


def oa_call_id(stack: str, client: str, route: str, idempotency_key: str | None) -> str:
    """The id of a call from an OA, ``ocl_`` and 32 characters, made in the same way."""
    return "ocl_" + _id(stack, client, route, idempotency_key)


def told_call_id(stack: str, oa_id: str, told: str) -> str:
    """The id of a call that a provider told of, likewise: the same one each time it is told."""
    return "ocl_" + _id(stack, oa_id, "told", told)


def key_id(stack: str, client: str, route: str, idempotency_key: str | None) -> str:
    """The id of an API key, 12 characters (60 bits), made in the same way."""
    return _id(stack, client, route, idempotency_key)[:12]


def _id(stack: str, client: str, route: str, idempotency_key: str | None) -> str:
    if idempotency_key is None:
        return _random()
    return _written(hashlib.sha256(_joined(stack, client, route, idempotency_key)).digest())


def _random() -> str:
    return _written(secrets.token_bytes(_ID_BYTES))


def _written(digest: bytes) -> str:
    return b32encode(digest[:_ID_BYTES]).decode().lower()


def phone_key(key: Secret, e164: str) -> str:
    """The number as it may stand in a key of the table: nobody without ``key`` can search it.

    It stands in no answer, log or event, and no id is a part of it.
    """
    return _keyed(key, "phone", e164.encode())


def list_key(phone_key: str, client: str) -> str:
    """The number as it stands in a client's deny and allow lists, which are answered.

    It is made of the number's ``phone_key`` one way, and another one for each client.
    """
    return _one_way(phone_key, "list", client).hex()


def prefix_key(key: Secret, e164: str) -> str:
    """What numbers that differ in their last four digits only have in common, made likewise."""
    return _keyed(key, "prefix", e164[:-4].encode())


def fingerprint(key: Secret, body: bytes) -> str:
    """Tells two request bodies apart that hold no code.

    Keyed, because a plain hash of a phone is searched through in no time.
    """
    return _keyed(key, "fingerprint", body)


def send_fingerprint(key: Secret, body: bytes, idempotency_key: str | None) -> str:
    """Tells two bodies of the same idempotency key apart, also by the code in them.

    Four digits are searched through in no time by whoever has ``key``, which is never rotated. So
    the idempotency key goes into it, which is kept nowhere; without one nothing is ever compared,
    and nothing is made of the body: the fingerprint is empty.
    """
    if idempotency_key is None:
        return ""
    return _keyed(key, "send", _joined(idempotency_key) + body)


def request_key(key: Secret, route: str, idempotency_key: str) -> str:
    """An idempotency key as it may stand in a record: it is the caller's, and could be anything."""
    return _keyed(key, "request", _joined(route, idempotency_key))


def address_key(key: Secret, ip: str) -> str:
    """An end user's address as it may stand in a key of the table."""
    return _keyed(key, "address", ip.encode())


def link_token(key: Secret, call_id: str) -> str:
    """What stands in the link of a call: 192 bits as 32 characters that an address can hold.

    It is made of the call's id, so a repeated request gets the same link; nobody without ``key``
    can make it.
    """
    return urlsafe_b64encode(bytes.fromhex(_keyed(key, "link", call_id.encode()))[:24]).decode()


def payload_id(key: Secret, provider: str, body: bytes) -> str:
    """The id of what a provider sent and nobody could match, ``pay_`` and 32 characters.

    The same bytes have the same one. Keyed, as its text may hold a phone or a code.
    """
    return "pay_" + _written(bytes.fromhex(_keyed(key, "payload", _joined(provider) + body)))


def derived_key(key: Secret, purpose: str) -> bytes:
    """A key of 32 bytes for one purpose; the others of ``key`` do not follow from it."""
    return bytes.fromhex(_keyed(key, f"key for {purpose}", b""))


def _one_way(phone_key: str, purpose: str, scope: str) -> bytes:
    return hmac.new(bytes.fromhex(phone_key), _joined(purpose, scope), hashlib.sha256).digest()


def _keyed(key: Secret, purpose: str, message: bytes) -> str:
    data = _joined(purpose) + message
    return hmac.new(key.reveal().encode(), data, hashlib.sha256).hexdigest()


def _joined(*parts: str) -> bytes:
    """Length-prefixed, so that ("ab", "c") and ("a", "bc") differ."""
    encoded = (part.encode() for part in parts)
    return b"".join(len(part).to_bytes(4, "big") + part for part in encoded)
