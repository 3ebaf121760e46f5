"""Statistics and costs as the API answers them."""

from decimal import Decimal
from typing import TYPE_CHECKING, Any

from ringpass.reporting.contributions import ESTIMATED, SETTLED, Amount, Counts, costs

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ringpass.limits.responses import DecisionPage
    from ringpass.reporting import responses
    from ringpass.reporting.queries import DayCosts, Refusals, Report


def statistics_view(report: "Report") -> "responses.Statistics":
    """Statistics: each group under the values of its dimensions."""
    items: list[responses.FiguresOf] = []
    for group in report.groups:
        item: Any = {**group.of, **_figures(group.counts)}
        items.append(item)
    return {
        "by": list(report.by),
        "items": items,
        "total": _figures(report.total),
        "next_cursor": None,
    }


def _figures(counts: Counts) -> "responses.Figures":
    def count(name: str) -> int:
        return int(counts.get(name, 0))

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
        "approved": count("approved"),
        "conversion": {
            "answered": _share(count("answered"), count("sends")),
            "approved": _share(count("approved"), count("sends")),
            "verified": _share(count("ended_approved"), count("started")),
        },
        "cost": _cost_sums(counts),
    }


def _share(part: int, whole: int) -> float | None:
    return round(part / whole, 4) if whole else None


def _cost_sums(counts: Counts) -> "list[responses.CostSum]":
    sums: dict[str, dict[str, Amount]] = {}
    for (kind, _, currency), amount in costs(counts).items():
        of_currency = sums.setdefault(currency, {})
        of_currency[kind] = of_currency.get(kind, 0) + amount
    return [
        {
            "currency": currency,
            "estimated": _amount(sums[currency].get(ESTIMATED, 0)),
            "settled": _amount(sums[currency].get(SETTLED, 0)),
        }
        for currency in sorted(sums)
    ]


def costs_view(days: "Iterable[DayCosts]") -> "responses.Costs":
    """What days cost."""
    return {
        "items": [
            {
                "day": one.day,
                "currency": one.currency,
                "estimated": _amount(sum(cost.estimated for cost in one.costs)),
                "settled": _amount(sum(cost.settled for cost in one.costs)),
                "spent": _amount(one.spent),
                "cap": None if one.cap is None else _amount(one.cap),
                "providers": [
                    {
                        "channel": cost.channel,
                        "provider": cost.provider,
                        "estimated": _amount(cost.estimated),
                        "settled": _amount(cost.settled),
                    }
                    for cost in one.costs
                ],
            }
            for one in days
        ],
        "next_cursor": None,
    }


def refusals_view(page: "Refusals") -> "DecisionPage":
    """Refused sends; a number is masked whoever asks: it is not kept in clear."""
    return {
        "items": [
            {
                "id": one.id,
                "at": one.at,
                "code": one.code,
                "limit": one.limit,
                "cap": _of_limit(one.limit, one.cap),
                "counted": _of_limit(one.limit, one.counted),
                "retry_after": one.retry_after,
                "channel": one.channel,
                "country": one.country,
                "phone": one.phone,
                "starts": one.starts,
                "verification_id": one.verification_id,
                "step": None if one.step is None else one.step + 1,
            }
            for one in page.items
        ],
        "next_cursor": page.next_cursor,
    }


def _of_limit(limit: str, amount: Amount | None) -> int | str | None:
    """Money is told as text, so that it stays exact; all else is a number."""
    if amount is None:
        return None
    return _amount(amount) if limit == "daily_money" else int(amount)


def _amount(amount: Amount) -> str:
    """A decimal number without an exponent and without zeros at its end: ``0.35``, ``5000``."""
    text = f"{Decimal(amount):f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
