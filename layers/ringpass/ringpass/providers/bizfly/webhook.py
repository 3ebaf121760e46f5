"""Parser of Bizfly's call results: its webhook, and the rows of its call log.

Some fields of the log's rows are known from public clients: ``start_time`` (Unix seconds),
``callee``, ``direct``, ``state`` and durations. The webhook's fields, the values of ``state`` and
``direct``, and whether ``request_id`` comes back are not published. So both are read in the same
way: an object with a callee is a call, each fact may have any of several names, and what is not
understood is stored and settles nothing.
"""

import hashlib
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta, timezone
from typing import Any, Final

from ringpass.outcomes import Status
from ringpass.phone import vietnamese_number
from ringpass.providers.bizfly.call_states import outcome_of, text_of
from ringpass.providers.webhook_documents import by_plain_name, documents, plain_name
from ringpass.redaction import outline

# Names without case and punctuation, the likeliest first.
_CALLEE: Final = (
    "callee",
    "calleenumber",
    "destination",
    "destinationnumber",
    "tonumber",
    "to",
    "phonenumber",
    "phone",
)
_STATE: Final = ("state", "callstate", "callstatus", "status", "disposition")
_STARTED: Final = ("starttime", "startedat", "starttimestamp", "start")
_ID: Final = ("callid", "calluuid", "uuid", "uniqueid", "id")
_REQUEST: Final = ("requestid",)
_DIRECTION: Final = ("direct", "direction")
_INBOUND: Final = frozenset({"in", "inbound", "incoming", "callin", "received"})

_RAW_NAMES: Final = frozenset((*_STATE, *_DIRECTION))
_SECONDS: Final = re.compile(r"[0-9]{9,10}(?:\.[0-9]+)?")
_MILLISECONDS: Final = re.compile(r"[0-9]{12,13}")
# Assumed zone of a time without one: the country of the switchboard.
_VIETNAM: Final = timezone(timedelta(hours=7))
_MAX_DEPTH: Final = 12
_MAX_ID_LENGTH: Final = 128
_OUR_ID: Final = re.compile(r"dlv_[\x21-\x7e]{1,124}")


@dataclass(frozen=True, slots=True, kw_only=True)
class BizflyCallEvent:
    """Result of one call, as Bizfly reports it.

    Attributes:
        key: Identity of the call: its id, else its start, else all its fields.
        callee: The called number as E.164; None if it is no Vietnamese number.
        inbound: Whether somebody called the switchboard; then it is no call of ours.
        started_at: When the call began; None if Bizfly does not say it.
        outcome: Outcome of the call; ``unknown`` if no table has the state.
        reason: ``state_<word>``; None if the outcome says as much.
        request_id: The delivery's id, which we sent as ``request_id``, if it comes back.
        raw: Names of its fields, the state and the direction.
        whole: Whether all of its body could be read.
    """

    key: str
    callee: str | None
    inbound: bool
    started_at: datetime | None
    outcome: Status
    reason: str | None
    request_id: str | None
    raw: str
    whole: bool = True


def parse(body: bytes, states: Mapping[str, Status]) -> list[BizflyCallEvent]:
    """Returns every call in a webhook's body, in any form that ``documents`` reads.

    Args:
        body: The raw body.
        states: The stack's own words, in addition to ``STATES``.
    """
    for document in documents(body):
        if calls := list(_calls(document.value, _MAX_DEPTH)):
            return [replace(parse_call(fields, states), whole=document.whole) for fields in calls]
    return []


def parse_call(fields: Mapping[str, Any], states: Mapping[str, Status]) -> BizflyCallEvent:
    """Returns the call that an object with a callee describes."""
    by_name = by_plain_name(fields)
    outcome, reason = outcome_of(_first(by_name, _STATE), states)
    started_at = instant_of(_first(by_name, _STARTED))
    return BizflyCallEvent(
        key=_key(by_name, fields, started_at),
        callee=vietnamese_number(_first(by_name, _CALLEE)),
        inbound=plain_name(text_of(_first(by_name, _DIRECTION))) in _INBOUND,
        started_at=started_at,
        outcome=outcome,
        reason=reason,
        request_id=_our_id(text_of(_first(by_name, _REQUEST))),
        raw=outline(fields, _RAW_NAMES, plain_name),
    )


def instant_of(value: object) -> datetime | None:
    """Parse seconds or milliseconds since 1970, ISO 8601, or 31/12/2026 23:59:59; else None."""
    text = text_of(value).strip()
    try:
        if _SECONDS.fullmatch(text):
            return datetime.fromtimestamp(float(text), UTC)
        if _MILLISECONDS.fullmatch(text):
            return datetime.fromtimestamp(int(text) / 1000, UTC)
        instant = _from_text(text)
        return (instant if instant.tzinfo else instant.replace(tzinfo=_VIETNAM)).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def _from_text(text: str) -> datetime:
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return datetime.strptime(text, "%d/%m/%Y %H:%M:%S").replace(tzinfo=_VIETNAM)


def _key(by_name: Mapping[str, Any], fields: Mapping[str, Any], started_at: datetime | None) -> str:
    if call_id := text_of(_first(by_name, _ID))[:_MAX_ID_LENGTH]:
        # Hashed, as an id may hold a phone number.
        return f"id:{_digest(call_id.encode(errors='replace'))}"
    if started_at is not None:
        return f"at:{started_at.timestamp():.0f}"
    return f"all:{_digest(json.dumps(fields, sort_keys=True).encode())}"


def _our_id(text: str) -> str | None:
    return text if _OUR_ID.fullmatch(text) else None


def _digest(text: bytes) -> str:
    return hashlib.sha256(text).hexdigest()[:32]


def _calls(node: Any, depth: int) -> Iterator[Mapping[str, Any]]:  # noqa: ANN401 - any JSON
    """Yield the objects that have a callee, in any envelope."""
    if depth == 0:
        return
    if isinstance(node, Mapping):
        if _first(by_plain_name(node), _CALLEE) is not None:
            yield node
        else:
            for inner in node.values():
                yield from _calls(inner, depth - 1)
    elif isinstance(node, list):
        for inner in node:
            yield from _calls(inner, depth - 1)


def _first(by_name: Mapping[str, Any], names: tuple[str, ...]) -> object:
    """Returns the first of these fields that holds a text or a number."""
    values = (by_name.get(name) for name in names)
    return next((value for value in values if text_of(value)), None)
