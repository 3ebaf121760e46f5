"""What Zalo's answers say of a permission to call, as facts.

The same number means one thing in a reply to a request, and another in an answer to a question: 0
is "taken" there, and "allowed" here.
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
"""All others refuse the request itself."""
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
    """What the reply to a request says.

    Args:
        result: The reply.
        request_id: Which request it answers.
        now: When it came.
    """
    number, why, until = None, None, None
    kind = ConsentFact.UNCLEAR
    if isinstance(result, Done):
        number = result.value.number
        kind, why = _REPLY_FACTS[number], WORDS[number]
        until = parse_expiry(result.value.expires) if kind is ConsentFact.ALLOWED else None
    else:
        why = result.reason
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
        why=why,
        request_id=request_id,
    )


def fact_from_check(
    result: ZaloResult[ConsentResult], at: datetime, now: datetime
) -> Evidence | None:
    """What the answer to a question says; None if it says nothing.

    Args:
        result: The answer.
        at: When the question was asked: since then at the latest it is so.
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
