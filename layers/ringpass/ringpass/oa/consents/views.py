"""Permissions to call as the API answers them, and as they are exported."""

import csv
import io
import json
from datetime import datetime
from typing import TYPE_CHECKING, Final

from ringpass.clock import Clock, utc_now
from ringpass.http.router import Caller, Response
from ringpass.oa.consents.evidence import Evidence
from ringpass.oa.consents.model import Consent, ConsentState
from ringpass.oa.consents.service import Format
from ringpass.phone import mask
from ringpass.providers.zalo.timestamps import NEVER

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ringpass.http.pagination import Page
    from ringpass.oa.consents import responses
    from ringpass.oa.consents.service import Asked, Export
    from ringpass.oa.consents.store import Kept

_OPEN: Final = (ConsentState.REQUESTED, ConsentState.WAITING)
NEXT: Final = "Next-Cursor"
"""The header that leads to the next part of an export."""
# What a table of a spreadsheet would take for a formula.
_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")


def asked(result: "Asked", caller: Caller, clock: Clock = utc_now) -> Response:
    """The answer to a request: always 202, also where Zalo refused it."""
    headers = {"Idempotent-Replayed": "true"} if result.replayed else {}
    return Response(consent_view(result.consent, caller, clock()), 202, headers)


def one(kept: "Kept", caller: Caller, clock: Clock = utc_now) -> Response:
    """The answer about one permission, with all that it follows from."""
    assert kept.consent is not None  # noqa: S101 - the use case gives no other
    view = consent_view(kept.consent, caller, clock())
    whole: responses.OaConsentWithEvidence = {
        **view,
        "evidence": [_evidence(fact) for fact in kept.evidence],
    }
    return Response(whole)


def deleted(consent: Consent, caller: Caller, clock: Clock = utc_now) -> Response:
    """The answer to a deletion: the permission as it was."""
    return Response(consent_view(consent, caller, clock()))


def page(some: "Page[Consent]", caller: Caller, clock: Clock = utc_now) -> Response:
    """The answer to a list."""
    now = clock()
    items = [consent_view(consent, caller, now) for consent in some.items]
    return Response({"items": items, "next_cursor": some.next_cursor})


def exported(export: "Export", caller: Caller) -> Response:
    """Facts, one in a line."""
    headers = {} if export.next_cursor is None else {NEXT: export.next_cursor}
    lines = [line for kept in export.kept for line in _lines(kept, caller)]
    if export.form is Format.CSV:
        headers["Content-Type"] = "text/csv; charset=utf-8"
        return Response({}, 200, headers, text=_csv(lines))
    headers["Content-Type"] = "application/jsonl"
    text = "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines)
    return Response({}, 200, headers, text=text)


def consent_view(consent: Consent, caller: Caller, now: datetime) -> "responses.OaConsent":
    """A permission, its number masked unless the caller may see phones."""
    standing, state = consent.standing, consent.state(now)
    request, cost = standing.asked, standing.cost
    return {
        "id": consent.id,
        "oa_id": consent.oa_id,
        "phone": consent.phone if caller.sees_phones else mask(consent.phone),
        "user_id": consent.user_id,
        "user_id_confirmed": consent.user_told_at is not None,
        "name": consent.name,
        "state": state,
        "why": standing.why,
        "since": standing.at,
        "call_type": standing.call_type,
        "expires_at": standing.until if standing.state is ConsentState.ALLOWED else None,
        "unlimited": state is ConsentState.ALLOWED and standing.until is None,
        "answer_until": standing.until if standing.state in _OPEN else None,
        "may_ask_at": standing.may_ask_at,
        "reason": request.reason if request else None,
        "asked_at": request.at if request else None,
        "cost": {"amount": str(cost.amount), "currency": cost.currency, "kind": cost.kind}
        if cost
        else None,
        "created_at": consent.created_at,
        "updated_at": consent.updated_at,
    }


def _evidence(fact: Evidence) -> "responses.OaConsentEvidence":
    return {
        "at": fact.at,
        "learnt_at": fact.learnt_at,
        "source": fact.source,
        "what": fact.what,
        "said": fact.said,
        "why": fact.why,
        "until": None if fact.until == NEVER else fact.until,
        "unlimited": fact.until == NEVER,
        "call_type": fact.call_type,
        "reason": fact.reason,
        "client": fact.by.client if fact.by else None,
        "key_id": fact.by.key_id if fact.by else None,
    }


def _lines(kept: "Kept", caller: Caller) -> "Iterator[dict[str, object]]":
    consent = kept.consent
    if consent is None:
        # It was deleted after it had been listed.
        return
    phone = consent.phone if caller.sees_phones else mask(consent.phone)
    for fact in kept.evidence:
        yield {"consent_id": consent.id, "oa_id": consent.oa_id, "phone": phone, **_evidence(fact)}


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


def _csv(lines: "list[dict[str, object]]") -> str:
    written = io.StringIO()
    rows = csv.writer(written, lineterminator="\r\n")
    rows.writerow(_COLUMNS)
    for line in lines:
        rows.writerow([_cell(line[name]) for name in _COLUMNS])
    return written.getvalue()


def _cell(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    text = "" if value is None else str(value)
    return f"'{text}" if text.startswith(_FORMULA) else text
