"""The table of test numbers: the last two digits of any number decide what becomes of it."""

from dataclasses import dataclass
from enum import Enum, auto


class Answer(Enum):
    """What the provider does with the HTTP request."""

    ACCEPT = auto()
    SERVER_ERROR = auto()
    CUT = auto()
    SLOW = auto()
    REFUSE_WITH_200 = auto()
    THROTTLE = auto()
    UNAUTHORIZED = auto()
    HTML = auto()


@dataclass(frozen=True, slots=True)
class McnResult:
    """The two statuses of a Password Call's CDR: a Q.850 cause and MCN's own word."""

    q931_status: int
    final_status: str


# MCN's documentation gives "ANSWER" and "CANCEL" only, and for 31, 41 and the rest none.
ANSWERED = McnResult(16, "ANSWER")
BUSY = McnResult(17, "CANCEL")
NOT_ANSWERED = McnResult(16, "CANCEL")
REFUSED_BY_OPERATOR = McnResult(31, "CANCEL")
BILLING = McnResult(41, "CANCEL")
ABSENT = McnResult(20, "CANCEL")
UNALLOCATED = McnResult(1, "CANCEL")


_STATES = {ANSWERED: "ANSWERED", BUSY: "BUSY", NOT_ANSWERED: "NO ANSWER"}


@dataclass(frozen=True, slots=True)
class Ending:
    """One row of the table.

    what        the row in words, for the log
    answer      what the sender of the request gets
    placed      whether the phone rings, or the message goes out
    mcn         the CDR that MCN sends, None for none ever
    results     how many times that is sent
    result_first  whether it is sent, and answered, before the reply
    is_redirect what MCN says of a redirect, if it was asked to look
    """

    what: str
    answer: Answer = Answer.ACCEPT
    placed: bool = True
    mcn: McnResult | None = ANSWERED
    results: int = 1
    result_first: bool = False
    is_redirect: bool = False

    @property
    def bizfly(self) -> str | None:
        """The state in Bizfly's call result, an exchange's usual word; None for no result ever."""
        return None if self.mcn is None else _STATES.get(self.mcn, "FAILED")


def _not_placed(what: str, answer: Answer) -> Ending:
    return Ending(what, answer, placed=False, mcn=None)


WELL = Ending("well")

ENDINGS: dict[str, Ending] = {
    "01": Ending("busy", mcn=BUSY),
    "02": Ending("not answered", mcn=NOT_ANSWERED),
    "03": Ending("refused by the other operator", mcn=REFUSED_BY_OPERATOR),
    "04": Ending("billing problem", mcn=BILLING),
    "05": Ending("subscriber absent", mcn=ABSENT),
    "06": _not_placed("HTTP 500", Answer.SERVER_ERROR),
    "07": Ending("connection cut", Answer.CUT),
    "08": Ending("CDR before the reply", result_first=True),
    "09": Ending("CDR three times", results=3),
    "10": Ending("no CDR ever", mcn=None),
    "11": Ending("slow reply", Answer.SLOW),
    "12": _not_placed("refused with HTTP 200", Answer.REFUSE_WITH_200),
    "13": _not_placed("too many requests", Answer.THROTTLE),
    "14": _not_placed("HTTP 401", Answer.UNAUTHORIZED),
    "15": Ending("redirected", is_redirect=True),
    "16": _not_placed("HTML with HTTP 502", Answer.HTML),
    "17": Ending("unallocated number", mcn=UNALLOCATED),
}


def ending_of(digits: str) -> Ending:
    """Find the row for a number, or for two digits alone; all others end well."""
    return ENDINGS.get(digits[-2:], WELL)
