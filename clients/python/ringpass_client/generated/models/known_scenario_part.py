from enum import StrEnum


class KnownScenarioPart(StrEnum):
    CLOSING = "closing"
    DIGITS = "digits"
    GREETING = "greeting"
    PAUSE = "pause"
    REPEAT_ANNOUNCEMENT = "repeat_announcement"

    def __str__(self) -> str:
        return str(self.value)
