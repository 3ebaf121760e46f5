"""Examples: those of the pages in docs/ and of events/, so that there is one of each."""

import json
import re
from functools import cache
from typing import Any

from local.paths import ROOT
from ringpass import __version__
from ringpass.errors import ApiError, NotFound

_BLOCK = re.compile(r"^```json\n(.*?)^```$", re.MULTILINE | re.DOTALL)


@cache
def _page(name: str) -> str:
    return (ROOT / "docs" / name).read_text(encoding="utf-8")


def of_page(heading: str, name: str = "api.md") -> Any:  # noqa: ANN401 - JSON
    """The first JSON under a heading of a page in docs/."""
    _, separator, section = f"\n{_page(name)}".partition(f"\n{heading}\n")
    block = _BLOCK.search(section.partition("\n## ")[0])
    if not separator or block is None:
        raise LookupError(f"docs/{name} has no JSON under '{heading}'")
    return json.loads(block.group(1))


def a_problem() -> Any:  # noqa: ANN401 - JSON
    """The one that docs/errors.md shows."""
    return of_page("# Errors", "errors.md")


def of_event(case: str) -> Any:  # noqa: ANN401 - JSON
    """The body of a file of events/, such as ``send_zns/post``."""
    event = json.loads((ROOT / "events" / f"{case}.json").read_text(encoding="utf-8"))
    return json.loads(event["body"])


def of_schemas() -> dict[str, Any]:
    """Schema -> an example of it."""
    new_key = of_page("## Keys")
    key = {name: value for name, value in new_key.items() if name != "key"}
    event = of_page("# Events", "events.md")
    scenario = of_page("## A scenario", "scenarios.md")
    template = of_page("## A template", "zns-templates.md")
    new_endpoint = of_page("## Endpoints", "webhooks.md")
    endpoint = {name: value for name, value in new_endpoint.items() if name != "secret"}
    oa_settings = of_page("## Settings", "oa-calls.md")
    oa_agents = of_page("## Agents", "oa-calls.md")
    [oa_agent] = oa_agents["items"]
    oa_call = of_page("## History", "oa-calls.md")
    oa_consent = of_page("## Consents", "oa-calls.md")
    oa_evidence = of_page("### What a consent follows from", "oa-calls.md")
    return {
        "VoiceOtp": of_event("send_voice_otp/post"),
        "PasswordCall": of_event("send_password_call/post"),
        "Zns": of_event("send_zns/post"),
        "StartVerification": of_event("start_verification/post_workflow"),
        "CheckCode": of_event("check_verification/check"),
        "RecordFeedback": of_event("check_verification/feedback"),
        "Verification": of_page("## A verification"),
        "VerificationPage": {"items": [of_page("## A verification")], "next_cursor": None},
        "Checked": of_page("### Checking a code"),
        "CreateKey": of_event("manage_keys/create"),
        "RotateKey": of_event("manage_keys/rotate"),
        "ReplaceSettings": of_event("manage_settings/put"),
        "ReplaceCauseTable": of_event("manage_settings/put_cause_table"),
        "ClientSettings": of_page("## Settings"),
        "CauseTable": of_page("## Cause table"),
        "NewKey": new_key,
        "Key": key,
        "KeyPage": {"items": [key], "next_cursor": None},
        "Delivery": of_page("## A delivery"),
        "DeliveryPage": of_page("## Reading"),
        "Event": event,
        "EventPage": {"items": [event], "next_cursor": None},
        "AuditEntry": (entry := of_page("## Audit log")),
        "AuditEntryList": {"items": [entry], "next_cursor": None},
        "PhoneDeletion": of_page("## A person's data"),
        "Statistics": of_page("## Reading statistics", "statistics.md"),
        "Costs": of_page("## Costs", "statistics.md"),
        "DecisionPage": of_page("## Refusals", "statistics.md"),
        "RegisterTemplate": of_event("manage_templates/register"),
        "ReplaceTemplate": of_event("manage_templates/replace"),
        "RegisteredTemplate": template,
        "TemplatePage": {"items": [template], "next_cursor": None},
        "RegisterEndpoint": of_event("manage_webhook_endpoints/register"),
        "ReplaceEndpoint": of_event("manage_webhook_endpoints/replace"),
        "RotateEndpointSecret": of_event("manage_webhook_endpoints/rotate_secret"),
        "ReplayEvents": of_event("replay_webhooks/replay"),
        "NewWebhookEndpoint": new_endpoint,
        "WebhookEndpoint": endpoint,
        "WebhookEndpointPage": {"items": [endpoint], "next_cursor": None},
        "WebhookAttemptPage": of_page("## Tries", "webhooks.md"),
        "WebhookTest": {"event_id": event["id"]},
        "WebhookReplay": {"events": 2},
        "ReplaceOaSettings": of_event("manage_oa/put_settings"),
        "PreviewReply": of_event("manage_oa/preview"),
        "AddAgent": of_event("manage_oa/add_agent"),
        "OaSettings": oa_settings,
        "OaSettingsPage": {"items": [oa_settings], "next_cursor": None},
        "OaReplyPreview": of_page("### Looking at a reply first", "oa-calls.md"),
        "OaAgents": oa_agents,
        "OaAgent": oa_agent,
        "AddedOaAgent": {**oa_agent, "note": oa_agents["note"]},
        "OaAgentHistory": of_page("### Who was added and removed", "oa-calls.md"),
        "AskConsent": of_event("manage_consents/ask"),
        "OaConsent": oa_consent,
        "OaConsentPage": {"items": [oa_consent], "next_cursor": None},
        "OaConsentEvidence": oa_evidence,
        "OaConsentWithEvidence": {**oa_consent, "evidence": [oa_evidence]},
        "PlaceCall": of_event("manage_calls/place"),
        "PlacedOaCall": of_page("## Calls", "oa-calls.md"),
        "OaCall": oa_call,
        "OaCallPage": {"items": [oa_call], "next_cursor": None},
        "CreateScenario": of_event("manage_scenarios/create"),
        "ReplaceScenario": of_event("manage_scenarios/replace"),
        "CopyScenario": of_event("manage_scenarios/copy"),
        "Scenario": scenario,
        "ScenarioPage": {"items": [scenario], "next_cursor": None},
        "ScenarioPreview": of_page("## What is heard", "scenarios.md"),
        "ScenarioGuide": of_page("## Calling Bizfly directly", "scenarios.md"),
        "ProviderPage": of_page("## Providers"),
        "SuspensionEnded": {"name": "mcn", "status": "active"},
        "Health": {"status": "ok", "version": __version__},
        "CallResultsReceived": {"received": 1},
        "CdrsReceived": {"received": 1},
        "Cdr": of_event("receive_cdr/post_busy")[0],
        "EventsReceived": {"received": 1},
        "TicketEvent": of_event("receive_caresoft/post"),
        "VoiceGatewayEvent": of_event("receive_cdr/voice_gateway_stale"),
        "VoiceGatewayResult": of_event("receive_cdr/voice_gateway_stale")["data"],
        "SupabaseSms": of_event("receive_hook/supabase_stale"),
        "LogtoMessage": of_event("receive_hook/logto"),
        "ZitadelNotification": of_event("receive_hook/zitadel_stale"),
        "SignInAnswer": {},
        "ZaloEvent": of_event("receive_zalo/post_arrived"),
        "ZaloMessage": of_event("receive_zalo/post_arrived")["message"],
        "Problem": of_problem(NotFound),
        "ValidationProblem": a_problem(),
        "GatewayMessage": {"message": "Too Many Requests"},
    }


def of_problem(error: type[ApiError]) -> Any:  # noqa: ANN401 - JSON
    """A problem of this kind."""
    example = a_problem()
    if example["code"] == error.code:
        return example
    instance = example["instance"].rpartition(":")[2]
    message = (error.__doc__ or error.title).splitlines()[0]
    return error(message).problem(instance)
