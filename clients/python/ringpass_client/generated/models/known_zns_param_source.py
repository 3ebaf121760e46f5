from enum import StrEnum


class KnownZnsParamSource(StrEnum):
    CODE = "code"
    CONSTANT = "constant"
    METADATA = "metadata"
    REQUEST = "request"

    def __str__(self) -> str:
        return str(self.value)
