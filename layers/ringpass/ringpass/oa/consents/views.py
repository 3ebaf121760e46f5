"""Responses of the API about permissions to call, and their export."""

import json
from typing import TYPE_CHECKING, Final

from ringpass.clock import Clock, utc_now
from ringpass.http.csv_documents import csv_response
from ringpass.http.idempotency import replay_headers
from ringpass.http.router import Caller, Response
from ringpass.oa.consents.consent_view import consent_view
from ringpass.oa.consents.evidence import Evidence
from ringpass.oa.consents.model import Consent
from ringpass.oa.consents.service import Format
from ringpass.phone import mask
from ringpass.providers.zalo.timestamps import NEVER

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ringpass.http.idempotency import Result
    from ringpass.http.pagination import Page
    from ringpass.oa.consents import responses
    from ringpass.oa.consents.service import Export
    from ringpass.oa.consents.store import StoredConsent

NEXT: Final = "Next-Cursor"
"""The header that leads to the next part of an export."""


def accepted(result: "Result[Consent]", caller: Caller, clock: Clock = utc_now) -> Response:
    """The response to a request: always 202, also if Zalo refused it."""
    view = consent_view(result.value, clock(), clear_phone=caller.sees_phones)
    return Response(view, 202, replay_headers(replayed=result.replayed))


def consent(stored: "StoredConsent", caller: Caller, clock: Clock = utc_now) -> Response:
    """The response with one permission and its facts."""
    assert stored.consent is not None  # noqa: S101 - the use case returns no other
    view = consent_view(stored.consent, clock(), clear_phone=caller.sees_phones)
    body: responses.OaConsentWithEvidence = {
        **view,
        "evidence": [evidence_view(fact) for fact in stored.evidence],
    }
    return Response(body)


def deleted(consent: Consent, caller: Caller, clock: Clock = utc_now) -> Response:
    """The response to a deletion: the permission as it was."""
    return Response(consent_view(consent, clock(), clear_phone=caller.sees_phones))


def page(consents: "Page[Consent]", caller: Caller, clock: Clock = utc_now) -> Response:
    """The response with a page of permissions."""
    now = clock()
    items = [
        consent_view(consent, now, clear_phone=caller.sees_phones) for consent in consents.items
    ]
    return Response({"items": items, "next_cursor": consents.next_cursor})


def export(export: "Export", caller: Caller) -> Response:
    """The response with an export: one fact in a line."""
    headers = {} if export.next_cursor is None else {NEXT: export.next_cursor}
    lines = [line for stored in export.consents for line in _lines(stored, caller)]
    if export.form is Format.CSV:
        return csv_response(_COLUMNS, lines, headers)
    headers["Content-Type"] = "application/jsonl"
    text = "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines)
    return Response({}, 200, headers, text=text)


def evidence_view(fact: Evidence) -> "responses.OaConsentEvidence":
    """Returns a fact that a permission follows from."""
    return {
        "at": fact.at,
        "learnt_at": fact.received_at,
        "source": fact.source,
        "what": fact.kind,
        "said": fact.zalo_value,
        "why": fact.why,
        "until": None if fact.until == NEVER else fact.until,
        "unlimited": fact.until == NEVER,
        "call_type": fact.call_type,
        "reason": fact.reason,
        "client": fact.actor.client if fact.actor else None,
        "key_id": fact.actor.key_id if fact.actor else None,
    }


def _lines(stored: "StoredConsent", caller: Caller) -> "Iterator[dict[str, object]]":
    consent = stored.consent
    if consent is None:
        # It was deleted after the listing.
        return
    phone = consent.phone if caller.sees_phones else mask(consent.phone)
    for fact in stored.evidence:
        yield {
            "consent_id": consent.id,
            "oa_id": consent.oa_id,
            "phone": phone,
            **evidence_view(fact),
        }


_COLUMNS: Final = (
    "consent_id",
    "oa_id",
    "phone",
    "at",
    "learnt_at",
    "source",
    "what",
    "said",
    "why",
    "until",
    "unlimited",
    "call_type",
    "reason",
    "client",
    "key_id",
)
