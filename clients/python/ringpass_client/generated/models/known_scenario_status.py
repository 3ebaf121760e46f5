from enum import StrEnum


class KnownScenarioStatus(StrEnum):
    ACTIVE = "active"
    DEACTIVATED = "deactivated"
    INACTIVE = "inactive"

    def __str__(self) -> str:
        return str(self.value)
