"""Names of the document: each stands alone, where a class or a function has its module beside it.

Generators put all of them into one flat namespace: ``Status`` would say nothing there.
"""

from collections.abc import Mapping
from typing import Any, Final

_SCHEMAS: Final = "#/components/schemas/"

_NAMES: Final[Mapping[str, str]] = {
    # Sends, deliveries, verifications.
    "VoiceOtp": "SendVoiceOtp",
    "PasswordCall": "SendPasswordCall",
    "Zns": "SendZns",
    "RecordFeedback": "RecordDeliveryFeedback",
    "Status": "DeliveryStatus",
    "Cost": "DeliveryCost",
    "CostKind": "DeliveryCostKind",
    "HistoryEntry": "DeliveryHistoryEntry",
    "Source": "DeliveryHistorySource",
    "StoryLine": "VerificationHistoryEntry",
    "VerificationEvent": "VerificationHistoryKind",
    "GivenStep": "WorkflowStepChoice",
    "Checked": "CheckedCode",
    # Reports.
    "Ends": "VerificationEndCounts",
    "FeedbackCounts": "DeliveryFeedbackCounts",
    "Conversion": "ConversionRates",
    "Figures": "StatisticsFigures",
    "FiguresOf": "StatisticsItem",
    "Costs": "CostReport",
    "CostSum": "CurrencyCost",
    "DayCosts": "DayCost",
    "Decision": "LimitDecision",
    "DecisionPage": "LimitDecisionPage",
    "RefusalCode": "LimitRefusalCode",
    "RefusalData": "LimitRefusalData",
    # A client's own data.
    "Key": "ApiKey",
    "KeyPage": "ApiKeyPage",
    "NewKey": "NewApiKey",
    "CreateKey": "CreateApiKey",
    "RotateKey": "RotateApiKey",
    "ReplaceSettings": "ReplaceClientSettings",
    "Limits": "ReplaceLimits",
    "LimitSettings": "ClientLimits",
    "PhoneWindow": "ReplacePhoneWindow",
    "AllClientsWindow": "ReplaceAllClientsWindow",
    "PrefixWindow": "ReplacePrefixWindow",
    "WindowSettings": "SendWindow",
    "NumberList": "ReplaceNumberList",
    "NumberListSettings": "NumberList",
    "UnverifiedBudget": "ReplaceFraudBudget",
    "HourlyUnverifiedBudget": "ReplaceHourlyFraudBudget",
    "CountriesOfAnAddress": "ReplaceAddressCountries",
    "BudgetSettings": "FraudBudget",
    "HourlyBudgetSettings": "HourlyFraudBudget",
    "IpCountriesSettings": "AddressCountries",
    "Mode": "FraudBudgetMode",
    "Providers": "ReplaceProviderOrder",
    "ZnsTemplate": "ReplaceDefaultTemplate",
    "ZnsSettings": "DefaultTemplate",
    "StepSettings": "WorkflowStepSettings",
    "Action": "CauseAction",
    "ChangedRow": "ReplaceCauseRow",
    "AuditEntryList": "AuditEntryPage",
    # ZNS templates, scenarios.
    "RegisterTemplate": "RegisterZnsTemplate",
    "ReplaceTemplate": "ReplaceZnsTemplate",
    "TemplateParam": "RegisterZnsParam",
    "RegisteredTemplate": "ZnsTemplate",
    "RegisteredParam": "ZnsParam",
    "TemplatePage": "ZnsTemplatePage",
    "ParamSource": "ZnsParamSource",
    "ParamType": "ZnsParamType",
    "Ticket": "ZnsTicket",
    "Part": "ScenarioPart",
    "ScenarioGuide": "ScenarioApiGuide",
    # Calls of an OA.
    "AddAgent": "AddOaAgent",
    "AgentAction": "OaAgentAction",
    "AgentRole": "OaAgentRole",
    "AskConsent": "AskOaConsent",
    "ConsentData": "OaConsentData",
    "ConsentFact": "OaConsentFact",
    "ConsentReason": "OaConsentReason",
    "ConsentSource": "OaConsentSource",
    "ConsentState": "OaConsentState",
    "CallResult": "OaCallResult",
    "CallType": "OaCallType",
    "Direction": "OaCallDirection",
    "LinkState": "OaCallLinkState",
    "PlaceCall": "PlaceOaCall",
    "FailedCheck": "OaCallCheck",
    "GivenHours": "ReplaceOaHours",
    "GivenReplies": "ReplaceOaReplies",
    "GivenSpan": "ReplaceOaSpan",
    "GivenSuspension": "ReplaceOaSuspension",
    "PreviewReply": "PreviewOaReply",
    "Reply": "OaReplyKind",
    "ReplyState": "OaReplyState",
    # Webhooks, out and in.
    "RegisterEndpoint": "RegisterWebhookEndpoint",
    "ReplaceEndpoint": "ReplaceWebhookEndpoint",
    "RotateEndpointSecret": "RotateWebhookSecret",
    "EndpointStatus": "WebhookEndpointStatus",
    "DisabledReason": "WebhookDisabledReason",
    "WebhookTest": "WebhookTestSent",
    "WebhookReplay": "WebhookReplayStarted",
    "Cdr": "McnCdr",
    "CdrsReceived": "McnCdrsReceived",
    "CallResultsReceived": "BizflyCallResultsReceived",
    "EventsReceived": "ProviderEventsReceived",
    "TicketEvent": "CaresoftTicketEvent",
    # The stack.
    "Health": "StackHealth",
    "SuspensionEnded": "ProviderSuspensionEnded",
}
"""Name of a class -> that of its schema, where they differ."""


_OPERATIONS: Final[Mapping[str, str]] = {
    # One function answers several of these routes.
    "POST /v1/scenarios/{id}/preview": "previewScenario",
    "GET /v1/scenarios/{id}/preview": "readScenarioPreview",
    "POST /v1/webhooks/mcn": "receiveMcnCdrs",
    "POST /v1/webhooks/mcn/{token}": "receiveMcnCdrsWithToken",
    "GET /v1/webhooks/mcn": "receiveMcnCdrInQuery",
    "GET /v1/webhooks/mcn/{token}": "receiveMcnCdrInQueryWithToken",
    # The function's name says less than the route.
    "GET /": "proveDomainToZalo",
    "GET /v1/asyncapi.json": "describeEvents",
    "GET /v1/health": "readHealth",
    "GET /v1/audit": "listAuditEntries",
    "GET /v1/costs": "readCosts",
    "GET /v1/decisions": "listLimitDecisions",
    "GET /v1/keys": "listApiKeys",
    "POST /v1/keys": "createApiKey",
    "DELETE /v1/keys/{id}": "revokeApiKey",
    "POST /v1/keys/{id}/rotate": "rotateApiKey",
    "GET /v1/settings": "readClientSettings",
    "PUT /v1/settings": "replaceClientSettings",
    "POST /v1/deliveries/{id}/feedback": "recordDeliveryFeedback",
    "DELETE /v1/providers/{name}/suspension": "endProviderSuspension",
    "GET /v1/scenarios/{id}/api-guide": "readScenarioApiGuide",
    "GET /v1/zns-templates": "listZnsTemplates",
    "POST /v1/zns-templates": "registerZnsTemplate",
    "GET /v1/zns-templates/{id}": "readZnsTemplate",
    "PUT /v1/zns-templates/{id}": "replaceZnsTemplate",
    "DELETE /v1/zns-templates/{id}": "deleteZnsTemplate",
    "GET /v1/oa/{oa_id}/consents": "listOaConsents",
    "POST /v1/oa/{oa_id}/consents": "askOaConsent",
    "DELETE /v1/oa/{oa_id}/consents": "deleteOaConsentsOfNumber",
    "GET /v1/oa/{oa_id}/consents/export": "exportOaConsents",
    "GET /v1/oa/{oa_id}/consents/{id}": "readOaConsent",
    "DELETE /v1/oa/{oa_id}/consents/{id}": "deleteOaConsent",
    "POST /v1/oa/{oa_id}/consents/{id}/check": "checkOaConsent",
    "POST /v1/webhook-endpoints/{id}/replay": "replayWebhookEvents",
    "POST /v1/hooks/{server}": "receiveSignInCode",
    "POST /v1/webhooks/bizfly": "receiveBizflyCallResults",
    "POST /v1/webhooks/caresoft": "receiveCaresoftEvents",
    "POST /v1/webhooks/zalo": "receiveZaloEvents",
}
"""Route -> ``operationId``, where it is not the function's name."""


def operation_id(route: str, function: str) -> str:
    """Name of an operation: its function's in camel case, or one of its own."""
    first, *others = function.split("_")
    return _OPERATIONS.get(route, first + "".join(word.title() for word in others))


def schema_name(name: str) -> str:
    """Name of a class's schema."""
    return _NAMES.get(name, name)


def reference(name: str) -> dict[str, str]:
    """Where the schema of a class is."""
    return {"$ref": _SCHEMAS + schema_name(name)}


def renamed(definitions: Mapping[str, Any]) -> dict[str, Any]:
    """The schemas under their names in the document, and so all that they refer to.

    Args:
        definitions: Schemas by the names of their classes.

    Raises:
        LookupError: Two schemas would have one name, or a name is of no class.
    """
    names = [schema_name(name) for name in definitions]
    unknown = set(_NAMES) - set(definitions)
    if len(set(names)) < len(names) or unknown:
        twice = {name for name in names if names.count(name) > 1}
        raise LookupError(f"local/openapi/names.py: twice {twice}, of no class {unknown}")
    return {
        name: _referring(definition)
        for name, definition in zip(names, definitions.values(), strict=True)
    }


def _referring(part: Any) -> Any:  # noqa: ANN401 - JSON
    if isinstance(part, list):
        return [_referring(one) for one in part]
    if not isinstance(part, Mapping):
        return part
    return {
        name: (
            _SCHEMAS + schema_name(value.removeprefix(_SCHEMAS))
            if name == "$ref" and isinstance(value, str)
            else _referring(value)
        )
        for name, value in part.items()
    }
