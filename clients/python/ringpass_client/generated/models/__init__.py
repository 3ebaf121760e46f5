"""Classes of the schemas."""

from .add_oa_agent import AddOaAgent
from .add_oa_agent_role import AddOaAgentRole
from .added_oa_agent import AddedOaAgent
from .address_countries import AddressCountries
from .api_key import ApiKey
from .api_key_page import ApiKeyPage
from .ask_oa_consent import AskOaConsent
from .ask_oa_consent_call_type import AskOaConsentCallType
from .ask_oa_consent_reason import AskOaConsentReason
from .audit_entry import AuditEntry
from .audit_entry_page import AuditEntryPage
from .cause_row import CauseRow
from .cause_table import CauseTable
from .check_code import CheckCode
from .checked_code import CheckedCode
from .client_limits import ClientLimits
from .client_limits_daily_money import ClientLimitsDailyMoney
from .client_settings import ClientSettings
from .client_settings_countries import ClientSettingsCountries
from .client_settings_providers import ClientSettingsProviders
from .client_settings_timeouts import ClientSettingsTimeouts
from .client_settings_workflows import ClientSettingsWorkflows
from .consent_changed_event import ConsentChangedEvent
from .conversion_rates import ConversionRates
from .copy_scenario import CopyScenario
from .cost_line import CostLine
from .cost_report import CostReport
from .create_api_key import CreateApiKey
from .create_api_key_scopes_item import CreateApiKeyScopesItem
from .create_scenario import CreateScenario
from .currency_cost import CurrencyCost
from .day_cost import DayCost
from .default_template import DefaultTemplate
from .default_template_params import DefaultTemplateParams
from .delivery import Delivery
from .delivery_accepted_event import DeliveryAcceptedEvent
from .delivery_cost import DeliveryCost
from .delivery_data import DeliveryData
from .delivery_data_metadata import DeliveryDataMetadata
from .delivery_feedback_counts import DeliveryFeedbackCounts
from .delivery_history_entry import DeliveryHistoryEntry
from .delivery_metadata import DeliveryMetadata
from .delivery_page import DeliveryPage
from .delivery_record import DeliveryRecord
from .delivery_record_metadata import DeliveryRecordMetadata
from .delivery_settled_event import DeliverySettledEvent
from .delivery_unknown_event import DeliveryUnknownEvent
from .end_provider_suspension_name import EndProviderSuspensionName
from .event import Event
from .event_data_type_7 import EventDataType7
from .event_page import EventPage
from .export_oa_consents_format import ExportOaConsentsFormat
from .field_error import FieldError
from .fraud_budget import FraudBudget
from .gateway_message import GatewayMessage
from .hourly_fraud_budget import HourlyFraudBudget
from .known_api_key_scope import KnownApiKeyScope
from .known_audit_action import KnownAuditAction
from .known_audit_resource import KnownAuditResource
from .known_cause_action import KnownCauseAction
from .known_channel import KnownChannel
from .known_checked_code_status import KnownCheckedCodeStatus
from .known_counted_channel import KnownCountedChannel
from .known_delivery_cost_kind import KnownDeliveryCostKind
from .known_delivery_history_source import KnownDeliveryHistorySource
from .known_delivery_status import KnownDeliveryStatus
from .known_event_type import KnownEventType
from .known_fraud_budget_mode import KnownFraudBudgetMode
from .known_limit_refusal_code import KnownLimitRefusalCode
from .known_oa_agent_action import KnownOaAgentAction
from .known_oa_agent_role import KnownOaAgentRole
from .known_oa_call_direction import KnownOaCallDirection
from .known_oa_call_link_state import KnownOaCallLinkState
from .known_oa_call_result import KnownOaCallResult
from .known_oa_call_type import KnownOaCallType
from .known_oa_consent_fact import KnownOaConsentFact
from .known_oa_consent_reason import KnownOaConsentReason
from .known_oa_consent_source import KnownOaConsentSource
from .known_oa_consent_state import KnownOaConsentState
from .known_oa_reply_kind import KnownOaReplyKind
from .known_oa_reply_state import KnownOaReplyState
from .known_problem_code import KnownProblemCode
from .known_provider_name import KnownProviderName
from .known_provider_status import KnownProviderStatus
from .known_provider_suspension_ended_status import KnownProviderSuspensionEndedStatus
from .known_scenario_part import KnownScenarioPart
from .known_scenario_status import KnownScenarioStatus
from .known_stack_health_status import KnownStackHealthStatus
from .known_verification_end import KnownVerificationEnd
from .known_verification_history_kind import KnownVerificationHistoryKind
from .known_verification_reason import KnownVerificationReason
from .known_verification_status import KnownVerificationStatus
from .known_webhook_disabled_reason import KnownWebhookDisabledReason
from .known_webhook_endpoint_status import KnownWebhookEndpointStatus
from .known_zns_param_source import KnownZnsParamSource
from .known_zns_param_type import KnownZnsParamType
from .known_zns_ticket import KnownZnsTicket
from .limit_decision import LimitDecision
from .limit_decision_page import LimitDecisionPage
from .limit_problem import LimitProblem
from .limit_refusal_data import LimitRefusalData
from .limit_refused_event import LimitRefusedEvent
from .list_audit_entries_action import ListAuditEntriesAction
from .list_audit_entries_resource import ListAuditEntriesResource
from .list_deliveries_channel import ListDeliveriesChannel
from .list_deliveries_status import ListDeliveriesStatus
from .list_oa_calls_direction import ListOaCallsDirection
from .list_oa_calls_result import ListOaCallsResult
from .list_oa_consents_state import ListOaConsentsState
from .list_scenarios_status import ListScenariosStatus
from .list_verifications_status import ListVerificationsStatus
from .listed_provider import ListedProvider
from .new_api_key import NewApiKey
from .new_webhook_endpoint import NewWebhookEndpoint
from .number_list import NumberList
from .oa_agent import OaAgent
from .oa_agent_change import OaAgentChange
from .oa_agent_history import OaAgentHistory
from .oa_agents import OaAgents
from .oa_author import OaAuthor
from .oa_auto_reply import OaAutoReply
from .oa_call import OaCall
from .oa_call_agent import OaCallAgent
from .oa_call_check import OaCallCheck
from .oa_call_customer import OaCallCustomer
from .oa_call_data import OaCallData
from .oa_call_end import OaCallEnd
from .oa_call_ended_event import OaCallEndedEvent
from .oa_call_link import OaCallLink
from .oa_call_page import OaCallPage
from .oa_call_problem import OaCallProblem
from .oa_consent import OaConsent
from .oa_consent_data import OaConsentData
from .oa_consent_evidence import OaConsentEvidence
from .oa_consent_page import OaConsentPage
from .oa_consent_problem import OaConsentProblem
from .oa_consent_with_evidence import OaConsentWithEvidence
from .oa_hours import OaHours
from .oa_replies import OaReplies
from .oa_reply_preview import OaReplyPreview
from .oa_settings import OaSettings
from .oa_settings_page import OaSettingsPage
from .oa_span import OaSpan
from .oa_suspension import OaSuspension
from .phone_deletion import PhoneDeletion
from .phone_deletion_deleted import PhoneDeletionDeleted
from .ping_event import PingEvent
from .place_oa_call import PlaceOaCall
from .place_oa_call_call_type import PlaceOaCallCallType
from .placed_oa_call import PlacedOaCall
from .preview_oa_reply import PreviewOaReply
from .preview_oa_reply_reply import PreviewOaReplyReply
from .problem import Problem
from .provider import Provider
from .provider_cost import ProviderCost
from .provider_failed_problem import ProviderFailedProblem
from .provider_page import ProviderPage
from .provider_recovered_event import ProviderRecoveredEvent
from .provider_suspended_event import ProviderSuspendedEvent
from .provider_suspension_ended import ProviderSuspensionEnded
from .read_costs_format import ReadCostsFormat
from .record_delivery_feedback import RecordDeliveryFeedback
from .register_webhook_endpoint import RegisterWebhookEndpoint
from .register_zns_param import RegisterZnsParam
from .register_zns_param_source import RegisterZnsParamSource
from .register_zns_param_type import RegisterZnsParamType
from .register_zns_template import RegisterZnsTemplate
from .register_zns_template_ticket import RegisterZnsTemplateTicket
from .replace_address_countries import ReplaceAddressCountries
from .replace_address_countries_mode import ReplaceAddressCountriesMode
from .replace_all_clients_window import ReplaceAllClientsWindow
from .replace_cause_row import ReplaceCauseRow
from .replace_cause_row_action import ReplaceCauseRowAction
from .replace_cause_row_outcome import ReplaceCauseRowOutcome
from .replace_cause_table import ReplaceCauseTable
from .replace_client_settings import ReplaceClientSettings
from .replace_client_settings_countries import ReplaceClientSettingsCountries
from .replace_client_settings_timeouts import ReplaceClientSettingsTimeouts
from .replace_client_settings_workflows import ReplaceClientSettingsWorkflows
from .replace_default_template import ReplaceDefaultTemplate
from .replace_default_template_params import ReplaceDefaultTemplateParams
from .replace_fraud_budget import ReplaceFraudBudget
from .replace_fraud_budget_mode import ReplaceFraudBudgetMode
from .replace_hourly_fraud_budget import ReplaceHourlyFraudBudget
from .replace_hourly_fraud_budget_mode import ReplaceHourlyFraudBudgetMode
from .replace_limits import ReplaceLimits
from .replace_limits_daily_money import ReplaceLimitsDailyMoney
from .replace_number_list import ReplaceNumberList
from .replace_oa_hours import ReplaceOaHours
from .replace_oa_replies import ReplaceOaReplies
from .replace_oa_settings import ReplaceOaSettings
from .replace_oa_span import ReplaceOaSpan
from .replace_oa_suspension import ReplaceOaSuspension
from .replace_phone_window import ReplacePhoneWindow
from .replace_prefix_window import ReplacePrefixWindow
from .replace_provider_order import ReplaceProviderOrder
from .replace_provider_order_voice_otp_type_0_item import (
    ReplaceProviderOrderVoiceOtpType0Item,
)
from .replace_provider_order_zns_type_0_item import ReplaceProviderOrderZnsType0Item
from .replace_scenario import ReplaceScenario
from .replace_webhook_endpoint import ReplaceWebhookEndpoint
from .replace_zns_template import ReplaceZnsTemplate
from .replace_zns_template_ticket import ReplaceZnsTemplateTicket
from .replay_events import ReplayEvents
from .rotate_api_key import RotateApiKey
from .rotate_webhook_secret import RotateWebhookSecret
from .scenario import Scenario
from .scenario_api_guide import ScenarioApiGuide
from .scenario_api_guide_headers import ScenarioApiGuideHeaders
from .scenario_api_guide_request_data import ScenarioApiGuideRequestData
from .scenario_line import ScenarioLine
from .scenario_page import ScenarioPage
from .scenario_preview import ScenarioPreview
from .send_password_call import SendPasswordCall
from .send_password_call_metadata import SendPasswordCallMetadata
from .send_voice_otp import SendVoiceOtp
from .send_voice_otp_metadata import SendVoiceOtpMetadata
from .send_window import SendWindow
from .send_zns import SendZns
from .send_zns_metadata import SendZnsMetadata
from .send_zns_params_type_0 import SendZnsParamsType0
from .stack_health import StackHealth
from .start_verification import StartVerification
from .start_verification_metadata import StartVerificationMetadata
from .statistics import Statistics
from .statistics_figures import StatisticsFigures
from .statistics_item import StatisticsItem
from .unpriced_sends import UnpricedSends
from .validation_problem import ValidationProblem
from .verification import Verification
from .verification_approved_event import VerificationApprovedEvent
from .verification_data import VerificationData
from .verification_data_metadata import VerificationDataMetadata
from .verification_end_counts import VerificationEndCounts
from .verification_ended_event import VerificationEndedEvent
from .verification_ended_problem import VerificationEndedProblem
from .verification_history_entry import VerificationHistoryEntry
from .verification_metadata import VerificationMetadata
from .verification_page import VerificationPage
from .verification_started_event import VerificationStartedEvent
from .verification_step_taken_event import VerificationStepTakenEvent
from .webhook_attempt import WebhookAttempt
from .webhook_attempt_page import WebhookAttemptPage
from .webhook_endpoint import WebhookEndpoint
from .webhook_endpoint_data import WebhookEndpointData
from .webhook_endpoint_disabled_event import WebhookEndpointDisabledEvent
from .webhook_endpoint_page import WebhookEndpointPage
from .webhook_replay_started import WebhookReplayStarted
from .webhook_test_sent import WebhookTestSent
from .workflow_step import WorkflowStep
from .workflow_step_choice import WorkflowStepChoice
from .workflow_step_choice_channel import WorkflowStepChoiceChannel
from .workflow_step_choice_params_type_0 import WorkflowStepChoiceParamsType0
from .workflow_step_settings import WorkflowStepSettings
from .workflow_step_settings_params import WorkflowStepSettingsParams
from .zns_param import ZnsParam
from .zns_quota import ZnsQuota
from .zns_template import ZnsTemplate
from .zns_template_page import ZnsTemplatePage

__all__ = (
    "AddOaAgent",
    "AddOaAgentRole",
    "AddedOaAgent",
    "AddressCountries",
    "ApiKey",
    "ApiKeyPage",
    "AskOaConsent",
    "AskOaConsentCallType",
    "AskOaConsentReason",
    "AuditEntry",
    "AuditEntryPage",
    "CauseRow",
    "CauseTable",
    "CheckCode",
    "CheckedCode",
    "ClientLimits",
    "ClientLimitsDailyMoney",
    "ClientSettings",
    "ClientSettingsCountries",
    "ClientSettingsProviders",
    "ClientSettingsTimeouts",
    "ClientSettingsWorkflows",
    "ConsentChangedEvent",
    "ConversionRates",
    "CopyScenario",
    "CostLine",
    "CostReport",
    "CreateApiKey",
    "CreateApiKeyScopesItem",
    "CreateScenario",
    "CurrencyCost",
    "DayCost",
    "DefaultTemplate",
    "DefaultTemplateParams",
    "Delivery",
    "DeliveryAcceptedEvent",
    "DeliveryCost",
    "DeliveryData",
    "DeliveryDataMetadata",
    "DeliveryFeedbackCounts",
    "DeliveryHistoryEntry",
    "DeliveryMetadata",
    "DeliveryPage",
    "DeliveryRecord",
    "DeliveryRecordMetadata",
    "DeliverySettledEvent",
    "DeliveryUnknownEvent",
    "EndProviderSuspensionName",
    "Event",
    "EventDataType7",
    "EventPage",
    "ExportOaConsentsFormat",
    "FieldError",
    "FraudBudget",
    "GatewayMessage",
    "HourlyFraudBudget",
    "KnownApiKeyScope",
    "KnownAuditAction",
    "KnownAuditResource",
    "KnownCauseAction",
    "KnownChannel",
    "KnownCheckedCodeStatus",
    "KnownCountedChannel",
    "KnownDeliveryCostKind",
    "KnownDeliveryHistorySource",
    "KnownDeliveryStatus",
    "KnownEventType",
    "KnownFraudBudgetMode",
    "KnownLimitRefusalCode",
    "KnownOaAgentAction",
    "KnownOaAgentRole",
    "KnownOaCallDirection",
    "KnownOaCallLinkState",
    "KnownOaCallResult",
    "KnownOaCallType",
    "KnownOaConsentFact",
    "KnownOaConsentReason",
    "KnownOaConsentSource",
    "KnownOaConsentState",
    "KnownOaReplyKind",
    "KnownOaReplyState",
    "KnownProblemCode",
    "KnownProviderName",
    "KnownProviderStatus",
    "KnownProviderSuspensionEndedStatus",
    "KnownScenarioPart",
    "KnownScenarioStatus",
    "KnownStackHealthStatus",
    "KnownVerificationEnd",
    "KnownVerificationHistoryKind",
    "KnownVerificationReason",
    "KnownVerificationStatus",
    "KnownWebhookDisabledReason",
    "KnownWebhookEndpointStatus",
    "KnownZnsParamSource",
    "KnownZnsParamType",
    "KnownZnsTicket",
    "LimitDecision",
    "LimitDecisionPage",
    "LimitProblem",
    "LimitRefusalData",
    "LimitRefusedEvent",
    "ListAuditEntriesAction",
    "ListAuditEntriesResource",
    "ListDeliveriesChannel",
    "ListDeliveriesStatus",
    "ListOaCallsDirection",
    "ListOaCallsResult",
    "ListOaConsentsState",
    "ListScenariosStatus",
    "ListVerificationsStatus",
    "ListedProvider",
    "NewApiKey",
    "NewWebhookEndpoint",
    "NumberList",
    "OaAgent",
    "OaAgentChange",
    "OaAgentHistory",
    "OaAgents",
    "OaAuthor",
    "OaAutoReply",
    "OaCall",
    "OaCallAgent",
    "OaCallCheck",
    "OaCallCustomer",
    "OaCallData",
    "OaCallEnd",
    "OaCallEndedEvent",
    "OaCallLink",
    "OaCallPage",
    "OaCallProblem",
    "OaConsent",
    "OaConsentData",
    "OaConsentEvidence",
    "OaConsentPage",
    "OaConsentProblem",
    "OaConsentWithEvidence",
    "OaHours",
    "OaReplies",
    "OaReplyPreview",
    "OaSettings",
    "OaSettingsPage",
    "OaSpan",
    "OaSuspension",
    "PhoneDeletion",
    "PhoneDeletionDeleted",
    "PingEvent",
    "PlaceOaCall",
    "PlaceOaCallCallType",
    "PlacedOaCall",
    "PreviewOaReply",
    "PreviewOaReplyReply",
    "Problem",
    "Provider",
    "ProviderCost",
    "ProviderFailedProblem",
    "ProviderPage",
    "ProviderRecoveredEvent",
    "ProviderSuspendedEvent",
    "ProviderSuspensionEnded",
    "ReadCostsFormat",
    "RecordDeliveryFeedback",
    "RegisterWebhookEndpoint",
    "RegisterZnsParam",
    "RegisterZnsParamSource",
    "RegisterZnsParamType",
    "RegisterZnsTemplate",
    "RegisterZnsTemplateTicket",
    "ReplaceAddressCountries",
    "ReplaceAddressCountriesMode",
    "ReplaceAllClientsWindow",
    "ReplaceCauseRow",
    "ReplaceCauseRowAction",
    "ReplaceCauseRowOutcome",
    "ReplaceCauseTable",
    "ReplaceClientSettings",
    "ReplaceClientSettingsCountries",
    "ReplaceClientSettingsTimeouts",
    "ReplaceClientSettingsWorkflows",
    "ReplaceDefaultTemplate",
    "ReplaceDefaultTemplateParams",
    "ReplaceFraudBudget",
    "ReplaceFraudBudgetMode",
    "ReplaceHourlyFraudBudget",
    "ReplaceHourlyFraudBudgetMode",
    "ReplaceLimits",
    "ReplaceLimitsDailyMoney",
    "ReplaceNumberList",
    "ReplaceOaHours",
    "ReplaceOaReplies",
    "ReplaceOaSettings",
    "ReplaceOaSpan",
    "ReplaceOaSuspension",
    "ReplacePhoneWindow",
    "ReplacePrefixWindow",
    "ReplaceProviderOrder",
    "ReplaceProviderOrderVoiceOtpType0Item",
    "ReplaceProviderOrderZnsType0Item",
    "ReplaceScenario",
    "ReplaceWebhookEndpoint",
    "ReplaceZnsTemplate",
    "ReplaceZnsTemplateTicket",
    "ReplayEvents",
    "RotateApiKey",
    "RotateWebhookSecret",
    "Scenario",
    "ScenarioApiGuide",
    "ScenarioApiGuideHeaders",
    "ScenarioApiGuideRequestData",
    "ScenarioLine",
    "ScenarioPage",
    "ScenarioPreview",
    "SendPasswordCall",
    "SendPasswordCallMetadata",
    "SendVoiceOtp",
    "SendVoiceOtpMetadata",
    "SendWindow",
    "SendZns",
    "SendZnsMetadata",
    "SendZnsParamsType0",
    "StackHealth",
    "StartVerification",
    "StartVerificationMetadata",
    "Statistics",
    "StatisticsFigures",
    "StatisticsItem",
    "UnpricedSends",
    "ValidationProblem",
    "Verification",
    "VerificationApprovedEvent",
    "VerificationData",
    "VerificationDataMetadata",
    "VerificationEndCounts",
    "VerificationEndedEvent",
    "VerificationEndedProblem",
    "VerificationHistoryEntry",
    "VerificationMetadata",
    "VerificationPage",
    "VerificationStartedEvent",
    "VerificationStepTakenEvent",
    "WebhookAttempt",
    "WebhookAttemptPage",
    "WebhookEndpoint",
    "WebhookEndpointData",
    "WebhookEndpointDisabledEvent",
    "WebhookEndpointPage",
    "WebhookReplayStarted",
    "WebhookTestSent",
    "WorkflowStep",
    "WorkflowStepChoice",
    "WorkflowStepChoiceChannel",
    "WorkflowStepChoiceParamsType0",
    "WorkflowStepSettings",
    "WorkflowStepSettingsParams",
    "ZnsParam",
    "ZnsQuota",
    "ZnsTemplate",
    "ZnsTemplatePage",
)

KnownEvent = (
    ConsentChangedEvent
    | DeliveryAcceptedEvent
    | DeliverySettledEvent
    | DeliveryUnknownEvent
    | LimitRefusedEvent
    | OaCallEndedEvent
    | PingEvent
    | ProviderRecoveredEvent
    | ProviderSuspendedEvent
    | VerificationApprovedEvent
    | VerificationEndedEvent
    | VerificationStartedEvent
    | VerificationStepTakenEvent
    | WebhookEndpointDisabledEvent
)
