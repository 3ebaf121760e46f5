from enum import StrEnum


class KnownCheckedCodeStatus(StrEnum):
    APPROVED = "approved"
    MAX_ATTEMPTS_REACHED = "max_attempts_reached"
    PENDING = "pending"

    def __str__(self) -> str:
        return str(self.value)
