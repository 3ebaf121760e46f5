"""MCN's "Password call" webhook: the CDR of a call.

The account writes the body's template itself, so it may be an object or an array, of objects or of
name/value pairs, as JSON or as a form, by POST or GET; numbers may come as text. What counts is
``verification_call_uuid``, ``q931_status`` and ``final_status``. Source: MCN's article "Password
Call", section "Callback".
"""

import hashlib
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import parse_qsl

from ringpass.correlator import REFERENCE_NAMES, reference_of
from ringpass.outcomes import Status
from ringpass.phone import called_numbers
from ringpass.redaction import redact

# MCN's table. Anything else with a cause means that the number is not available.
_BY_BOTH: Final[Mapping[tuple[int, str], Status]] = {
    (16, "ANSWER"): Status.ANSWERED,
    (16, "CANCEL"): Status.NO_ANSWER,
    (17, "CANCEL"): Status.BUSY,
}
_BY_CAUSE: Final[Mapping[int, Status]] = {31: Status.REFUSED, 41: Status.BILLING_FAILED}
# 16 and 17 mean something only together with a final status that the table knows.
_NEEDS_FINAL_STATUS: Final = frozenset({16, 17})

_CAUSE: Final = re.compile(r"\s*([0-9]{1,3})(?:\.0+)?\s*")
_DEEPEST: Final = 6


@dataclass(frozen=True, slots=True)
class CdrEvent:
    """One CDR.

    Attributes:
        ref: MCN's id of the call; None if it names none.
        outcome: What became of the call; ``unknown`` where MCN's words are undefined.
        reason: The Q.850 cause as a word (``q850_17``), or what is missing.
        called: The called number as E.164, in every way that it may be meant.
        digest: SHA-256 of what it says, so that a repeated one is known.
        raw: The CDR's redacted text.
    """

    ref: str | None
    outcome: Status
    reason: str
    called: tuple[str, ...]
    digest: str
    raw: str


def parse(body: bytes, query: str, called_field: str) -> list[CdrEvent]:
    """Every CDR in a delivery; empty if there is none that can be read.

    Args:
        body: The raw body; empty for a GET.
        query: The raw query string; read when the body is empty.
        called_field: Name of the variable that carries the called number.
    """
    source = body if body.strip() else query.encode()
    return [_event(fields, called_field) for fields in _cdrs(source)]


def _event(fields: Mapping[str, Any], called_field: str) -> CdrEvent:
    outcome, reason = outcome_of(fields.get("q931_status"), fields.get("final_status"))
    return CdrEvent(
        ref=reference_of(fields),
        outcome=outcome,
        reason=reason,
        called=called_numbers(fields.get(called_field)),
        digest=hashlib.sha256(json.dumps(fields, sort_keys=True).encode()).hexdigest(),
        raw=redact(json.dumps(fields).encode()),
    )


def outcome_of(q931_status: object, final_status: object) -> tuple[Status, str]:
    """MCN's two statuses in our words, and the reason."""
    match = None if isinstance(q931_status, bool) else _CAUSE.fullmatch(str(q931_status))
    if match is None:
        return Status.UNKNOWN, "no_cause"
    cause = int(match.group(1))
    reason = f"q850_{cause}"
    if cause in _BY_CAUSE:
        return _BY_CAUSE[cause], reason
    if cause in _NEEDS_FINAL_STATUS:
        final = str(final_status or "").strip().upper()
        return _BY_BOTH.get((cause, final), Status.UNKNOWN), reason
    return Status.UNREACHABLE, reason


def _cdrs(source: bytes) -> list[Mapping[str, Any]]:
    """The name/value mappings in a delivery that look like CDRs."""
    try:
        document = json.loads(source)
    except (ValueError, RecursionError):
        document = _form(source)
    return list(_mappings(document, _DEEPEST))


def _form(source: bytes) -> Mapping[str, str] | None:
    try:
        return dict(parse_qsl(source.decode(), keep_blank_values=True, max_num_fields=200))
    except ValueError:
        return None


def _mappings(node: Any, depth: int) -> Iterator[Mapping[str, Any]]:  # noqa: ANN401 - any JSON
    """CDRs in a document, wherever the account's template put them."""
    if depth == 0:
        return
    if isinstance(node, Mapping):
        if _is_cdr(node):
            yield node
        else:
            for inner in node.values():
                yield from _mappings(inner, depth - 1)
    elif isinstance(node, list):
        merged = _merged_pairs(node)
        for inner in [merged] if merged else node:
            yield from _mappings(inner, depth - 1)


def _is_cdr(fields: Mapping[str, Any]) -> bool:
    return "q931_status" in fields or any(name in fields for name in REFERENCE_NAMES)


def _merged_pairs(items: Sequence[Any]) -> Mapping[str, Any] | None:
    """One mapping from an array of ``{name: value}`` or of ``{"name": name, "value": value}``."""
    merged: dict[str, Any] = {}
    for item in items:
        if not isinstance(item, Mapping):
            return None
        if set(item) == {"name", "value"}:
            name, value = str(item["name"]), item["value"]
        elif len(item) == 1:
            [(name, value)] = item.items()
        else:
            return None
        if name in merged:
            return None
        merged[name] = value
    return merged if _is_cdr(merged) else None
