"""What a client's figures must say: its verifications and deliveries, read and counted again."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, Final

from local.stack import Stack
from tests.e2e.conftest import Api

ALL: Final = "day,hour,channel,country,prefix"
VERIFICATION: Final = "verification"
_PAGE: Final = "100"
_COUNTED_AS: Final = {
    "accepted": "accepted",
    "answered": "answered",
    "delivered": "answered",
    "rejected": "negative",
    "busy": "negative",
    "no_answer": "negative",
    "refused": "negative",
    "billing_failed": "negative",
    "unreachable": "negative",
    "failed": "negative",
    "unknown": "unknown",
}
_TOLD: Final = ("sends", "accepted", "answered", "negative", "unknown", "started", "approved")
_KINDS: Final = ("estimated", "settled")
# More than a day's ledger has parts.
_SHARDS: Final = 16
_SPENT: Final = "spent_"

type Seen = dict[str, Any]
"""A record as the API answers it."""
type Counts = dict[tuple[str, ...], dict[str, Any]]
"""Values of dimensions -> name of a figure -> how much; none is 0."""


@dataclass(frozen=True)
class Figures:
    """A client's figures: as they are told, or as they must be.

    Attributes:
        statistics: By all dimensions.
        costs: By day, currency, channel and provider.
        ledger: What the ledger holds, by day.
    """

    statistics: Counts
    costs: Counts
    ledger: Counts


def deliveries_of(api: Api) -> list[Seen]:
    """All of a client's deliveries, page by page."""
    return _listed(api, "/v1/deliveries")


def verifications_of(api: Api) -> list[Seen]:
    """All of a client's verifications, page by page."""
    return _listed(api, "/v1/verifications")


def _listed(api: Api, path: str) -> list[Seen]:
    records, query = list[Seen](), {"limit": _PAGE}
    while True:
        answer = api.get(path, **query)
        assert answer.status_code == 200, answer.text
        page = answer.json()
        records += page["items"]
        if page["next_cursor"] is None:
            return records
        query["cursor"] = page["next_cursor"]


def recount(deliveries: Sequence[Seen], verifications: Sequence[Seen]) -> Figures:
    """What the figures must be."""
    counted = [one for one in deliveries if not one["test"]]
    return Figures(
        _without_nothing(_statistics(counted, verifications)),
        _without_nothing(_costs(counted)),
        _without_nothing(_ledger(counted)),
    )


def _statistics(deliveries: Iterable[Seen], verifications: Iterable[Seen]) -> Counts:
    counts: Counts = {}

    def add(record: Seen, channel: str, name: str, amount: Decimal = Decimal(1)) -> None:
        at, phone = record["created_at"], record["phone"]
        country = "VN" if phone.startswith("+84") else "RU"
        of = (at[:10], at[11:13], channel, country, phone[:-7])
        counts.setdefault(of, Counter())[name] += amount

    for one in deliveries:
        add(one, one["channel"], "sends")
        if one["status"] != "reserved":
            add(one, one["channel"], _COUNTED_AS[one["status"]])
        if one["verified"]:
            add(one, one["channel"], "approved")
        if cost := one["cost"]:
            name = f"{cost['kind']}_{cost['currency']}"
            add(one, one["channel"], name, Decimal(cost["amount"]))
    for one in verifications:
        if one["test"]:
            continue
        add(one, VERIFICATION, "started")
        if one["status"] != "pending":
            add(one, VERIFICATION, f"ended_{one['status']}")
        if one["status"] == "approved":
            add(one, proved_by(one), "approved")
    return counts


def proved_by(verification: Seen) -> str:
    """The channel whose code was right: of the last step that was taken before it was checked.

    What came between the check and the end has no part in it, if its codes were checked one after
    the other.
    """
    own = [line for line in verification["history"] if line["event"] in ("sent", "checked")]
    last_check = max(place for place, line in enumerate(own) if line["event"] == "checked")
    channels = [line["channel"] for line in own[:last_check] if line["event"] == "sent"]
    channel: str = channels[-1]
    return channel


def _costs(deliveries: Iterable[Seen]) -> Counts:
    costs: Counts = {}
    for one in deliveries:
        if cost := one["cost"]:
            of = (one["created_at"][:10], cost["currency"], one["channel"], one["provider"])
            costs.setdefault(of, Counter())[cost["kind"]] += Decimal(cost["amount"])
    return costs


def _ledger(deliveries: Iterable[Seen]) -> Counts:
    ledger: Counts = {}
    for one in deliveries:
        of_day = ledger.setdefault((one["created_at"][:10],), Counter())
        of_day["sends"] += 1
        if cost := one["cost"]:
            of_day[cost["currency"]] += Decimal(cost["amount"])
    return ledger


def figures_of(api: Api, stack: Stack, client: str, days: Sequence[str]) -> Figures:
    """What is told of a client and what its ledger holds, on these days; there is one at least."""
    return Figures(
        statistics_told(api, by=ALL, **{"from": min(days)}),
        costs_told(api, min(days)),
        ledger_held(stack, client, days),
    )


def both(api: Api, stack: Stack, client: str) -> tuple[Figures, Figures]:
    """What the figures must be, and what they are; while more comes in, they may differ."""
    deliveries, verifications = deliveries_of(api), verifications_of(api)
    days = {one["created_at"][:10] for one in (*deliveries, *verifications)}
    days = days or {datetime.now(UTC).date().isoformat()}
    return recount(deliveries, verifications), figures_of(api, stack, client, sorted(days))


def statistics_told(api: Api, **query: str) -> Counts:
    """What the statistics say, without what is 0."""
    answer = api.get("/v1/statistics", **query)
    assert answer.status_code == 200, answer.text
    view = answer.json()
    return _without_nothing(
        {
            tuple(item[name] for name in view["by"]): {
                **{name: item[name] for name in _TOLD},
                **{f"ended_{end}": count for end, count in item["ended"].items()},
                **{
                    f"{kind}_{cost['currency']}": Decimal(cost[kind])
                    for cost in item["cost"]
                    for kind in _KINDS
                },
            }
            for item in view["items"]
        }
    )


def costs_told(api: Api, since: str) -> Counts:
    """What the costs of the days from ``since`` on are said to be, without what is 0.

    Each day's sums are those of its providers.
    """
    costs: Counts = {}
    answer = api.get("/v1/costs", **{"from": since})
    assert answer.status_code == 200, answer.text
    for day in answer.json()["items"]:
        of_day: Counts = {
            (day["day"], day["currency"], one["channel"], one["provider"]): {
                kind: Decimal(one[kind]) for kind in _KINDS
            }
            for one in day["providers"]
        }
        for kind in _KINDS:
            assert sum(one[kind] for one in of_day.values()) == Decimal(day[kind])
        costs |= of_day
    return _without_nothing(costs)


def ledger_held(stack: Stack, client: str, days: Iterable[str]) -> Counts:
    """What the items of a client's ledger hold on these days, all parts of a day together."""
    ledger: Counts = {}
    table = stack.dynamodb()
    for day in days:
        sums = ledger.setdefault((day,), Counter())
        for shard in range(_SHARDS):
            key = {"PK": {"S": f"LED#{client}#{day}#{shard}"}, "SK": {"S": "LED"}}
            answer = table.get_item(TableName=stack.table, Key=key, ConsistentRead=True)
            for name, value in answer.get("Item", {}).items():
                if name == "sends" or name.startswith(_SPENT):
                    sums[name.removeprefix(_SPENT)] += Decimal(value["N"])
    return _without_nothing(ledger)


def _without_nothing(counts: Mapping[tuple[str, ...], Mapping[str, Any]]) -> Counts:
    some = {
        of: {name: amount for name, amount in figures.items() if amount}
        for of, figures in counts.items()
    }
    return {of: figures for of, figures in some.items() if figures}
