from enum import StrEnum


class KnownZnsTicket(StrEnum):
    GIVEN = "given"
    NEW = "new"

    def __str__(self) -> str:
        return str(self.value)
