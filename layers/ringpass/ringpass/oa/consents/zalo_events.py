"""Parses Zalo's events about a customer's permission to be called.

``oa_send_consent``: ``phone``, ``request_type`` (``SENT`` or ``EXPIRED``), ``create_time`` (when
the customer was asked), ``expired_time`` (until when the customer may answer).
``user_reply_consent``: ``phone``, ``user_consent`` (``ALLOW``, ``USER_BLOCKED``; clients of Zalo's
also know ``DENY``), ``confirmed_time``, ``expired_time`` (0: the permission has no end). All times
are milliseconds since 1970, as numbers or as text. Source: Zalo's reference of webhooks, and public
clients of it.

Any field may be missing: then an event happened when it was sent (``timestamp``, which is a part of
what is signed), and ends when it usually does. Only
``ALLOW`` allows; whatever else a customer's answer says is a refusal.
"""

import re
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Final

from ringpass.clock import to_text
from ringpass.oa.consents.evidence import ConsentFact, ConsentSource, Evidence
from ringpass.oa.consents.model import ANSWER_PERIOD
from ringpass.oa.events.model import OaEvent
from ringpass.phone import vietnamese_number
from ringpass.providers.zalo.timestamps import NEVER, instant_of, is_never

_USER_ID: Final = re.compile(r"[0-9]{1,32}")
_WORD: Final = re.compile(r"[A-Za-z0-9_ -]{1,40}")
# A later time in an event is not used: clocks do not differ by more.
_MAX_CLOCK_LEAD: Final = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class ConsentUpdate:
    """Content of an event about a permission.

    Attributes:
        phone: The customer's number, E.164; None if it cannot be read.
        user_id: Zalo's id of the customer, if the event has it.
        fact: The fact; None if it cannot be read.
    """

    phone: str | None = field(repr=False)
    user_id: str | None
    fact: Evidence | None


def parse(event: OaEvent) -> ConsentUpdate:
    """Parse an event about a permission."""
    fields = event.fields
    fact = _answer(event) if event.name == "user_reply_consent" else _request(event)
    return ConsentUpdate(
        vietnamese_number(fields.get("phone")), parse_user_id(fields.get("user_id")), fact
    )


def parse_user_id(value: object) -> str | None:
    """Parse Zalo's id of a customer, a text or a number."""
    if isinstance(value, bool) or not isinstance(value, (str, int)):
        return None
    return str(value) if _USER_ID.fullmatch(str(value)) else None


def _request(event: OaEvent) -> Evidence | None:
    request_type = _word(event.fields.get("request_type")).upper()
    created = instant_of(event.fields.get("create_time"))
    ends = instant_of(event.fields.get("expired_time"))
    if request_type == "SENT":
        until = to_text(ends) if ends else None
        return _fact(event, ConsentFact.WAITING, _event_time(event, created), request_type, until)
    if request_type == "EXPIRED":
        at = ends or (created + ANSWER_PERIOD if created else event.at)
        requested_at = to_text(created) if created else None
        return replace(
            _fact(event, ConsentFact.EXPIRED, min(at, event.at), request_type),
            requested_at=requested_at,
        )
    return None


def _answer(event: OaEvent) -> Evidence:
    answer = _word(event.fields.get("user_consent"))
    at = _event_time(event, instant_of(event.fields.get("confirmed_time")))
    if answer.upper() == "ALLOW":
        return _fact(
            event, ConsentFact.ALLOWED, at, answer, parse_expiry(event.fields.get("expired_time"))
        )
    kind = ConsentFact.BLOCKED if answer.upper() == "USER_BLOCKED" else ConsentFact.REFUSED
    return _fact(event, kind, at, answer)


def parse_expiry(value: object) -> str | None:
    """Parse until when a permission holds: an instant, ``never``, or None: not reported."""
    if is_never(value):
        return NEVER
    ends = instant_of(value)
    return to_text(ends) if ends else None


def _event_time(event: OaEvent, reported_time: datetime | None) -> datetime:
    """Returns the reported time; else when the event was sent or came, whichever is earlier."""
    if reported_time is not None and reported_time <= event.at + _MAX_CLOCK_LEAD:
        return reported_time
    return min(event.at, instant_of(event.fields.get("timestamp")) or event.at)


def _fact(
    event: OaEvent, kind: ConsentFact, at: datetime, zalo_value: str, until: str | None = None
) -> Evidence:
    return Evidence(
        kind=kind,
        source=ConsentSource.EVENT,
        at=to_text(at),
        received_at=to_text(event.at),
        until=until,
        zalo_value=zalo_value or None,
        event=event.digest,
    )


def _word(value: object) -> str:
    return value if isinstance(value, str) and _WORD.fullmatch(value) else ""
