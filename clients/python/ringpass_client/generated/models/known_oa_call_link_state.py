from enum import StrEnum


class KnownOaCallLinkState(StrEnum):
    ENDED = "ended"
    OPEN = "open"
    UNOPENED = "unopened"

    def __str__(self) -> str:
        return str(self.value)
