from enum import StrEnum


class KnownZnsParamType(StrEnum):
    DATE = "date"
    NUMBER = "number"
    PHONE = "phone"
    TEXT = "text"
    URL = "url"

    def __str__(self) -> str:
        return str(self.value)
