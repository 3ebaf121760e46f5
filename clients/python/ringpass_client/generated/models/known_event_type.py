from enum import StrEnum


class KnownEventType(StrEnum):
    CONSENT_CHANGED = "consent.changed"
    DELIVERY_ACCEPTED = "delivery.accepted"
    DELIVERY_SETTLED = "delivery.settled"
    DELIVERY_UNKNOWN = "delivery.unknown"
    LIMIT_REFUSED = "limit.refused"
    OA_CALL_ENDED = "oa_call.ended"
    PING = "ping"
    PROVIDER_RECOVERED = "provider.recovered"
    PROVIDER_SUSPENDED = "provider.suspended"
    VERIFICATION_APPROVED = "verification.approved"
    VERIFICATION_ENDED = "verification.ended"
    VERIFICATION_STARTED = "verification.started"
    VERIFICATION_STEP_TAKEN = "verification.step_taken"
    WEBHOOK_ENDPOINT_DISABLED = "webhook_endpoint.disabled"

    def __str__(self) -> str:
        return str(self.value)
