"""The tables of Zalo's calls: the last two digits of a number decide of consents and of calls."""

from dataclasses import dataclass

from sandbox.endings import Answer

# Zalo's numbers in replies about consents. 0, 1, 2 and 8 are states, no failures. 15 and 17 are not
# in its table.
MESSAGES = {
    0: "Success",
    1: "Already allowed to call",
    2: "Request sent",
    3: "User rejected the request",
    4: "User blocked",
    5: "Too many requests",
    6: "Insufficient permissions",
    7: "Reason required",
    8: "Waiting for user approval",
    9: "User has never interacted with this OA",
    10: "Bad connection",
    11: "Bad request",
    12: "System error",
    13: "Invalid param",
    14: "Failed",
    16: "Consent expired",
    18: "Outside working hours",
    19: "Not in permitted time range",
    20: "Consent was never requested",
    21: "Inbound call is off",
    -216: "Access token is invalid",
}
APPROVED, ALREADY_ALLOWED, SENT, REJECTED, BLOCKED = 0, 1, 2, 3, 4
TOO_MANY, NO_PERMISSION, WAITING, NEVER_INTERACTED = 5, 6, 8, 9
INVALID_PARAM, FAILED, EXPIRED, NEVER_REQUESTED = 13, 14, 16, 20
TOKEN_INVALID = -216

ALLOW, USER_BLOCKED = "ALLOW", "USER_BLOCKED"
# Zalo documents the two above, and that all else is a refusal: one public client names it so.
DENY = "DENY"
RAN_OUT = "EXPIRED"
"""Not a reply of the user: the request was not answered in time."""

DAY_MS = 86_400_000
PERMISSION_MS = 30 * DAY_MS


@dataclass(frozen=True, slots=True)
class ConsentEnding:
    """What becomes of a request for a consent.

    what          the row in words, for the log
    answer        what the sender of the request gets
    error         Zalo's number in the reply; other than 0 the request is not sent
    reply         what comes of it a second later: the user's word, or RAN_OUT; None for nothing
    lasts_ms      how long a permission holds; 0 for without end, None where Zalo does not say it
    events        how many times each event comes; 0 for none ever
    events_first  whether all of them come, and are answered, before the reply
    """

    what: str
    answer: Answer = Answer.ACCEPT
    error: int = 0
    reply: str | None = ALLOW
    lasts_ms: int | None = PERMISSION_MS
    events: int = 1
    events_first: bool = False

    @property
    def is_sent(self) -> bool:
        """Tell whether the user gets the request."""
        return self.error == 0 and self.answer in {Answer.ACCEPT, Answer.CUT, Answer.SLOW}


@dataclass(frozen=True, slots=True)
class CallEnding:
    """What becomes of a call: how long it is talked, in seconds, and how often its event comes.

    status_code is the sandbox's own: what Zalo's mean is not documented.
    """

    talk_seconds: int = 21
    waiting_seconds: int = 4
    status_code: int = 0
    events: int = 1


_ALLOWED = ConsentEnding("allowed")
_TALKED = CallEnding()

CONSENTS: dict[str, ConsentEnding] = {
    "01": ConsentEnding("refused by the user", reply=DENY),
    "02": ConsentEnding("not answered by the user", reply=RAN_OUT),
    "03": ConsentEnding("the user blocks the OA", reply=USER_BLOCKED),
    "04": ConsentEnding("insufficient permissions", error=NO_PERMISSION),
    "05": ConsentEnding("never interacted", error=NEVER_INTERACTED),
    "06": ConsentEnding("HTTP 500", Answer.SERVER_ERROR),
    "07": ConsentEnding("connection cut", Answer.CUT),
    "08": ConsentEnding("events before the reply", events_first=True),
    "09": ConsentEnding("each event three times", events=3),
    "10": ConsentEnding("no event ever", reply=None, events=0),
    "11": ConsentEnding("slow reply", Answer.SLOW),
    "12": ConsentEnding("failed", error=FAILED),
    "13": ConsentEnding("too many requests", error=TOO_MANY),
    "14": ConsentEnding("access token invalid", error=TOKEN_INVALID),
    "15": ConsentEnding("allowed without end", lasts_ms=0),
    "16": ConsentEnding("HTML with HTTP 502", Answer.HTML),
    "17": ConsentEnding("allowed, Zalo does not say until when", lasts_ms=None),
}
CALLS: dict[str, CallEnding] = {
    "01": CallEnding(talk_seconds=0, waiting_seconds=2, status_code=1),
    "02": CallEnding(talk_seconds=0, waiting_seconds=30, status_code=2),
    "09": CallEnding(events=3),
    "10": CallEnding(events=0),
}


def consent_of(digits: str) -> ConsentEnding:
    """Find the row for a number, or for two digits alone; all others end in a permission."""
    return CONSENTS.get(digits[-2:], _ALLOWED)


def call_of(digits: str) -> CallEnding:
    """Find what becomes of a call to a number, or for two digits alone; all others are talked."""
    return CALLS.get(digits[-2:], _TALKED)
