"""Responses about a client's settings; a response can be sent back in a request."""

from typing import TYPE_CHECKING

from ringpass.clients.settings.cause_table import CauseRow
from ringpass.clients.settings.model import ClientSettings, StepChoice, ZnsDefaults
from ringpass.limits.settings import LimitSettings, PhoneList, Window

if TYPE_CHECKING:
    from ringpass.clients.settings import responses


def settings_view(settings: ClientSettings) -> "responses.ClientSettings":
    """Return the view of all settings but the cause table. Numbers are list keys."""
    return {
        "workflows": {
            country: list(map(_step, choices)) for country, choices in settings.workflows.items()
        },
        "timeouts": dict(settings.timeouts),
        "zns": _template(settings.zns) if settings.zns else None,
        "scenario": settings.scenario,
        "providers": {name: list(order) for name, order in settings.providers.items()},
        "code_length": settings.code_length,
        "expires_in": settings.expires_in,
        "attempts": settings.attempts,
        "countries": {name: sorted(codes) for name, codes in settings.countries.items()},
        "limits": _limits(settings.limits),
        "version": settings.version,
    }


def cause_table_view(settings: ClientSettings) -> "responses.CauseTable":
    """Return the view of the client's whole cause table."""
    own = {row.key for row in settings.cause_rows}
    rows = settings.cause_table.rows
    return {
        "items": [_row(row, changed=row.key in own) for row in rows],
        "next_cursor": None,
        "version": settings.version,
    }


def _step(choice: StepChoice) -> "responses.StepSettings":
    view: responses.StepSettings = {"channel": choice.channel}
    # Only the fields that are set.
    if choice.timeout_seconds is not None:
        view["timeout_seconds"] = choice.timeout_seconds
    if choice.template is not None:
        view["template"] = choice.template
    if choice.code_param is not None:
        view["code_param"] = choice.code_param
    if choice.params is not None:
        view["params"] = dict(choice.params)
    if choice.scenario is not None:
        view["scenario"] = choice.scenario
    return view


def _template(zns: ZnsDefaults) -> "responses.ZnsSettings":
    view: responses.ZnsSettings = {"template": zns.template, "params": dict(zns.params)}
    # A registered template defines itself which parameter takes the code.
    if zns.code_param is not None:
        view["code_param"] = zns.code_param
    return view


def _limits(limits: LimitSettings) -> "responses.LimitSettings":
    budget = limits.fraud_budget
    return {
        "phone": _window(limits.phone),
        "phone_all_clients": _window(limits.phone_all_clients),
        "prefix": _window(limits.prefix),
        "pauses": None if limits.pauses is None else list(limits.pauses),
        "pauses_reset_seconds": limits.pauses_reset_seconds,
        "daily_sends": limits.daily_sends,
        "daily_money": {name: str(amount) for name, amount in limits.daily_money.items()},
        "verification_deliveries": limits.verification_deliveries,
        "deny": _numbers(limits.deny),
        "allow": _numbers(limits.allow),
        "fraud_budget": {
            "mode": budget.mode,
            "country_least": budget.country_least,
            "ip_least": budget.ip_least,
            "percent": budget.percent,
            "sends_least": budget.sends_least,
            "own_codes": budget.own_codes,
            "hourly": {
                "mode": budget.hourly.mode,
                "country_least": budget.hourly.country_least,
                "ip_least": budget.hourly.ip_least,
                "percent": budget.hourly.percent,
            },
            "ip_countries": {
                "mode": budget.ip_countries.mode,
                "cap": budget.ip_countries.cap,
            },
        },
    }


def _window(window: Window | None) -> "responses.WindowSettings | None":
    return {"cap": window.cap, "seconds": window.seconds} if window else None


def _numbers(phone_list: PhoneList) -> "responses.NumberListSettings":
    return {"numbers": sorted(phone_list.numbers), "prefixes": sorted(phone_list.prefixes)}


def _row(row: CauseRow, *, changed: bool) -> "responses.CauseRow":
    return {
        "outcome": row.outcome,
        "reason": row.reason,
        "action": row.action,
        "after_seconds": row.after_seconds,
        "times": row.times,
        "no_more_calls": row.no_more_calls,
        "why": row.why,
        "changed": changed,
    }
