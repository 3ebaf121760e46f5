from enum import StrEnum


class KnownFraudBudgetMode(StrEnum):
    ENFORCE = "enforce"
    OFF = "off"
    RECORD = "record"

    def __str__(self) -> str:
        return str(self.value)
