"""Authorizes API requests by their API key, for API Gateway's HTTP API."""

from collections.abc import Mapping
from typing import Any

from ringpass.clients.api_keys.key import authenticate
from ringpass.clock import to_text, utc_now
from ringpass.wiring import api_keys


def handler(event: Mapping[str, Any], _context: object) -> dict[str, Any]:
    """Answer in API Gateway's simple form; a valid key's client and scopes go along."""
    header = event["headers"].get("authorization", "")
    record = authenticate(api_keys.repository(), header, to_text(utc_now()))
    if record is None:
        return {"isAuthorized": False}
    scopes = " ".join(record.scopes)
    context = {"client": record.client, "key_id": record.id, "scopes": scopes}
    return {"isAuthorized": True, "context": context}
