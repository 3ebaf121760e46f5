"""Statistics as they are read: by any dimensions, for a time that has an end."""

from collections.abc import Mapping
from typing import Any

import pytest

from ringpass.aws.dynamodb import Table
from ringpass.deliveries.store import DeliveryRepository
from ringpass.errors import ValidationFailed
from ringpass.reporting import queries
from ringpass.reporting.projector import StatisticsProjector
from ringpass.reporting.queries import ReportQueries
from ringpass.reporting.store import StatisticsRepository
from ringpass.reporting.views import statistics_view
from tests.moto_table import NAME, make_once, moto_client, table
from tests.reporting.test_contributions import DELIVERY, SETTLED, VERIFICATION
from tests.reporting.test_projector import record
from tests.world import Clock

__all__ = ["table"]

# Hours, channels, numbers and what became of them; the clock stands at 08:30 of the 21st.
SENT: list[Mapping[str, Any]] = [
    {"created_at": "2026-11-20T23:59:59.999Z", "status": "answered", "cost": SETTLED},
    {"created_at": "2026-11-21T00:00:00.000Z", "status": "answered", "cost": SETTLED},
    {"created_at": "2026-11-21T07:30:00.000Z", "status": "busy", "cost": SETTLED},
    {"created_at": "2026-11-21T08:00:00.000Z", "status": "unknown"},
    {
        "created_at": "2026-11-21T08:29:00.000Z",
        "status": "accepted",
        "channel": "zns",
        "provider": "caresoft",
        "phone": "+84389801371",
        "cost": {"amount": "250", "currency": "VND", "kind": "settled"},
    },
]


@pytest.fixture
def read(table: Table) -> ReportQueries:
    make_once(count_sent)
    return ReportQueries(StatisticsRepository(table), Clock())


def count_sent() -> None:
    """Count what was sent, in moto's table."""
    table = Table(moto_client("dynamodb"), NAME)
    counting = StatisticsProjector(StatisticsRepository(table), DeliveryRepository(table))
    for number, about in enumerate(SENT):
        counting.count(record({**DELIVERY, "id": f"dlv_{number}", **about}))
    start = {**VERIFICATION, "created_at": "2026-11-21T07:59:00.000Z"}
    approved = {**start, "status": "approved", "approved_channel": "zns"}
    for number, image in enumerate([start, start, approved]):
        counting.count(record({**image, "id": f"ver_{number}"}))
    counting.count(record({**DELIVERY, "id": "dlv_others", "client": "rival"}))


def figures_by(read: ReportQueries, **query: str) -> dict[tuple[str, ...], Any]:
    """Items by the values of their dimensions."""
    view = statistics_view(read.report("acme", query))
    return {tuple(str(item[name]) for name in view["by"]): item for item in view["items"]}  # type: ignore[literal-required]


def test_by_channel_of_today_unless_something_else_is_asked_for(read: ReportQueries) -> None:
    figures = figures_by(read)
    assert list(figures) == [("password_call",), ("verification",), ("zns",)]
    calls = figures["password_call",]
    assert [calls[name] for name in ("sends", "answered", "negative", "unknown", "accepted")] == [
        *(3, 1, 1, 1, 0)
    ]
    assert calls["conversion"] == {"answered": 0.3333, "approved": 0.0, "verified": None}
    assert calls["cost"] == [{"currency": "RUB", "estimated": "0.35", "settled": "0.7"}]
    assert calls["feedback"] == {"verified": 0, "not_verified": 0}
    assert figures["zns",]["approved"] == 1
    assert figures["zns",]["conversion"]["approved"] == 1.0
    proofs = figures["verification",]
    assert (proofs["started"], proofs["ended"]["approved"], proofs["approved"]) == (3, 1, 0)
    assert proofs["conversion"]["verified"] == 0.3333


def test_verified_are_approved_verifications_and_single_sends_whose_feedback_says_so(
    read: ReportQueries, table: Table
) -> None:
    counting = StatisticsProjector(StatisticsRepository(table), DeliveryRepository(table))
    for number, verified in enumerate([True, True, False]):
        at = {"verified_at": "2026-11-21T08:31:00.000Z"} if verified else {}
        about = {"id": f"dlv_own_{number}", "verified": verified, **at}
        counting.count(record({**DELIVERY, **about}))
    figures = figures_by(read)
    calls = figures["password_call",]
    assert calls["feedback"] == {"verified": 2, "not_verified": 1}
    assert (calls["sends"], calls["approved"]) == (6, 2)
    assert calls["conversion"] == {"answered": 0.1667, "approved": 0.3333, "verified": 0.6667}
    assert figures["verification",]["conversion"]["verified"] == 0.3333
    total = statistics_view(read.report("acme", {}))["total"]
    assert total["approved"] == 3
    assert total["conversion"]["verified"] == 0.5, "one of three verifications, two of three sends"


def test_the_total_is_of_all_and_no_approval_is_in_it_twice(read: ReportQueries) -> None:
    for by in ("channel", "country", "day,hour,prefix"):
        total = statistics_view(read.report("acme", {"by": by}))["total"]
        assert (total["sends"], total["started"], total["approved"]) == (4, 3, 1)
        assert total["cost"] == [
            {"currency": "RUB", "estimated": "0.35", "settled": "0.7"},
            {"currency": "VND", "estimated": "0", "settled": "250"},
        ]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("by", "expected"),
    [
        ("country", [("RU",), ("VN",)]),
        ("prefix", [("+7916",), ("+8438",)]),
        ("hour", [("00",), ("07",), ("08",)]),
        ("day", [("2026-11-21",)]),
        ("country,channel", [("password_call", "RU"), ("verification", "VN"), ("zns", "VN")]),
        ("hour,day", [("2026-11-21", hour) for hour in ("00", "07", "08")]),
    ],
)
def test_any_dimensions_in_their_own_order(
    read: ReportQueries, by: str, expected: list[tuple[str, ...]]
) -> None:
    assert list(figures_by(read, by=by)) == expected


@pytest.mark.slow
@pytest.mark.parametrize(
    ("query", "sends"),
    [
        ({"from": "2026-11-20", "to": "2026-11-22"}, 5),
        ({"from": "2026-11-20", "to": "2026-11-21"}, 1),
        ({"to": "2026-11-21"}, 1),
        ({"from": "2026-11-20T23:00:00Z", "to": "2026-11-21T01:00:00Z"}, 2),
        ({"from": "2026-11-21T07:00:00Z", "to": "2026-11-21T08:00:00Z"}, 1),
        # A day as Vietnam has it.
        ({"from": "2026-11-21T00:00:00+07:00", "to": "2026-11-22T00:00:00+07:00"}, 5),
        ({"from": "2026-11-21T07:00:00+07:00"}, 4),
        ({"from": "2026-10-21", "to": "2026-11-21"}, 1),
        ({"from": "2027-01-01", "to": "2027-01-02"}, 0),
    ],
)
def test_from_the_first_hour_to_before_the_last(
    read: ReportQueries, query: dict[str, str], sends: int
) -> None:
    assert statistics_view(read.report("acme", query))["total"]["sends"] == sends


@pytest.mark.slow
@pytest.mark.parametrize(
    ("query", "name"),
    [
        ({"by": "phone"}, "by"),
        ({"by": ""}, "by"),
        ({"by": "day,day"}, "by"),
        ({"from": "yesterday"}, "from"),
        ({"from": "2026-11-21T08:30:00Z"}, "from"),
        ({"from": "2026-11-21T08:00:00+05:30"}, "from"),
        ({"from": "2026-11-21T08:00:00"}, "from"),
        ({"from": "2026-13-01"}, "from"),
        ({"to": "0001-01-01"}, "to"),
        ({"from": "0001-01-01T00:00:00+14:00"}, "from"),
        ({"from": "2026-11-21", "to": "2026-11-21"}, "from"),
        ({"from": "2026-11-22", "to": "2026-11-21"}, "from"),
        ({"from": "2026-10-20", "to": "2026-11-21"}, "from"),
        ({"limit": "5"}, "limit"),
    ],
)
def test_what_cannot_be_answered_is_refused_by_name(
    read: ReportQueries, query: dict[str, str], name: str
) -> None:
    with pytest.raises(ValidationFailed) as refusal_info:
        read.report("acme", query)
    assert [error["loc"] for error in refusal_info.value.errors] == [["query", name]]


@pytest.mark.slow
def test_an_answer_has_an_end(read: ReportQueries, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(queries, "_MAX_GROUPS", 2)
    assert len(figures_by(read, by="country")) == 2
    with pytest.raises(ValidationFailed) as refusal_info:
        read.report("acme", {"by": "channel"})
    assert [error["loc"] for error in refusal_info.value.errors] == [["query", "by"]]


@pytest.mark.slow
@pytest.mark.parametrize("start", ["9999-12-31", "9999-12-30"])
def test_the_last_days_that_there_are_can_be_asked_for(read: ReportQueries, start: str) -> None:
    query = {"from": start, "to": "9999-12-31T23:00:00Z"}
    assert list(read.report("acme", query).groups) == []
