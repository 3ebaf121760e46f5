"""Views: statistics, costs and refusals as the API answers them."""

from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

from ringpass.clock import to_text
from ringpass.http.csv_documents import csv_response
from ringpass.http.router import Response
from ringpass.reporting.contributions import (
    ESTIMATED,
    FEEDBACK_NOT_VERIFIED,
    FEEDBACK_VERIFIED,
    SETTLED,
    Amount,
    Counts,
    costs,
)

if TYPE_CHECKING:
    from ringpass.http.pagination import Page
    from ringpass.limits.refusals_store import Refusal
    from ringpass.limits.responses import Decision, DecisionPage
    from ringpass.reporting import responses
    from ringpass.reporting.cost_queries import CostLine, CostReport
    from ringpass.reporting.queries import Report

_AMOUNT_COLUMNS: Final = ("currency", "sends", "estimated", "settled", "note")


def statistics_view(report: "Report") -> "responses.Statistics":
    """View of a report: each group under the values of its dimensions."""
    items: list[responses.FiguresOf] = []
    for group in report.groups:
        item: Any = {**group.dimensions, **_counters_view(group.counts)}
        items.append(item)
    return {
        "by": list(report.dimensions),
        "items": items,
        "total": _counters_view(report.total),
        "next_cursor": None,
    }


def _counters_view(counts: Counts) -> "responses.Figures":
    def count(name: str) -> int:
        return int(counts.get(name, 0))

    verified, not_verified = count(FEEDBACK_VERIFIED), count(FEEDBACK_NOT_VERIFIED)
    return {
        "sends": count("sends"),
        "accepted": count("accepted"),
        "answered": count("answered"),
        "negative": count("negative"),
        "unknown": count("unknown"),
        "started": count("started"),
        "ended": {
            "approved": count("ended_approved"),
            "canceled": count("ended_canceled"),
            "expired": count("ended_expired"),
            "max_attempts_reached": count("ended_max_attempts_reached"),
            "failed": count("ended_failed"),
        },
        "feedback": {"verified": verified, "not_verified": not_verified},
        "approved": count("approved"),
        "conversion": {
            "answered": _share(count("answered"), count("sends")),
            "approved": _share(count("approved"), count("sends")),
            "verified": _share(
                count("ended_approved") + verified, count("started") + verified + not_verified
            ),
        },
        "cost": _cost_sums(counts),
    }


def _share(part: int, whole: int) -> float | None:
    return round(part / whole, 4) if whole else None


def _cost_sums(counts: Counts) -> "list[responses.CostSum]":
    sums: dict[str, dict[str, Amount]] = {}
    for (kind, _, currency), amount in costs(counts).items():
        kinds = sums.setdefault(currency, {})
        kinds[kind] = kinds.get(kind, 0) + amount
    return [
        {
            "currency": currency,
            "estimated": _amount(sums[currency].get(ESTIMATED, 0)),
            "settled": _amount(sums[currency].get(SETTLED, 0)),
        }
        for currency in sorted(sums)
    ]


def costs_response(report: "CostReport") -> Response:
    """Response with costs: JSON, or their lines as CSV."""
    if report.form == "csv":
        return csv_response([*report.dimensions, *_AMOUNT_COLUMNS], map(_line_view, report.lines))
    return Response(costs_view(report))


def costs_view(report: "CostReport") -> "responses.Costs":
    """View of the costs of a period."""
    return {
        "tz": report.period.zone,
        "start": to_text(report.period.hours.start),
        "end": to_text(report.period.hours.end),
        "items": [
            {
                "day": day.day,
                "currency": day.currency,
                "estimated": _amount(sum(cost.estimated for cost in day.costs)),
                "settled": _amount(sum(cost.settled for cost in day.costs)),
                "spent": None if day.spent is None else _amount(day.spent),
                "cap": None if day.cap is None else _amount(day.cap),
                "providers": [
                    {
                        "channel": cost.channel,
                        "provider": cost.provider,
                        "estimated": _amount(cost.estimated),
                        "settled": _amount(cost.settled),
                    }
                    for cost in day.costs
                ],
            }
            for day in report.days
        ],
        "by": list(report.dimensions),
        "lines": [_line_view(line) for line in report.lines],
        "unpriced": [
            {
                "provider": line.dimensions["provider"],
                "channel": line.dimensions["channel"],
                "country": line.dimensions["country"],
                "sends": line.sends,
            }
            for line in report.unpriced
        ],
        "next_cursor": None,
    }


def _line_view(line: "CostLine") -> "responses.CostLine":
    view: Any = {
        **line.dimensions,
        "currency": line.currency,
        "sends": line.sends,
        "estimated": _amount(line.estimated),
        "settled": _amount(line.settled),
        "note": "no_price" if line.currency is None else None,
    }
    return view  # type: ignore[no-any-return]


def refusals_view(page: "Page[Refusal]", *, clear_phone: bool) -> "DecisionPage":
    """View of refused sends."""
    return {
        "items": [refusal_view(refusal, clear_phone=clear_phone) for refusal in page.items],
        "next_cursor": page.next_cursor,
    }


def refusal_view(refusal: "Refusal", *, clear_phone: bool) -> "Decision":
    """View of a refused send; without a number of its own it shows the masked one."""
    return {
        "id": refusal.id,
        "at": refusal.at,
        "code": refusal.code,
        "limit": refusal.limit,
        "cap": _limit_amount(refusal.limit, refusal.cap),
        "counted": _limit_amount(refusal.limit, refusal.counted),
        "retry_after": refusal.retry_after,
        "channel": refusal.channel,
        "country": refusal.country,
        "phone": (clear_phone and refusal.number) or refusal.phone,
        "starts": refusal.starts,
        "verification_id": refusal.verification_id,
        "step": None if refusal.step is None else refusal.step + 1,
        "refused": refusal.refused,
    }


def _limit_amount(limit: str, amount: Amount | None) -> int | str | None:
    """Money is a text, so that it stays exact; all else is a number."""
    if amount is None:
        return None
    return _amount(amount) if limit == "daily_money" else int(amount)


def _amount(amount: Amount) -> str:
    """A decimal number without an exponent and without zeros at its end: ``0.35``, ``5000``."""
    text = f"{Decimal(amount):f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
