from enum import StrEnum


class ReplaceHourlyFraudBudgetMode(StrEnum):
    ENFORCE = "enforce"
    OFF = "off"
    RECORD = "record"

    def __str__(self) -> str:
        return str(self.value)
