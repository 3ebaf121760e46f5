from enum import StrEnum


class KnownVerificationEnd(StrEnum):
    APPROVED = "approved"
    CANCELED = "canceled"
    EXPIRED = "expired"
    FAILED = "failed"
    MAX_ATTEMPTS_REACHED = "max_attempts_reached"

    def __str__(self) -> str:
        return str(self.value)
