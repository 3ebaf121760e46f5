from enum import StrEnum


class ReplaceAddressCountriesMode(StrEnum):
    ENFORCE = "enforce"
    OFF = "off"
    RECORD = "record"

    def __str__(self) -> str:
        return str(self.value)
