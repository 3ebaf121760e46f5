from enum import StrEnum


class KnownDeliveryCostKind(StrEnum):
    ESTIMATED = "estimated"
    SETTLED = "settled"

    def __str__(self) -> str:
        return str(self.value)
