"""What becomes of a request to a test number: the last two digits choose (docs/test-numbers.md)."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from ringpass.providers.mcn.call_reference import REHEARSED_ACCOUNT


class Reply(StrEnum):
    """How the provider answers."""

    ACCEPTS = "accepts"
    ACCEPTS_LATE = "accepts_late"
    BREAKS = "breaks"
    CUTS = "cuts"
    STAYS_SILENT = "stays_silent"
    REFUSES = "refuses"
    LIMITS = "limits"
    DENIES = "denies"
    SENDS_HTML = "sends_html"


@dataclass(frozen=True, slots=True)
class CallEnd:
    """What a CDR will say, and how often."""

    q931_status: int
    final_status: str
    times: int = 1

    @property
    def state(self) -> str:
        """Bizfly's word for the same end, as far as it tells ends apart."""
        return _STATES.get((self.q931_status, self.final_status), "FAILED")


_STATES: Final[Mapping[tuple[int, str], str]] = {
    (16, "ANSWER"): "ANSWERED",
    (16, "CANCEL"): "NO ANSWER",
    (17, "CANCEL"): "BUSY",
}


@dataclass(frozen=True, slots=True)
class ScriptedOutcome:
    """What becomes of a request to a test number."""

    reply: Reply = Reply.ACCEPTS
    call: CallEnd | None = None
    is_redirect: bool = False


ANSWERED: Final = CallEnd(16, "ANSWER")
_ENDINGS: Final[Mapping[str, ScriptedOutcome]] = {
    "01": ScriptedOutcome(call=CallEnd(17, "CANCEL")),
    "02": ScriptedOutcome(call=CallEnd(16, "CANCEL")),
    "03": ScriptedOutcome(call=CallEnd(31, "CANCEL")),
    "04": ScriptedOutcome(call=CallEnd(41, "CANCEL")),
    "05": ScriptedOutcome(call=CallEnd(20, "CANCEL")),
    "06": ScriptedOutcome(Reply.BREAKS),
    "07": ScriptedOutcome(Reply.CUTS, ANSWERED),
    "08": ScriptedOutcome(Reply.ACCEPTS_LATE, ANSWERED),
    "09": ScriptedOutcome(call=CallEnd(16, "ANSWER", times=3)),
    "10": ScriptedOutcome(),
    "11": ScriptedOutcome(Reply.STAYS_SILENT, ANSWERED),
    "12": ScriptedOutcome(Reply.REFUSES),
    "13": ScriptedOutcome(Reply.LIMITS),
    "14": ScriptedOutcome(Reply.DENIES),
    "15": ScriptedOutcome(call=ANSWERED, is_redirect=True),
    "16": ScriptedOutcome(Reply.SENDS_HTML),
    "17": ScriptedOutcome(call=CallEnd(1, "CANCEL")),
}
_WELL: Final = ScriptedOutcome(call=ANSWERED)


def ending_of(e164: str) -> ScriptedOutcome:
    """What becomes of a request to this test number."""
    return _ENDINGS.get(e164[-2:], _WELL)


def reference_of(delivery_id: str) -> str:
    """The call's id at the provider that is played: known without its reply."""
    digest = hashlib.sha256(delivery_id.encode()).hexdigest()
    return f"{digest[:12]}_{REHEARSED_ACCOUNT}"
