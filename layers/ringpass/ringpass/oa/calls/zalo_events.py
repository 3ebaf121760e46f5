"""Parses Zalo's events of calls between an OA and a customer, which come when a call has ended.

``{"event_name": "oa_call_user", "oa_id": "...", "user_id": "...", "phone": "84...",
"call_id": "...", "call_type": "AUDIO", "init_time": "1764000000000", "waiting_time": "5",
"call_duration": "65000", "talk_time": "60000", "status_code": 0, ...}``; ``user_call_oa`` is the
same of a customer's call. ``waiting_time`` is in seconds, the other lengths are in milliseconds.
Numbers come as numbers or as texts; the customer has a ``user_id``, a ``phone`` or both.
Source: Zalo's reference of webhooks, and public receivers of them.

Not documented: what ``status_code`` means, the unit of ``init_time`` (milliseconds in every public
receiver; seconds are understood, too), whether an agent is ever named. So no field is required:
what is missing or cannot be read is None.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any, Final

from ringpass.clock import to_text
from ringpass.oa.calls.model import CallEnd, Direction
from ringpass.oa.events.model import customer_phone
from ringpass.providers.zalo.call_type import CallType
from ringpass.providers.zalo.timestamps import instant_of

DIRECTIONS: Final[Mapping[str, Direction]] = {
    "oa_call_user": Direction.OUT,
    "user_call_oa": Direction.IN,
}
"""The events of a call, and who called."""

_TYPES: Final[Mapping[str, CallType]] = {"AUDIO": CallType.AUDIO, "VIDEO": CallType.VIDEO}
_ID: Final = re.compile(r"[\x21-\x7e]{1,128}")
_SECOND_MS: Final = 1_000
# No call is longer: a larger number is not a length.
_LONGEST_MS: Final = 366 * 86_400 * _SECOND_MS
# A larger number is not an instant, in any unit.
_LAST_MS: Final = 10**15


@dataclass(frozen=True, slots=True)
class CallEvent:
    """Zalo's event of a call that has ended; None: not in the event.

    Attributes:
        direction: Who called.
        user_id: Zalo's id of the customer.
        phone: The customer's number, E.164.
        agent_id: The agent.
        call_type: Audio or video.
        end: The rest of the report.
    """

    direction: Direction
    user_id: str | None
    phone: str | None = field(repr=False)
    agent_id: str | None
    call_type: CallType | None
    end: CallEnd


def parse_call_event(name: str, fields: Mapping[str, Any], reported_at: datetime) -> CallEvent:
    """Parse an event of a call.

    Args:
        name: The event's name, one of ``DIRECTIONS``.
        fields: The event's fields.
        reported_at: When it came.
    """
    direction = DIRECTIONS[name]
    return CallEvent(
        direction=direction,
        user_id=_customer(fields, direction),
        phone=customer_phone(fields),
        agent_id=_id(fields.get("agent_id")),
        call_type=_TYPES.get(str(fields.get("call_type")).strip().upper()),
        end=CallEnd(
            call_id=_id(fields.get("call_id")),
            reported_at=to_text(reported_at),
            began_at=_instant(fields.get("init_time")),
            waiting_ms=_length(fields.get("waiting_time"), _SECOND_MS),
            talk_ms=_length(fields.get("talk_time"), 1),
            duration_ms=_length(fields.get("call_duration"), 1),
            status_code=_raw(fields.get("status_code")),
        ),
    )


def _customer(fields: Mapping[str, Any], direction: Direction) -> str | None:
    """Returns the customer's id, also from the fields that events of messages have."""
    if (user_id := _id(fields.get("user_id"))) is not None:
        return user_id
    side = fields.get("recipient" if direction is Direction.OUT else "sender")
    return _id(side.get("id")) if isinstance(side, Mapping) else None


def _id(value: object) -> str | None:
    if isinstance(value, bool) or not isinstance(value, (int, str)):
        return None
    return str(value) if _ID.fullmatch(str(value)) else None


def _raw(value: object) -> str | None:
    """Returns a number or text as it was written."""
    if value is None or isinstance(value, (Mapping, list)):
        return None
    return str(value) if _ID.fullmatch(str(value)) else None


def _number(value: object) -> Decimal | None:
    if isinstance(value, bool) or not isinstance(value, (int, str, float, Decimal)):
        return None
    try:
        number = Decimal(str(value).strip())
    except InvalidOperation:
        return None
    return number if number.is_finite() and number >= 0 else None


def _length(value: object, unit_ms: int) -> int | None:
    """Returns a length in whole milliseconds."""
    number = _number(value)
    if number is None or number > _LONGEST_MS:
        return None
    length = int(number * unit_ms)
    return length if length <= _LONGEST_MS else None


def _instant(value: object) -> datetime | None:
    number = _number(value)
    if number is None or number > _LAST_MS:
        return None
    return instant_of(int(number)) or instant_of(int(number * _SECOND_MS))
