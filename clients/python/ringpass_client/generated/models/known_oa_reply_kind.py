from enum import StrEnum


class KnownOaReplyKind(StrEnum):
    BUSY = "busy"
    OUT_OF_HOURS = "out_of_hours"

    def __str__(self) -> str:
        return str(self.value)
