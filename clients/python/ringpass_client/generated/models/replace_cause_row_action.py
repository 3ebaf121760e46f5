from enum import StrEnum


class ReplaceCauseRowAction(StrEnum):
    NEXT = "next"
    RETRY = "retry"
    STOP = "stop"
    WAIT = "wait"

    def __str__(self) -> str:
        return str(self.value)
