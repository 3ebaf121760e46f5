from enum import StrEnum


class ReplaceFraudBudgetMode(StrEnum):
    ENFORCE = "enforce"
    OFF = "off"
    RECORD = "record"

    def __str__(self) -> str:
        return str(self.value)
