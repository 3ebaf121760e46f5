from enum import StrEnum


class KnownProviderStatus(StrEnum):
    ACTIVE = "active"
    NOT_CONFIGURED = "not_configured"
    PROBING = "probing"
    SUSPENDED = "suspended"

    def __str__(self) -> str:
        return str(self.value)
