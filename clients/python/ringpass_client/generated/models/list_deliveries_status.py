from enum import StrEnum


class ListDeliveriesStatus(StrEnum):
    ACCEPTED = "accepted"
    ANSWERED = "answered"
    BILLING_FAILED = "billing_failed"
    BUSY = "busy"
    DELIVERED = "delivered"
    FAILED = "failed"
    NO_ANSWER = "no_answer"
    REFUSED = "refused"
    REJECTED = "rejected"
    RESERVED = "reserved"
    UNKNOWN = "unknown"
    UNREACHABLE = "unreachable"

    def __str__(self) -> str:
        return str(self.value)
