"""Scripted outcomes of test numbers: the last two digits choose one (docs/test-numbers.md)."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from ringpass.providers.mcn.call_reference import SIMULATED_ACCOUNT


class SimulatedReply(StrEnum):
    """How the simulated provider responds."""

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
class SimulatedCdr:
    """Content of the simulated CDR, and how often it is sent."""

    q931_status: int
    final_status: str
    times: int = 1

    @property
    def state(self) -> str:
        """Bizfly's state for the same end of a call; it has fewer words than MCN."""
        return _STATES.get((self.q931_status, self.final_status), "FAILED")


_STATES: Final[Mapping[tuple[int, str], str]] = {
    (16, "ANSWER"): "ANSWERED",
    (16, "CANCEL"): "NO ANSWER",
    (17, "CANCEL"): "BUSY",
}


@dataclass(frozen=True, slots=True)
class ScriptedOutcome:
    """Scripted outcome of a request to a test number."""

    reply: SimulatedReply = SimulatedReply.ACCEPTS
    call: SimulatedCdr | None = None
    is_redirect: bool = False


ANSWERED: Final = SimulatedCdr(16, "ANSWER")
_BY_LAST_DIGITS: Final[Mapping[str, ScriptedOutcome]] = {
    "01": ScriptedOutcome(call=SimulatedCdr(17, "CANCEL")),
    "02": ScriptedOutcome(call=SimulatedCdr(16, "CANCEL")),
    "03": ScriptedOutcome(call=SimulatedCdr(31, "CANCEL")),
    "04": ScriptedOutcome(call=SimulatedCdr(41, "CANCEL")),
    "05": ScriptedOutcome(call=SimulatedCdr(20, "CANCEL")),
    "06": ScriptedOutcome(SimulatedReply.BREAKS),
    "07": ScriptedOutcome(SimulatedReply.CUTS, ANSWERED),
    "08": ScriptedOutcome(SimulatedReply.ACCEPTS_LATE, ANSWERED),
    "09": ScriptedOutcome(call=SimulatedCdr(16, "ANSWER", times=3)),
    "10": ScriptedOutcome(),
    "11": ScriptedOutcome(SimulatedReply.STAYS_SILENT, ANSWERED),
    "12": ScriptedOutcome(SimulatedReply.REFUSES),
    "13": ScriptedOutcome(SimulatedReply.LIMITS),
    "14": ScriptedOutcome(SimulatedReply.DENIES),
    "15": ScriptedOutcome(call=ANSWERED, is_redirect=True),
    "16": ScriptedOutcome(SimulatedReply.SENDS_HTML),
    "17": ScriptedOutcome(call=SimulatedCdr(1, "CANCEL")),
}
_DEFAULT: Final = ScriptedOutcome(call=ANSWERED)


def outcome_for(e164: str) -> ScriptedOutcome:
    """Returns the scripted outcome of a test number."""
    return _BY_LAST_DIGITS.get(e164[-2:], _DEFAULT)


def reference_of(delivery_id: str) -> str:
    """Returns the call's id at the simulated provider, which is known without a response."""
    digest = hashlib.sha256(delivery_id.encode()).hexdigest()
    return f"{digest[:12]}_{SIMULATED_ACCOUNT}"
