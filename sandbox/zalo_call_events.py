"""What Zalo's webhook tells of consents and calls.

Zalo's reference names these fields::

    oa_send_consent     phone, request_type SENT | EXPIRED, create_time, expired_time
    user_reply_consent  phone, user_consent ALLOW | USER_BLOCKED, confirmed_time, expired_time
    oa_call_user, user_call_oa: a call has ended
                        user_id or phone, call_id, call_type AUDIO | VIDEO, init_time,
                        waiting_time (s), call_duration (ms), talk_time (ms), status_code

and public clients read ``oa_id``, ``app_id`` and ``timestamp`` beside them, most numbers as texts.
"""

import secrets
from collections.abc import Mapping
from enum import StrEnum

from sandbox import zalo_events
from sandbox.courier import Letter
from sandbox.settings import Settings
from sandbox.wire import Json
from sandbox.zalo_call_desk import Consent, now_ms
from sandbox.zalo_endings import RAN_OUT, CallEnding

_NUMBERS = (
    "create_time",
    "confirmed_time",
    "expired_time",
    "init_time",
    "waiting_time",
    "call_duration",
    "talk_time",
    "status_code",
    "timestamp",
)


class Types(StrEnum):
    """As what an event's numbers are written. As clients show them, only status_code is one."""

    MIXED = "mixed"
    NUMBER = "number"
    TEXT = "text"


class Direction(StrEnum):
    """Who calls whom."""

    OUT = "out"
    IN = "in"


def consent_sent(phone: str, consent: Consent, settings: Settings) -> dict[str, Json]:
    """Give the event that the user has got the request."""
    return _consent(phone, "SENT", consent, consent.answer_by, settings)


def consent_replied(phone: str, consent: Consent, settings: Settings) -> dict[str, Json]:
    """Give the event of what the user said, or that nothing was said in time."""
    if consent.reply == RAN_OUT:
        return _consent(phone, RAN_OUT, consent, consent.replied_at, settings)
    event: dict[str, Json] = {
        **_head("user_reply_consent", settings),
        "phone": phone.removeprefix("+"),
        "user_consent": consent.reply,
        "confirmed_time": consent.replied_at,
    }
    if consent.expires_at is not None:
        event["expired_time"] = consent.expires_at
    return event


def _consent(
    phone: str, request_type: str, consent: Consent, expired_time: int, settings: Settings
) -> dict[str, Json]:
    return {
        **_head("oa_send_consent", settings),
        "phone": phone.removeprefix("+"),
        "request_type": request_type,
        "create_time": consent.asked_at,
        "expired_time": expired_time,
    }


def call_ended(
    direction: Direction, call_type: str, ending: CallEnding, settings: Settings
) -> dict[str, Json]:
    """Give the event of a call that began now; who called whom is added by its sender."""
    talk, waiting = ending.talk_seconds, ending.waiting_seconds
    return {
        **_head("oa_call_user" if direction is Direction.OUT else "user_call_oa", settings),
        "call_id": str(10**18 + secrets.randbelow(8 * 10**18)),
        "call_type": call_type.upper(),
        "init_time": now_ms(),
        "waiting_time": waiting,
        "call_duration": (waiting + talk) * 1_000,
        "talk_time": talk * 1_000,
        "status_code": ending.status_code,
    }


def _head(name: str, settings: Settings) -> dict[str, Json]:
    return {
        "event_name": name,
        "app_id": settings.zalo_app_id,
        "oa_id": settings.zalo_oa_id,
        "timestamp": now_ms(),
    }


def letters(
    event: Mapping[str, Json],
    phone: str | None,
    epoch: int,
    settings: Settings,
    *,
    times: int = 1,
    types: Types = Types.MIXED,
) -> list[Letter]:
    """Sign an event. What comes again says so, at its own time, so each has its own signature."""
    event_letters = []
    for number in range(times):
        fields = dict(event)
        if number:
            fields |= {"num_retry": number, "timestamp": now_ms() + number}
        event_letters.append(
            zalo_events.letter(_written(fields, types), phone, epoch, settings, server="")
        )
    return event_letters


def _written(event: Mapping[str, Json], types: Types) -> dict[str, Json]:
    """The same with its numbers as texts, or as numbers."""
    fields = dict(event)
    for name in _NUMBERS:
        value = event.get(name)
        if isinstance(value, bool) or not isinstance(value, int | float):
            continue
        as_number = types is Types.NUMBER or (types is Types.MIXED and name == "status_code")
        fields[name] = value if as_number else str(value)
    return fields
