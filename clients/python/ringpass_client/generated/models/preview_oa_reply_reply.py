from enum import StrEnum


class PreviewOaReplyReply(StrEnum):
    BUSY = "busy"
    OUT_OF_HOURS = "out_of_hours"

    def __str__(self) -> str:
        return str(self.value)
