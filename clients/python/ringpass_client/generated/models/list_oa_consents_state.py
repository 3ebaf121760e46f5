from enum import StrEnum


class ListOaConsentsState(StrEnum):
    ALLOWED = "allowed"
    BLOCKED = "blocked"
    EXPIRED = "expired"
    NOT_ASKED = "not_asked"
    REFUSED = "refused"
    REQUESTED = "requested"
    WAITING = "waiting"

    def __str__(self) -> str:
        return str(self.value)
