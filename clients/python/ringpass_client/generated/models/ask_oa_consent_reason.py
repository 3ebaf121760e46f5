from enum import StrEnum


class AskOaConsentReason(StrEnum):
    CONSULTING = "consulting"
    DELIVERY = "delivery"
    FLIGHT = "flight"
    ORDER_OR_APPOINTMENT = "order_or_appointment"
    ORDER_UPDATE = "order_update"

    def __str__(self) -> str:
        return str(self.value)
