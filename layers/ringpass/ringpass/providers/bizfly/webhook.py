"""Bizfly's word on a call: a delivery of its call-result webhook, or a row of its call log.

Of the log's rows some fields are known, from public clients: ``start_time`` (Unix seconds),
``callee``, ``direct``, ``state`` and durations. Nobody has published the webhook's fields, the
values of ``state`` or of ``direct``, or whether ``request_id`` is repeated. So both are read alike:
what names a callee is a call, each fact may stand under any of several names, and what is not
understood is kept and settles nothing.
"""

import hashlib
import json
import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta, timezone
from typing import Any, Final

from ringpass.outcomes import Status
from ringpass.phone import vietnamese_number
from ringpass.providers.webhook_documents import by_plain_name, documents, plain_name
from ringpass.redaction import outline

# The words of telephone exchanges (Asterisk's dispositions) in their usual spellings; Bizfly's own
# are not published. The parameter BizflyCallStates adds to them.
STATES: Final[Mapping[str, Status]] = {
    "answer": Status.ANSWERED,
    "answered": Status.ANSWERED,
    "completed": Status.ANSWERED,
    "busy": Status.BUSY,
    "user_busy": Status.BUSY,
    "no_answer": Status.NO_ANSWER,
    "noanswer": Status.NO_ANSWER,
    "not_answered": Status.NO_ANSWER,
    "unanswered": Status.NO_ANSWER,
    "missed": Status.NO_ANSWER,
    "fail": Status.FAILED,
    "failed": Status.FAILED,
    "congestion": Status.FAILED,
    "chanunavail": Status.FAILED,
}
_PLAIN: Final = frozenset({Status.ANSWERED, Status.BUSY, Status.NO_ANSWER})
"""Outcomes that say all that a state can say."""

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

_KEPT_NAMES: Final = frozenset((*_STATE, *_DIRECTION))
_BETWEEN_WORDS: Final = re.compile(r"[\W_]+")
# A code or a number, also with blanks within it.
_RUN: Final = re.compile(r"\d(?:_?\d){3,}")
_SECONDS: Final = re.compile(r"[0-9]{9,10}(?:\.[0-9]+)?")
_MILLISECONDS: Final = re.compile(r"[0-9]{12,13}")
# A time without a zone is of the country where the switchboard stands: that is a guess.
_VIETNAM: Final = timezone(timedelta(hours=7))
_DEEPEST: Final = 12
_LONGEST_WORD: Final = 40
_LONGEST_ID: Final = 128
_OUR_ID: Final = re.compile(r"dlv_[\x21-\x7e]{1,124}")


@dataclass(frozen=True, slots=True, kw_only=True)
class CallEvent:
    """What one call became, as Bizfly tells it.

    Attributes:
        key: What tells the call from others: its id, else its beginning, else all that was said.
        callee: The called number as E.164; None where it is no Vietnamese number.
        inbound: Whether somebody called the switchboard: no call of ours.
        started_at: When the call began, if that is said.
        outcome: What became of it; ``unknown`` where the state is in no table.
        reason: ``state_<word>`` where the outcome does not say as much; None where it does.
        request_id: The delivery's id, which we sent as ``request_id``, if it is repeated.
        raw: Its names, the state and the direction.
        whole: Whether its body was read from end to end.
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


def parse(body: bytes, states: Mapping[str, Status]) -> list[CallEvent]:
    """Every call in a delivery of the webhook, in any form that ``documents`` reads.

    Args:
        body: The raw body.
        states: Words of the stack's own beside ``STATES``.
    """
    for document in documents(body):
        if found := list(_calls(document.value, _DEEPEST)):
            return [replace(read(fields, states), whole=document.whole) for fields in found]
    return []


def read(fields: Mapping[str, Any], states: Mapping[str, Status]) -> CallEvent:
    """What a mapping that names a callee says of its call."""
    by_name = by_plain_name(fields)
    outcome, reason = outcome_of(_first(by_name, _STATE), states)
    started_at = instant_of(_first(by_name, _STARTED))
    return CallEvent(
        key=_key(by_name, fields, started_at),
        callee=vietnamese_number(_first(by_name, _CALLEE)),
        inbound=plain_name(_text(_first(by_name, _DIRECTION))) in _INBOUND,
        started_at=started_at,
        outcome=outcome,
        reason=reason,
        request_id=_our_id(_text(_first(by_name, _REQUEST))),
        raw=outline(fields, _KEPT_NAMES, plain_name),
    )


def states_from_json(text: str) -> Mapping[str, Status]:
    """Words of the stack's own: ``{"cuoc_goi_nho": "no_answer"}``.

    Raises:
        ValueError: It is not such a table.
    """
    table = json.loads(text)
    if not isinstance(table, dict):
        raise ValueError("not a table of states")  # noqa: TRY004 - the text is wrong, not a type
    return {_word(word): Status(status) for word, status in table.items()}


def outcome_of(state: object, states: Mapping[str, Status]) -> tuple[Status, str | None]:
    """Bizfly's state in our words, and the reason."""
    word = _word(_text(state))
    if not word:
        return Status.UNKNOWN, "no_state"
    outcome = states.get(word) or STATES.get(word, Status.UNKNOWN)
    return outcome, None if outcome in _PLAIN else f"state_{word}"


def instant_of(value: object) -> datetime | None:
    """An instant in seconds or milliseconds since 1970, or as ISO 8601 or 31/12/2026 23:59:59."""
    text = _text(value).strip()
    try:
        if _SECONDS.fullmatch(text):
            return datetime.fromtimestamp(float(text), UTC)
        if _MILLISECONDS.fullmatch(text):
            return datetime.fromtimestamp(int(text) / 1000, UTC)
        instant = _written_out(text)
        return (instant if instant.tzinfo else instant.replace(tzinfo=_VIETNAM)).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def _written_out(text: str) -> datetime:
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return datetime.strptime(text, "%d/%m/%Y %H:%M:%S").replace(tzinfo=_VIETNAM)


def _key(by_name: Mapping[str, Any], fields: Mapping[str, Any], started_at: datetime | None) -> str:
    if call_id := _text(_first(by_name, _ID))[:_LONGEST_ID]:
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
    """What names a callee, in whatever envelope."""
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
    """The first of these fields that holds a text or a number."""
    found = (by_name.get(name) for name in names)
    return next((value for value in found if _text(value)), None)


def _text(value: object) -> str:
    """A text or a number as text; empty for anything else."""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return ""
    try:
        return str(value).strip()
    except ValueError:  # More digits than Python writes out.
        return ""


def _word(text: str) -> str:
    """A state as a word: ``NO ANSWER`` is ``no_answer``; digits in a row are hidden."""
    # It may be Vietnamese, whose letters can be written in two ways.
    letters = unicodedata.normalize("NFC", text.lower())
    word = _BETWEEN_WORDS.sub("_", letters).strip("_")[:_LONGEST_WORD]
    return _RUN.sub("n", word)
