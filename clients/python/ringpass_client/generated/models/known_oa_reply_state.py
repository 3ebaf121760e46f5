from enum import StrEnum


class KnownOaReplyState(StrEnum):
    REFUSED = "refused"
    SENT = "sent"
    SKIPPED = "skipped"
    UNKNOWN = "unknown"

    def __str__(self) -> str:
        return str(self.value)
