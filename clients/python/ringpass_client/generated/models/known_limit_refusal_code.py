from enum import StrEnum


class KnownLimitRefusalCode(StrEnum):
    LIMIT_REACHED = "limit_reached"
    NOT_ALLOWED = "not_allowed"

    def __str__(self) -> str:
        return str(self.value)
