"""Costs as they are read: by days and months of a time zone, by provider, channel and country."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import pytest

from ringpass.aws.dynamodb import Table
from ringpass.clients.settings.store import ClientSettingsRepository
from ringpass.deliveries.store import DeliveryRepository
from ringpass.errors import ValidationFailed
from ringpass.limits.counters import CounterRepository
from ringpass.reporting.cost_queries import CostQueries
from ringpass.reporting.projector import StatisticsProjector
from ringpass.reporting.store import StatisticsRepository
from ringpass.reporting.views import costs_response, costs_view
from tests.moto_table import make_once, table
from tests.reporting.test_contributions import DELIVERY, SETTLED
from tests.reporting.test_projector import record
from tests.reporting.test_queries import count_sent
from tests.world import Clock

__all__ = ["table"]


@pytest.fixture
def read(table: Table) -> CostQueries:
    make_once(count_sent)
    return CostQueries(
        StatisticsRepository(table),
        CounterRepository(table),
        ClientSettingsRepository(table),
        Clock(),
    )


def count(table: Table, *images: Mapping[str, Any]) -> None:
    """Count these deliveries, too."""
    counting = StatisticsProjector(StatisticsRepository(table), DeliveryRepository(table))
    for number, image in enumerate(images):
        counting.count(record({**DELIVERY, "id": f"dlv_more_{number}", **image}))


@pytest.mark.slow
def test_costs_of_a_day_by_currency_channel_and_provider(read: CostQueries, table: Table) -> None:
    for shard, amount in enumerate(["0.35", "0.70"]):
        key = {"PK": f"LED#acme#2026-11-21#{shard}", "SK": "LED"}
        table.put({**key, "spent_RUB": Decimal(amount), "sends": 3, "entity": "ledger"}, None)
    assert costs_view(read.report("acme", {}))["items"] == [
        {
            "day": "2026-11-21",
            "currency": "RUB",
            "estimated": "0.35",
            "settled": "0.7",
            "spent": "1.05",
            "cap": "5000",
            "providers": [
                {
                    "channel": "password_call",
                    "provider": "mcn",
                    "estimated": "0.35",
                    "settled": "0.7",
                }
            ],
        },
        {
            "day": "2026-11-21",
            "currency": "VND",
            "estimated": "0",
            "settled": "250",
            "spent": "0",
            "cap": "1500000",
            "providers": [
                {"channel": "zns", "provider": "caresoft", "estimated": "0", "settled": "250"}
            ],
        },
    ]


@pytest.mark.slow
def test_costs_of_days_and_of_a_ledger_alone(read: CostQueries, table: Table) -> None:
    # Reserved just now, and not counted yet.
    key = {"PK": "LED#acme#2026-11-19#0", "SK": "LED"}
    table.put({**key, "spent_RUB": Decimal("0.35")}, None)
    days = costs_view(read.report("acme", {"from": "2026-11-19", "to": "2026-11-21"}))["items"]
    assert [(one["day"], one["spent"], one["settled"]) for one in days] == [
        ("2026-11-19", "0.35", "0"),
        ("2026-11-20", "0", "0.35"),
    ]


@pytest.mark.parametrize(
    ("query", "name"),
    [
        ({"from": "2026-11-21T00:00:00Z"}, "from"),
        ({"tz": "Asia/Kolkata"}, "tz"),
        ({"format": "xlsx"}, "format"),
        ({"by": "provider,provider"}, "by"),
        ({"by": "prefix"}, "by"),
    ],
)
def test_costs_are_asked_for_by_days(read: CostQueries, query: dict[str, str], name: str) -> None:
    with pytest.raises(ValidationFailed) as refusal_info:
        read.report("acme", query)
    assert [error["loc"] for error in refusal_info.value.errors] == [["query", name]]


# ----------------------------------------------------------------------- months and time zones


@pytest.mark.slow
def test_a_month_of_a_zone_has_what_was_sent_in_it(read: CostQueries, table: Table) -> None:
    """17:00 UTC is midnight in Vietnam: the last hour before the month, its first and last one."""
    at = ["2026-09-30T16:59:59.999Z", "2026-09-30T17:00:00.000Z", "2026-10-31T16:59:59.999Z"]
    at.append("2026-10-31T17:00:00.000Z")
    count(table, *({"created_at": one, "cost": SETTLED} for one in at))
    view = costs_view(read.report("acme", {"month": "2026-10", "tz": "Asia/Ho_Chi_Minh"}))
    assert (view["tz"], view["start"], view["end"]) == (
        "Asia/Ho_Chi_Minh",
        "2026-09-30T17:00:00.000Z",
        "2026-10-31T17:00:00.000Z",
    )
    assert [(one["day"], one["settled"], one["spent"], one["cap"]) for one in view["items"]] == [
        ("2026-10-01", "0.35", None, None),
        ("2026-10-31", "0.35", None, None),
    ]
    [line] = view["lines"]
    assert line == {
        "provider": "mcn",
        "channel": "password_call",
        "country": "RU",
        "currency": "RUB",
        "sends": 2,
        "estimated": "0",
        "settled": "0.7",
        "note": None,
    }
    utc = costs_view(read.report("acme", {"month": "2026-10"}))
    assert [one["day"] for one in utc["items"]] == ["2026-10-31"]
    assert utc["lines"][0]["sends"] == 2


@pytest.mark.slow
def test_sends_without_a_price_are_named(read: CostQueries, table: Table) -> None:
    free = {"channel": "zns", "provider": "zalo", "phone": "+84389801371", "cost": None}
    count(table, free, free, {**free, "provider": "caresoft"})
    view = costs_view(read.report("acme", {"by": "provider"}))
    assert [(one["provider"], one["currency"], one["sends"]) for one in view["lines"]] == [
        ("caresoft", "VND", 1),
        ("caresoft", None, 1),
        ("mcn", "RUB", 3),
        ("zalo", None, 2),
    ]
    assert [one["note"] for one in view["lines"]] == [None, "no_price", None, "no_price"]
    assert view["unpriced"] == [
        {"provider": "caresoft", "channel": "zns", "country": "VN", "sends": 1},
        {"provider": "zalo", "channel": "zns", "country": "VN", "sends": 2},
    ]


@pytest.mark.slow
def test_costs_as_csv(read: CostQueries, table: Table) -> None:
    count(table, {"channel": "zns", "provider": "zalo", "phone": "+84389801371", "cost": None})
    query = {"month": "2026-11", "tz": "Asia/Ho_Chi_Minh", "format": "csv", "by": "day,provider"}
    response = costs_response(read.report("acme", query))
    assert response.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert response.text is not None
    assert response.text.split("\r\n") == [
        "day,provider,currency,sends,estimated,settled,note",
        "2026-11-21,caresoft,VND,1,0,250,",
        "2026-11-21,mcn,RUB,4,0.35,1.05,",
        "2026-11-21,zalo,,1,0,0,no_price",
        "",
    ]
