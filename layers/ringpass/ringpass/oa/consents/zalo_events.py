"""What Zalo's events say of a customer's permission to be called.

``oa_send_consent``: ``phone``, ``request_type`` (``SENT`` or ``EXPIRED``), ``create_time`` (when
the customer was asked), ``expired_time`` (until when an answer is waited for).
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
from ringpass.oa.consents.model import ANSWERED_WITHIN
from ringpass.oa.events.model import OaEvent
from ringpass.phone import vietnamese_number
from ringpass.providers.zalo.timestamps import NEVER, instant_of, is_never

_USER: Final = re.compile(r"[0-9]{1,32}")
_WORD: Final = re.compile(r"[A-Za-z0-9_ -]{1,40}")
# What is told to be later than this is not believed: clocks do not differ by more.
_AHEAD: Final = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class ConsentTold:
    """What an event tells.

    Attributes:
        phone: Whose permission, E.164; None if the number cannot be read.
        user_id: Zalo's id of the customer, if the event has it.
        fact: What happened; None if that cannot be read.
    """

    phone: str | None = field(repr=False)
    user_id: str | None
    fact: Evidence | None


def read(event: OaEvent) -> ConsentTold:
    """What an event tells of a permission."""
    fields = event.fields
    fact = _answer(event) if event.name == "user_reply_consent" else _request(event)
    return ConsentTold(vietnamese_number(fields.get("phone")), user_of(fields.get("user_id")), fact)


def user_of(said: object) -> str | None:
    """Zalo's id of a customer, also as a number."""
    if isinstance(said, bool) or not isinstance(said, (str, int)):
        return None
    return str(said) if _USER.fullmatch(str(said)) else None


def _request(event: OaEvent) -> Evidence | None:
    kind = _word(event.fields.get("request_type")).upper()
    created = instant_of(event.fields.get("create_time"))
    ends = instant_of(event.fields.get("expired_time"))
    if kind == "SENT":
        until = to_text(ends) if ends else None
        return _fact(event, ConsentFact.WAITING, _believed(event, created), kind, until)
    if kind == "EXPIRED":
        at = ends or (created + ANSWERED_WITHIN if created else event.at)
        began = to_text(created) if created else None
        return replace(_fact(event, ConsentFact.EXPIRED, min(at, event.at), kind), began=began)
    return None


def _answer(event: OaEvent) -> Evidence:
    said = _word(event.fields.get("user_consent"))
    at = _believed(event, instant_of(event.fields.get("confirmed_time")))
    if said.upper() == "ALLOW":
        return _fact(
            event, ConsentFact.ALLOWED, at, said, expiry_of(event.fields.get("expired_time"))
        )
    what = ConsentFact.BLOCKED if said.upper() == "USER_BLOCKED" else ConsentFact.REFUSED
    return _fact(event, what, at, said)


def expiry_of(said: object) -> str | None:
    """Until when a permission holds, as facts have it: an instant, ``never``, or None: not told."""
    if is_never(said):
        return NEVER
    ends = instant_of(said)
    return to_text(ends) if ends else None


def _believed(event: OaEvent, told: datetime | None) -> datetime:
    """When it happened, as it was told; else when it was sent, or came, whichever is earlier."""
    if told is not None and told <= event.at + _AHEAD:
        return told
    return min(event.at, instant_of(event.fields.get("timestamp")) or event.at)


def _fact(
    event: OaEvent, what: ConsentFact, at: datetime, said: str, until: str | None = None
) -> Evidence:
    return Evidence(
        what=what,
        source=ConsentSource.EVENT,
        at=to_text(at),
        learnt_at=to_text(event.at),
        until=until,
        said=said or None,
        event=event.digest,
    )


def _word(said: object) -> str:
    return said if isinstance(said, str) and _WORD.fullmatch(said) else ""
