"""Statistics and costs over HTTP: what a recount says, whatever the stream does."""

import csv
import random
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from decimal import Decimal
from typing import Any, Final
from zoneinfo import ZoneInfo

import pytest

from local.seeding import EVERYTHING
from local.stack import Stack
from tests.e2e.conftest import (
    Api,
    Sandbox,
    fresh_code,
    fresh_phone,
    new_key,
    until,
    with_key,
)
from tests.e2e.recount import Figures, both, deliveries_of, statistics_told
from tests.e2e.replay import Stream, image, replay

CLERK: Final = "clerk"
AMOUNTS: Final = ("estimated", "settled")
# What the sandbox does with a number that ends so, and what becomes of the delivery.
CALLS: Final = {"99": "answered", "01": "busy", "06": "unknown", "12": "rejected", "15": "answered"}


@pytest.fixture(scope="module")
def clerk(stack: Stack) -> Iterator[Api]:
    """With every scope, of a client that only this module uses."""
    with with_key(stack, new_key(stack, CLERK, EVERYTHING)) as api:
        yield api


def in_step(api: Api, stack: Stack, client: str = CLERK) -> Figures:
    """The client's figures, once a recount says the same."""
    _, figures = until(lambda: both(api, stack, client), lambda pair: pair[0] == pair[1])
    return figures


def test_statistics_equal_a_recount_of_what_was_sent(stack: Stack, clerk: Api) -> None:
    calls = {
        clerk.post("/v1/password-calls", {"phone": fresh_phone("RU", digits)}).json()["id"]: ending
        for digits, ending in CALLS.items()
    }
    for phone in (fresh_phone("VN", "10"), fresh_phone("VN", "12")):
        assert clerk.post("/v1/voice-otp", {"phone": phone, "otp": fresh_code(10)}).is_success
        assert clerk.post("/v1/zns", {"phone": phone, "template": 366}).is_success
    assert clerk.post("/v1/password-calls", {"phone": "+70000000099"}).json()["test"]
    for delivery, ending in calls.items():
        clerk.settled(delivery, ending)
    in_step(clerk, stack)
    # What Bizfly refuses the voice gateway gets, and refuses, too.
    assert len(deliveries_of(clerk)) == len(calls) + 6
    channels = {of[0]: counts["sends"] for of, counts in statistics_told(clerk).items()}
    assert channels == {"password_call": 5, "voice_otp": 3, "zns": 2}
    [russia, vietnam] = clerk.get("/v1/statistics", by="country").json()["items"]
    assert (russia["country"], russia["sends"], russia["answered"]) == ("RU", 5, 2)
    assert russia["conversion"] == {"answered": 0.4, "approved": 0.0, "verified": None}
    assert (vietnam["sends"], vietnam["accepted"], vietnam["negative"]) == (5, 2, 3)


def test_costs_equal_those_of_the_deliveries(stack: Stack, clerk: Api) -> None:
    costs = in_step(clerk, stack).costs
    assert {of[1:] for of in costs} == {("RUB", "password_call", "mcn")}
    assert all(one["settled"] > 0 and one["estimated"] > 0 for one in costs.values())
    for one in clerk.get("/v1/costs", **{"from": min(of[0] for of in costs)}).json()["items"]:
        assert Decimal(one["cap"]) > 0
        assert Decimal(one["spent"]) == Decimal(one["estimated"]) + Decimal(one["settled"])


def test_many_at_once_in_one_place(stack: Stack, clerk: Api) -> None:
    before = len(deliveries_of(clerk))
    # Nothing more is reported about these: the figures stand still once they are in step.
    bodies = [{"phone": fresh_phone("VN", "10"), "otp": fresh_code(10)} for _ in range(30)]
    with ThreadPoolExecutor(max_workers=10) as pool:
        answers = list(pool.map(lambda body: clerk.post("/v1/voice-otp", body), bodies))
    assert {answer.status_code for answer in answers} == {202}
    in_step(clerk, stack)
    assert len(deliveries_of(clerk)) == before + 30


def test_the_stream_again_in_any_order_changes_nothing(stack: Stack, clerk: Api) -> None:
    before = in_step(clerk, stack)
    ids = {one["id"] for one in deliveries_of(clerk)}
    records = [
        record for record in Stream(stack).read() if image(record).get("id", {}).get("S") in ids
    ]
    assert len(records) >= 2 * len(ids)
    chance = random.Random(17)  # noqa: S311 - shuffles
    records += chance.choices(records, k=len(records))
    chance.shuffle(records)
    for start in range(0, len(records), 50):
        assert replay(stack, records[start : start + 50])
    assert both(clerk, stack, CLERK) == (before, before)


def test_verifications_are_counted_with_the_channel_that_proved_it(
    stack: Stack, clerk: Api, sandbox: Sandbox
) -> None:
    approved, canceled = fresh_phone("VN"), fresh_phone("VN")
    body = {"workflow": [{"channel": "voice_otp"}]}
    ids = {
        phone: clerk.post("/v1/verifications", body | {"phone": phone}).json()["id"]
        for phone in (approved, canceled)
    }
    code_answer = sandbox.http.get(f"{sandbox.url}/_sandbox/code", params={"phone": approved})
    code = code_answer.json()["code"]
    check_answer = clerk.post(f"/v1/verifications/{ids[approved]}/check", {"code": code})
    assert check_answer.json()["status"] == "approved"
    assert clerk.post(f"/v1/verifications/{ids[canceled]}/cancel", {}).is_success

    def look() -> dict[str, dict[str, Any]]:
        items = clerk.get("/v1/statistics").json()["items"]
        return {item["channel"]: item for item in items}

    by_channel = until(look, lambda channels: channels.get("verification", {}).get("started") == 2)
    by_channel = until(look, lambda channels: sum(channels["verification"]["ended"].values()) == 2)
    ends = by_channel["verification"]["ended"]
    assert (ends["approved"], ends["canceled"]) == (1, 1)
    assert by_channel["verification"]["conversion"]["verified"] == 0.5
    assert by_channel["voice_otp"]["approved"] == 1
    assert sum(item["approved"] for item in by_channel.values()) == 1
    in_step(clerk, stack)


def test_what_a_limit_refused_is_listed(stack: Stack, clerk: Api, rival: Api) -> None:
    phone = fresh_phone("VN")
    bodies = [{"phone": phone, "otp": fresh_code(10)} for _ in range(6)]
    answers = [clerk.post("/v1/voice-otp", body).status_code for body in bodies]
    assert answers == [202] * 5 + [429]
    first = clerk.get("/v1/decisions", limit="1").json()["items"][0]
    assert (first["code"], first["limit"], first["cap"]) == ("limit_reached", "phone", 5)
    assert first["phone"] == phone
    assert 0 < first["retry_after"] <= 600
    other = fresh_phone("VN")
    assert clerk.post("/v1/voice-otp", {"phone": other, "otp": fresh_code(10)}).is_success
    [of_phone] = until(
        lambda: clerk.get("/v1/decisions", phone=phone).json()["items"], lambda items: items
    )
    assert of_phone == first
    assert clerk.get("/v1/decisions", phone=fresh_phone("VN")).json()["items"] == []
    with with_key(stack, new_key(stack, CLERK, "read")) as blind:
        [masked] = blind.get("/v1/decisions", phone=phone).json()["items"]
        assert blind.get("/v1/decisions", phone=other).json()["items"] == []
    assert masked == {**first, "phone": f"+84******{phone[-3:]}"}
    assert rival.get("/v1/decisions", phone=phone).json()["items"] == []


def test_costs_of_months_in_a_zone_equal_those_of_the_deliveries(stack: Stack, clerk: Api) -> None:
    """Vietnam's day begins at 17:00 UTC: the days of its zone are other ones."""
    in_step(clerk, stack)
    zone = ZoneInfo("Asia/Ho_Chi_Minh")
    expected: dict[str, Counter[tuple[str, str, str | None]]] = {}
    amounts: dict[str, Decimal] = {}
    for one in deliveries_of(clerk):
        month = datetime.fromisoformat(one["created_at"]).astimezone(zone).strftime("%Y-%m")
        cost = None if one["test"] else one["cost"]
        if not one["test"]:
            place = (one["provider"], one["channel"], cost and cost["currency"])
            expected.setdefault(month, Counter())[place] += 1
            amounts[month] = amounts.get(month, Decimal()) + Decimal(cost["amount"] if cost else 0)
    assert expected
    for month, sends in expected.items():
        query = {"month": month, "tz": zone.key}
        view = clerk.get("/v1/costs", **query, by="provider,channel").json()
        lines = {
            (line["provider"], line["channel"], line["currency"]): line["sends"]
            for line in view["lines"]
        }
        assert lines == sends
        total = sum(Decimal(line[kind]) for line in view["lines"] for kind in AMOUNTS)
        assert total == amounts[month]
        assert sum(Decimal(day[kind]) for day in view["items"] for kind in AMOUNTS) == total
        assert {day["spent"] for day in view["items"]} == {None}
        unpriced = sum(number for place, number in sends.items() if place[2] is None)
        assert sum(line["sends"] for line in view["unpriced"]) == unpriced
        answer = clerk.get("/v1/costs", **query, format="csv")
        assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
        rows = list(csv.DictReader(answer.text.splitlines()))
        assert sum(int(row["sends"]) for row in rows) == sends.total()
        assert sum(Decimal(row[kind]) for row in rows for kind in AMOUNTS) == total


def test_figures_are_the_client_s_own(stack: Stack, clerk: Api, rival: Api) -> None:
    of_ours = {delivery["id"] for delivery in deliveries_of(clerk)}
    assert of_ours.isdisjoint(delivery["id"] for delivery in deliveries_of(rival))
    in_step(rival, stack, "rival")


@pytest.mark.parametrize(
    "query",
    [
        {"by": "client"},
        {"from": "2026-01-01", "to": "2026-12-31"},
        {"from": "now"},
        {"client": "local"},
    ],
)
def test_what_cannot_be_answered_is_refused(clerk: Api, query: dict[str, str]) -> None:
    for path in ("/v1/statistics", "/v1/costs"):
        answer = clerk.get(path, **query)
        assert (answer.status_code, answer.json()["code"]) == (422, "validation_failed")
