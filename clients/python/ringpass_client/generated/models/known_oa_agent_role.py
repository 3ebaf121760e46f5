from enum import StrEnum


class KnownOaAgentRole(StrEnum):
    ADMINISTRATOR = "administrator"
    CUSTOMER_CARE = "customer_care"

    def __str__(self) -> str:
        return str(self.value)
