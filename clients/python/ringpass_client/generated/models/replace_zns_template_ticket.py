from enum import StrEnum


class ReplaceZnsTemplateTicket(StrEnum):
    GIVEN = "given"
    NEW = "new"

    def __str__(self) -> str:
        return str(self.value)
