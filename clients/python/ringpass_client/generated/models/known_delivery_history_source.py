from enum import StrEnum


class KnownDeliveryHistorySource(StrEnum):
    CDR = "cdr"
    FEEDBACK = "feedback"
    REPLY = "reply"
    REQUEST = "request"
    TIMER = "timer"

    def __str__(self) -> str:
        return str(self.value)
