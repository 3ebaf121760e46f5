from enum import StrEnum


class KnownOaConsentSource(StrEnum):
    CHECK = "check"
    EVENT = "event"
    REPLY = "reply"
    REQUEST = "request"

    def __str__(self) -> str:
        return str(self.value)
