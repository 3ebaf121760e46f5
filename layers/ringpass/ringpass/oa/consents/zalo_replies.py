"""Maps Zalo's answers about a permission to call to facts.

The same number has another meaning in a reply to a request than in an answer to a check: 0 is
"taken" in the reply, and "allowed" in the check.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Final

from ringpass.clock import to_text
from ringpass.oa.consents.evidence import ConsentFact, ConsentSource, Evidence
from ringpass.oa.consents.zalo_events import parse_expiry
from ringpass.providers.zalo.oa_client import WORDS, ConsentResult, Done, Refused, ZaloResult

_REPLY_FACTS: Final[Mapping[int, ConsentFact]] = {
    0: ConsentFact.TAKEN,
    1: ConsentFact.ALLOWED,
    2: ConsentFact.TAKEN,
    3: ConsentFact.REFUSED,
    4: ConsentFact.BLOCKED,
    8: ConsentFact.WAITING,
}
"""All other numbers refuse the request itself."""
_CHECK_FACTS: Final[Mapping[int, ConsentFact]] = {
    0: ConsentFact.ALLOWED,
    1: ConsentFact.ALLOWED,
    2: ConsentFact.REQUESTED,
    3: ConsentFact.REFUSED,
    4: ConsentFact.BLOCKED,
    8: ConsentFact.WAITING,
    16: ConsentFact.EXPIRED,
    20: ConsentFact.NEVER_ASKED,
}


def fact_from_reply(result: ZaloResult[ConsentResult], request_id: str, now: datetime) -> Evidence:
    """Returns the fact that a reply to a request gives.

    Args:
        result: The reply.
        request_id: The request that it answers.
        now: When it came.
    """
    number, word, until = None, None, None
    kind = ConsentFact.UNCLEAR
    if isinstance(result, Done):
        number = result.value.number
        kind, word = _REPLY_FACTS[number], WORDS[number]
        until = parse_expiry(result.value.expires) if kind is ConsentFact.ALLOWED else None
    else:
        word = result.reason
    if isinstance(result, Refused):
        number = result.number
        kind = ConsentFact.NOT_SENT
        if number is not None:
            kind = _REPLY_FACTS.get(number, ConsentFact.NOT_SENT)
    return Evidence(
        kind=kind,
        source=ConsentSource.REPLY,
        at=to_text(now),
        received_at=to_text(now),
        until=until,
        zalo_value=None if number is None else str(number),
        why=word,
        request_id=request_id,
    )


def fact_from_check(
    result: ZaloResult[ConsentResult], at: datetime, now: datetime
) -> Evidence | None:
    """Returns the fact that the answer to a check gives; None if it gives none.

    Args:
        result: The answer.
        at: When the check was sent: the answer is at least as new.
        now: When the answer came.
    """
    if not isinstance(result, Done):
        return None
    number = result.value.number
    kind = _CHECK_FACTS[number]
    return Evidence(
        kind=kind,
        source=ConsentSource.CHECK,
        at=to_text(at),
        received_at=to_text(now),
        until=parse_expiry(result.value.expires) if kind is ConsentFact.ALLOWED else None,
        zalo_value=str(number),
        why=WORDS[number],
    )
