"""Parser of MCN's "Password call" webhook: the CDR of a call.

The account writes the template of the body itself. So it may be an object or an array, of objects
or of name/value pairs, in any form that ``documents`` reads, by POST or GET; numbers may be text,
names in any case. The parser uses ``verification_call_uuid``, ``q931_status`` and ``final_status``.
Source: MCN's article "Password Call", section "Callback".
"""

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from ringpass.outcomes import Status
from ringpass.phone import called_numbers
from ringpass.providers.mcn.call_reference import REFERENCE_NAMES, reference_of
from ringpass.providers.mcn.q931 import outcome_of
from ringpass.providers.webhook_documents import by_plain_name, documents, plain_name
from ringpass.redaction import outline

_MAX_DEPTH: Final = 12

_CAUSE_NAME: Final = plain_name("q931_status")
_FINAL_NAME: Final = plain_name("final_status")
_REFERENCE_NAMES: Final = {plain_name(name): name for name in REFERENCE_NAMES}
_CDR_NAMES: Final = frozenset({_CAUSE_NAME, *_REFERENCE_NAMES})
_RAW_NAMES: Final = frozenset({_CAUSE_NAME, _FINAL_NAME})


@dataclass(frozen=True, slots=True)
class CdrEvent:
    """One CDR.

    Attributes:
        ref: MCN's id of the call; None if it has none.
        outcome: Outcome of the call; ``unknown`` if MCN's table does not define it.
        reason: Q.850 cause as a word (``q850_17``), or what is missing.
        called: The called number as E.164, in every possible reading.
        digest: SHA-256 of its fields and of how they were read: the same for a repeated CDR,
            another for one that says more than before.
        raw: Names of its fields, and the two statuses.
        whole: Whether all of its body could be read.
    """

    ref: str | None
    outcome: Status
    reason: str
    called: tuple[str, ...]
    digest: str
    raw: str
    whole: bool = True


def parse(body: bytes, query: str, called_field: str) -> list[CdrEvent]:
    """Returns every CDR in a webhook's request; empty if none can be read.

    Args:
        body: The raw body; empty for a GET.
        query: The raw query string; read when the body is empty.
        called_field: Name of the variable with the called number.
    """
    source = body if body.strip() else query.encode(errors="replace")
    for document in documents(source):
        if cdrs := list(_cdrs(document.value, _MAX_DEPTH)):
            return [_event(fields, called_field, whole=document.whole) for fields in cdrs]
    return []


def _event(fields: Mapping[str, Any], called_field: str, *, whole: bool) -> CdrEvent:
    by_name = by_plain_name(fields)
    outcome, reason = outcome_of(by_name.get(_CAUSE_NAME), by_name.get(_FINAL_NAME))
    called = called_numbers(by_name.get(plain_name(called_field)))
    content = [fields, outcome, reason, called]
    return CdrEvent(
        ref=reference_of({_REFERENCE_NAMES.get(name, name): by_name[name] for name in by_name}),
        outcome=outcome,
        reason=reason,
        called=called,
        digest=hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest(),
        raw=outline(fields, _RAW_NAMES, plain_name),
        whole=whole,
    )


def _cdrs(node: Any, depth: int) -> Iterator[Mapping[str, Any]]:  # noqa: ANN401 - any JSON
    """Yield the CDRs in a document, at any place of the account's template."""
    if depth == 0:
        return
    if isinstance(node, Mapping):
        if _is_cdr(node):
            yield node
        else:
            for inner in node.values():
                yield from _cdrs(inner, depth - 1)
    elif isinstance(node, list):
        fields = _merge_pairs(node)
        for inner in [fields] if fields else node:
            yield from _cdrs(inner, depth - 1)


def _is_cdr(fields: Mapping[str, Any]) -> bool:
    return any(plain_name(name) in _CDR_NAMES for name in fields)


def _merge_pairs(items: Sequence[Any]) -> Mapping[str, Any] | None:
    """Merge an array of ``{name: value}`` or of ``{"name": name, "value": value}``."""
    fields: dict[str, Any] = {}
    for item in items:
        if not isinstance(item, Mapping):
            return None
        if len(item) == 2 and "value" in item:  # noqa: PLR2004 - a pair
            # "name", "key" or "variable", and "value".
            [name] = (str(item[key]) for key in item if key != "value")
            value = item["value"]
        elif len(item) == 1:
            [(name, value)] = item.items()
        else:
            return None
        if name in fields:
            return None
        fields[name] = value
    return fields if _is_cdr(fields) else None
