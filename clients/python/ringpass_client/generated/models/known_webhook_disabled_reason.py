from enum import StrEnum


class KnownWebhookDisabledReason(StrEnum):
    FAILING = "failing"
    GONE = "gone"

    def __str__(self) -> str:
        return str(self.value)
