from enum import StrEnum


class ListAuditEntriesResource(StrEnum):
    API_KEY = "api_key"
    CAUSE_TABLE = "cause_table"
    OA_AGENT = "oa_agent"
    OA_SETTINGS = "oa_settings"
    PHONE = "phone"
    PROVIDER = "provider"
    SCENARIO = "scenario"
    SETTINGS = "settings"
    WEBHOOK_ENDPOINT = "webhook_endpoint"
    ZNS_TEMPLATE = "zns_template"

    def __str__(self) -> str:
        return str(self.value)
