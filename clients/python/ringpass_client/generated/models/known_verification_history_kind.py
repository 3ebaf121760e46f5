from enum import StrEnum


class KnownVerificationHistoryKind(StrEnum):
    CHECKED = "checked"
    ENDED = "ended"
    EXHAUSTED = "exhausted"
    OUTCOME = "outcome"
    SENT = "sent"
    SKIPPED = "skipped"
    STARTED = "started"

    def __str__(self) -> str:
        return str(self.value)
