from enum import StrEnum


class KnownCauseAction(StrEnum):
    NEXT = "next"
    RETRY = "retry"
    STOP = "stop"
    WAIT = "wait"

    def __str__(self) -> str:
        return str(self.value)
