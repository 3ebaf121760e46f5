from enum import StrEnum


class KnownProviderSuspensionEndedStatus(StrEnum):
    ACTIVE = "active"

    def __str__(self) -> str:
        return str(self.value)
