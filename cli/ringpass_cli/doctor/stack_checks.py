"""A stack, as its API describes it."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any, Final

from ringpass_cli.api import Api
from ringpass_cli.doctor.finding import Finding, note, ok, problem, skipped
from ringpass_cli.errors import ApiError, CliError
from ringpass_cli.stacks import Stack

_WEBHOOK_OF_MCN: Final = "docs/api.md#webhook"
_LATEST: Final = 100
_PERMISSION: Final = "Use a key with the scope admin for this check."


def check_health(api: Api) -> Iterator[Finding]:
    """Whether the stack works, and the key is good.

    Raises:
        CliError: it does not answer, or the key is not valid: nothing else can be looked at.
    """
    health = api.get("/v1/health")
    yield ok("api", f"The API answers: {health['status']}, version {health['version']}.")


def check_providers(api: Api) -> Iterator[Finding]:
    """Secrets that were never set, suspensions, webhooks that were never seen."""
    for item in api.get("/v1/providers")["items"]:
        name, status = item["name"], item["status"]
        if status == "not_configured":
            yield note(
                "providers",
                f"The secret of {name} was never set, or a parameter is missing:"
                f" {item['channel']} does not use it.",
                f"To use it: `ringpass secret set {name}`; docs/settings.md has its parameters.",
            )
            continue
        if status == "suspended":
            yield problem(
                "providers",
                f"{name} is suspended until {item['suspended_until']} ({item['reason']}).",
                f"Look at its account; `ringpass providers --resume {name}` ends it.",
            )
        else:
            yield ok("providers", f"{name} is {status}.")
        yield from _check_webhook(api, item)


def _check_webhook(api: Api, item: dict[str, Any]) -> Iterator[Finding]:
    name = item["name"]
    if "webhook_seen_at" not in item:
        yield skipped("webhooks", f"This stack does not say when {name} called its webhook.")
    elif item["webhook_seen_at"] is None and not _has_sent(api, item):
        yield note(
            "webhooks",
            f"{name} has not called its webhook yet; nothing was sent through it lately.",
            f"How it is registered: {_webhook_page(name)}.",
        )
    elif item["webhook_seen_at"] is None:
        yield problem(
            "webhooks",
            f"{name} has never called its webhook: results of its calls and messages are missing.",
            f"Register it: {_webhook_page(name)}.",
        )
    else:
        yield ok("webhooks", f"{name} called its webhook last on {item['webhook_seen_at']}.")


def _webhook_page(provider: str) -> str:
    return _WEBHOOK_OF_MCN if provider == "mcn" else f"docs/connect-{provider.replace('_', '-')}.md"


def _has_sent(api: Api, item: dict[str, Any]) -> bool:
    """Whether the latest deliveries of the channel have one of this provider, by a real number."""
    deliveries = api.items("/v1/deliveries", {"channel": item["channel"]}, most=_LATEST)
    return any(one["provider"] == item["name"] and not one["test"] for one in deliveries)


def check_prices(api: Api, now: datetime) -> Iterator[Finding]:
    """Providers whose sends of this month have no price."""
    month = f"{now.astimezone(UTC):%Y-%m}"
    unpriced = api.get("/v1/costs", {"month": month})["unpriced"]
    for item in unpriced:
        yield problem(
            "prices",
            f"{item['provider']} has no price: {item['sends']} sends of {month} are in no sum,"
            " and no limit of money counts them.",
            "Add it to the stack's parameter Prices (docs/settings.md).",
        )
    if not unpriced:
        yield ok("prices", f"All sends of {month} have a price.")


def check_templates(api: Api, settings: dict[str, Any]) -> Iterator[Finding]:
    """ZNS templates that cannot be sent."""
    templates = list(api.items("/v1/zns-templates"))
    for template in templates:
        name, quota = template["name"], template["quota"]
        if not template["approved"]:
            yield problem(
                "templates",
                f"The ZNS template {name} is not approved: no message of it is sent.",
                "When Zalo has approved it, set `approved` to true (docs/zns-templates.md).",
            )
        elif quota is not None and quota["used_up_until"] is not None:
            yield problem(
                "templates",
                f"The quota of the ZNS template {name} is used up until {quota['used_up_until']}.",
                "Ask Zalo for a larger one, or give the template a caresoft_id as well.",
            )
        else:
            yield ok("templates", f"The ZNS template {name} can be sent.")
    if settings["zns"] is None:
        yield note(
            "templates",
            "No ZNS template is set: verifications of Vietnamese numbers begin with a voice call.",
            "Set `zns` with `ringpass settings set`.",
        )


def check_scenarios(api: Api) -> Iterator[Finding]:
    """Whether a Voice OTP has a scenario of the client's own."""
    active = [item["name"] for item in api.items("/v1/scenarios", {"status": "active"})]
    if active:
        yield ok("scenarios", f"Active scenarios: {', '.join(active)}.")
    else:
        yield note(
            "scenarios",
            "No scenario is active: voice OTPs use the stack's parameter BizflyOtpId, if any.",
            "Register one with `ringpass scenarios edit`.",
        )


def check_oa(api: Api, stack: Stack, templates_oa: str | None) -> Iterator[Finding]:
    """The Official Account's call desk."""
    oa_id = stack.outputs.get("OaId") or templates_oa
    if oa_id is None:
        yield skipped("oa", "No Official Account is known to this client.")
        return
    try:
        settings = api.get(f"/v1/oa/{oa_id}/settings")
        agents = api.get(f"/v1/oa/{oa_id}/agents")["items"]
    except ApiError as error:
        if error.code != "not_found":
            raise
        yield skipped("oa", "The call desk of the Official Account belongs to another client.")
        return
    if suspended := settings["suspended"]:
        yield problem(
            "oa",
            f"Zalo has suspended calls of the Official Account ({suspended.get('reason')}).",
            "docs/oa-calls.md says what ends a suspension.",
        )
    if not settings["enabled"]:
        yield note(
            "oa", "Calls of the Official Account are off.", "To use them, see docs/oa-calls.md."
        )
        return
    if not settings["verified_enterprise"]:
        yield problem(
            "oa",
            "The Official Account is not marked as verified: no calls are allowed.",
            "Set `verified_enterprise` when Zalo has verified it (docs/oa-calls.md).",
        )
    if not agents:
        yield problem(
            "oa", "The Official Account has no agents.", "Add one: docs/oa-calls.md#agents."
        )
    else:
        yield ok("oa", f"The Official Account has agents: {len(agents)}.")


def check_webhook_endpoints(api: Api) -> Iterator[Finding]:
    """Endpoints that take no events."""
    endpoints = list(api.items("/v1/webhook-endpoints"))
    for endpoint in endpoints:
        if endpoint["status"] == "disabled":
            yield problem(
                "webhook endpoints",
                f"{endpoint['id']} ({endpoint['url']}) is disabled: {endpoint['disabled_reason']}.",
                "Repair it, then POST /v1/webhook-endpoints/{id}/enable; `ringpass events replay`"
                " sends what it missed.",
            )
    if not any(endpoint["status"] == "disabled" for endpoint in endpoints):
        yield ok("webhook endpoints", f"Webhook endpoints, all enabled: {len(endpoints)}.")


def check_stack(api: Api, stack: Stack, now: datetime) -> Iterator[Finding]:
    """All that the API knows; what the key may not see is skipped."""
    yield from check_health(api)
    yield from check_providers(api)
    settings = api.get("/v1/settings")
    templates_oa = next((one["oa_id"] for one in api.items("/v1/zns-templates")), None)
    checks: dict[str, Callable[[], Iterator[Finding]]] = {
        "prices": lambda: check_prices(api, now),
        "templates": lambda: check_templates(api, settings),
        "scenarios": lambda: check_scenarios(api),
        "oa": lambda: check_oa(api, stack, templates_oa),
        "webhook endpoints": lambda: check_webhook_endpoints(api),
    }
    for name, check in checks.items():
        try:
            yield from check()
        except CliError as error:
            if not isinstance(error, ApiError) or error.code != "missing_scope":
                raise
            yield skipped(name, "The key may not see this.", _PERMISSION)
