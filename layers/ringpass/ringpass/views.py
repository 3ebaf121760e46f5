"""Records as the API answers them."""

from decimal import Decimal
from typing import TYPE_CHECKING, Any

from ringpass.api import Caller, Response
from ringpass.delivery import Cost, Delivery
from ringpass.phone import mask
from ringpass.statistics import ESTIMATED, SETTLED, Amount, Counts, costs

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ringpass import answers
    from ringpass.figures import DayCosts, Report
    from ringpass.keyring import Made
    from ringpass.sends import Sent
    from ringpass.store.keys import KeyRecord


def delivery_view(delivery: Delivery, *, clear_phone: bool) -> "answers.Delivery":
    """A delivery, its phone masked unless the caller may see phones."""
    view: answers.Delivery = {
        "id": delivery.id,
        "channel": delivery.channel,
        "provider": delivery.provider,
        "phone": delivery.phone if clear_phone else mask(delivery.phone),
        "status": delivery.status,
        "reason": delivery.reason,
        "provider_ref": delivery.provider_ref,
        "cost": _cost(delivery.cost) if delivery.cost else None,
        "test": delivery.test,
        "retry_of": delivery.retry_of,
        "verification_id": delivery.verification_id,
        "created_at": delivery.created_at,
        "updated_at": delivery.updated_at,
        "history": [
            {
                "at": entry.at,
                "status": entry.status,
                "reason": entry.reason,
                "source": entry.source,
            }
            for entry in delivery.history
        ],
        "metadata": dict(delivery.metadata),
    }
    # Answered only where the provider or the channel has them.
    if delivery.caller_number is not None:
        view["caller_number"] = delivery.caller_number
    if delivery.is_redirect is not None:
        view["is_redirect"] = delivery.is_redirect
    if delivery.ticket_id is not None:
        view["ticket_id"] = delivery.ticket_id
    return view


def _cost(cost: Cost) -> "answers.Cost":
    return {"amount": str(cost.amount), "currency": cost.currency, "kind": cost.kind}


def sent(result: "Sent", caller: Caller) -> Response:
    """The answer to a send: always 202, also where the delivery's status is a refusal."""
    headers = {"Idempotent-Replayed": "true"} if result.replayed else {}
    view = delivery_view(result.delivery, clear_phone=caller.sees_phones)
    return Response(view, 202, headers)


def key_view(record: "KeyRecord") -> "answers.Key":
    """An API key without anything of its secret."""
    return {
        "id": record.id,
        "client": record.client,
        "scopes": list(record.scopes),
        "label": record.label,
        "created_at": record.created_at,
        "valid_until": record.valid_until,
        "revoked_at": record.revoked_at,
        "replaced_by": record.replaced_by,
    }


def made(result: "Made") -> Response:
    """The answer to a new key: the one time that it is seen."""
    view = key_view(result.record)
    if result.key is None:
        return Response(view, 201, {"Idempotent-Replayed": "true"})
    shown: answers.NewKey = {**view, "key": result.key}
    return Response(shown, 201)


def statistics_view(report: "Report") -> "answers.Statistics":
    """Statistics: each group under the values of its dimensions."""
    items: list[answers.FiguresOf] = []
    for group in report.groups:
        item: Any = {**group.of, **_figures(group.counts)}
        items.append(item)
    return {
        "by": list(report.by),
        "items": items,
        "total": _figures(report.total),
        "next_cursor": None,
    }


def _figures(counts: Counts) -> "answers.Figures":
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


def _cost_sums(counts: Counts) -> "list[answers.CostSum]":
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


def costs_view(days: "Iterable[DayCosts]") -> "answers.Costs":
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


def _amount(amount: Amount) -> str:
    """A decimal number without an exponent and without zeros at its end: ``0.35``, ``5000``."""
    text = f"{Decimal(amount):f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
