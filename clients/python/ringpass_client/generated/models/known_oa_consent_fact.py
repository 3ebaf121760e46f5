from enum import StrEnum


class KnownOaConsentFact(StrEnum):
    ALLOWED = "allowed"
    ASKED = "asked"
    BLOCKED = "blocked"
    EXPIRED = "expired"
    NEVER_ASKED = "never_asked"
    NOT_SENT = "not_sent"
    REFUSED = "refused"
    REQUESTED = "requested"
    TAKEN = "taken"
    UNCLEAR = "unclear"
    WAITING = "waiting"

    def __str__(self) -> str:
        return str(self.value)
