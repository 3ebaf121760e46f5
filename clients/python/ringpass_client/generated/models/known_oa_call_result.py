from enum import StrEnum


class KnownOaCallResult(StrEnum):
    ANSWERED = "answered"
    NOT_ANSWERED = "not_answered"
    OPEN = "open"

    def __str__(self) -> str:
        return str(self.value)
