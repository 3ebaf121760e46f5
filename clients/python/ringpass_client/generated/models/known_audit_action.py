from enum import StrEnum


class KnownAuditAction(StrEnum):
    ACTIVATED = "activated"
    CREATED = "created"
    DEACTIVATED = "deactivated"
    DELETED = "deleted"
    ENABLED = "enabled"
    REPLACED = "replaced"
    RESUMED = "resumed"
    REVOKED = "revoked"
    ROTATED = "rotated"

    def __str__(self) -> str:
        return str(self.value)
