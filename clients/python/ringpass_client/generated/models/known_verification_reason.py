from enum import StrEnum


class KnownVerificationReason(StrEnum):
    ALL_FAILED = "all_failed"
    ASKED = "asked"
    ATTEMPTS_USED = "attempts_used"
    CODE_RIGHT = "code_right"
    DELETED = "deleted"
    REPLACED = "replaced"
    TIME_OVER = "time_over"

    def __str__(self) -> str:
        return str(self.value)
