"""What Zalo's answers say of a permission to call, as facts.

The same number means one thing in a reply to a request, and another in an answer to a question: 0
is "taken" there, and "allowed" here.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Final

from ringpass.clock import to_text
from ringpass.oa.consents.evidence import ConsentFact, ConsentSource, Evidence
from ringpass.oa.consents.zalo_events import expiry_of
from ringpass.providers.zalo.oa_client import WORDS, ConsentResult, Done, Refused, ZaloResult

_OF_A_REPLY: Final[Mapping[int, ConsentFact]] = {
    0: ConsentFact.TAKEN,
    1: ConsentFact.ALLOWED,
    2: ConsentFact.TAKEN,
    3: ConsentFact.REFUSED,
    4: ConsentFact.BLOCKED,
    8: ConsentFact.WAITING,
}
"""All others refuse the request itself."""
_OF_A_CHECK: Final[Mapping[int, ConsentFact]] = {
    0: ConsentFact.ALLOWED,
    1: ConsentFact.ALLOWED,
    2: ConsentFact.REQUESTED,
    3: ConsentFact.REFUSED,
    4: ConsentFact.BLOCKED,
    8: ConsentFact.WAITING,
    16: ConsentFact.EXPIRED,
    20: ConsentFact.NEVER_ASKED,
}


def of_reply(said: ZaloResult[ConsentResult], request_id: str, now: datetime) -> Evidence:
    """What the reply to a request says.

    Args:
        said: The reply.
        request_id: Which request it answers.
        now: When it came.
    """
    number, why, until = None, None, None
    what = ConsentFact.UNCLEAR
    if isinstance(said, Done):
        number = said.value.number
        what, why = _OF_A_REPLY[number], WORDS[number]
        until = expiry_of(said.value.expires) if what is ConsentFact.ALLOWED else None
    else:
        why = said.reason
    if isinstance(said, Refused):
        number = said.number
        what = ConsentFact.NOT_SENT
        if number is not None:
            what = _OF_A_REPLY.get(number, ConsentFact.NOT_SENT)
    return Evidence(
        what=what,
        source=ConsentSource.REPLY,
        at=to_text(now),
        learnt_at=to_text(now),
        until=until,
        said=None if number is None else str(number),
        why=why,
        request_id=request_id,
    )


def of_check(said: ZaloResult[ConsentResult], at: datetime, now: datetime) -> Evidence | None:
    """What the answer to a question says; None if it says nothing.

    Args:
        said: The answer.
        at: When the question was asked: since then at the latest it is so.
        now: When the answer came.
    """
    if not isinstance(said, Done):
        return None
    number = said.value.number
    what = _OF_A_CHECK[number]
    return Evidence(
        what=what,
        source=ConsentSource.CHECK,
        at=to_text(at),
        learnt_at=to_text(now),
        until=expiry_of(said.value.expires) if what is ConsentFact.ALLOWED else None,
        said=str(number),
        why=WORDS[number],
    )
