from enum import StrEnum


class KnownStackHealthStatus(StrEnum):
    OK = "ok"

    def __str__(self) -> str:
        return str(self.value)
