"""Statistics and costs over HTTP: what a recount says, whatever the stream does."""

import json
import random
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from typing import Any, Final

import pytest

from local.seeding import EVERYTHING
from local.stack import Stack
from tests.e2e.conftest import (
    Api,
    Sandbox,
    fresh_code,
    fresh_phone,
    invoke,
    manage_keys,
    until,
    with_key,
)

ALL: Final = "day,hour,channel,country,prefix"
# What the sandbox does with a number that ends so, and what becomes of the delivery.
CALLS: Final = {"99": "answered", "01": "busy", "06": "unknown", "12": "rejected", "15": "answered"}
COUNTED_AS: Final = {
    "accepted": "accepted",
    "answered": "answered",
    "busy": "negative",
    "rejected": "negative",
    "unknown": "unknown",
}
COUNTED: Final = ("sends", "accepted", "answered", "negative", "unknown")

type Counts = dict[tuple[str, ...], dict[str, Any]]


@pytest.fixture(scope="module")
def clerk(stack: Stack) -> Iterator[Api]:
    """With every scope, of a client that only this module uses."""
    with with_key(stack, manage_keys(stack, "create", "clerk", "--scopes", EVERYTHING)) as api:
        yield api


def deliveries_of(api: Api) -> list[dict[str, Any]]:
    """All of a client's deliveries, page by page."""
    found, query = list[dict[str, Any]](), {"limit": "100"}
    while True:
        page = api.get("/v1/deliveries", **query).json()
        found += page["items"]
        if page["next_cursor"] is None:
            return found
        query["cursor"] = page["next_cursor"]


def recount(deliveries: Sequence[dict[str, Any]]) -> Counts:
    """What the statistics must say, by all dimensions."""
    found: Counts = {}
    for one in deliveries:
        if one["test"]:
            continue
        at, phone = one["created_at"], one["phone"]
        country = "VN" if phone.startswith("+84") else "RU"
        of = (at[:10], at[11:13], one["channel"], country, phone[:-7])
        counts = found.setdefault(of, dict.fromkeys(COUNTED, 0) | {"cost": {}})
        counts["sends"] += 1
        counts[COUNTED_AS[one["status"]]] += 1
        if cost := one["cost"]:
            sums = counts["cost"].setdefault(cost["currency"], Counter())
            sums[cost["kind"]] += Decimal(cost["amount"])
    return found


def told(api: Api, **query: str) -> Counts:
    """What they say."""
    answer = api.get("/v1/statistics", **query)
    assert answer.status_code == 200, answer.text
    view = answer.json()
    return {
        tuple(item[name] for name in view["by"]): {
            **{name: item[name] for name in COUNTED},
            "cost": {
                one["currency"]: Counter(
                    {
                        kind: Decimal(one[kind])
                        for kind in ("estimated", "settled")
                        if Decimal(one[kind])
                    }
                )
                for one in item["cost"]
            },
        }
        for item in view["items"]
        if item["sends"]
    }


def in_step(api: Api) -> list[dict[str, Any]]:
    """The client's deliveries, once the statistics say the same."""

    def look() -> tuple[list[dict[str, Any]], Counts, Counts]:
        deliveries = deliveries_of(api)
        return deliveries, without_nothing(recount(deliveries)), told(api, by=ALL)

    deliveries, _, _ = until(look, lambda seen: seen[1] == seen[2])
    return deliveries


def without_nothing(counts: Counts) -> Counts:
    """Costs of nothing are not told."""
    for one in counts.values():
        one["cost"] = {name: +sums for name, sums in one["cost"].items() if +sums}
    return counts


def test_statistics_equal_a_recount_of_what_was_sent(clerk: Api) -> None:
    calls = {
        clerk.post("/v1/password-calls", {"phone": fresh_phone("RU", digits)}).json()["id"]: ending
        for digits, ending in CALLS.items()
    }
    for phone in (fresh_phone("VN"), fresh_phone("VN", "12")):
        assert clerk.post("/v1/voice-otp", {"phone": phone, "otp": fresh_code(10)}).is_success
        assert clerk.post("/v1/zns", {"phone": phone, "template": 366}).is_success
    assert clerk.post("/v1/password-calls", {"phone": "+70000000099"}).json()["test"]
    for delivery, ending in calls.items():
        clerk.settled(delivery, ending)
    deliveries = in_step(clerk)
    assert len(deliveries) == len(calls) + 5
    channels = {of[0]: counts["sends"] for of, counts in told(clerk).items()}
    assert channels == {"password_call": 5, "voice_otp": 2, "zns": 2}
    [russia, vietnam] = clerk.get("/v1/statistics", by="country").json()["items"]
    assert (russia["country"], russia["sends"], russia["answered"]) == ("RU", 5, 2)
    assert russia["conversion"] == {"answered": 0.4, "approved": 0.0, "verified": None}
    assert (vietnam["sends"], vietnam["accepted"], vietnam["negative"]) == (4, 2, 2)


def test_costs_equal_those_of_the_deliveries(clerk: Api) -> None:
    sums = Counter[tuple[str, str]]()
    for one in in_step(clerk):
        if one["cost"]:
            sums[one["created_at"][:10], one["cost"]["kind"]] += Decimal(one["cost"]["amount"])  # type: ignore[assignment]
    first = min(day for day, _ in sums)
    found = clerk.get("/v1/costs", **{"from": first}).json()["items"]
    assert {one["currency"] for one in found} == {"RUB"}
    for one in found:
        assert Decimal(one["settled"]) == sums[one["day"], "settled"] > 0
        assert Decimal(one["estimated"]) == sums[one["day"], "estimated"] > 0
        assert one["providers"] == [
            {
                "channel": "password_call",
                "provider": "mcn",
                "estimated": one["estimated"],
                "settled": one["settled"],
            }
        ]
        assert Decimal(one["cap"]) > 0


def test_many_at_once_in_one_place(clerk: Api) -> None:
    before = len(in_step(clerk))
    bodies = [{"phone": fresh_phone("VN"), "otp": fresh_code(10)} for _ in range(30)]
    with ThreadPoolExecutor(max_workers=10) as pool:
        answers = list(pool.map(lambda body: clerk.post("/v1/voice-otp", body), bodies))
    assert {answer.status_code for answer in answers} == {202}
    assert len(in_step(clerk)) == before + 30


def test_the_stream_again_in_any_order_changes_nothing(stack: Stack, clerk: Api) -> None:
    deliveries = in_step(clerk)
    costs = clerk.get("/v1/costs").json()
    ids = {one["id"] for one in deliveries}
    records = [
        record
        for record in stream(stack)
        if record["dynamodb"].get("NewImage", {}).get("id", {}).get("S") in ids
    ]
    assert len(records) >= 2 * len(ids)
    chance = random.Random(17)  # noqa: S311 - shuffles
    records += chance.choices(records, k=len(records))
    chance.shuffle(records)
    for start in range(0, len(records), 50):
        event = json.dumps({"Records": records[start : start + 50]}, default=str)
        assert invoke(stack, "OutboxFunction", event) == (False, None)
    assert told(clerk, by=ALL) == without_nothing(recount(deliveries))
    assert clerk.get("/v1/costs").json() == costs


def stream(stack: Stack) -> Iterator[dict[str, Any]]:
    """All that the table's stream still holds."""
    streams = stack.client("dynamodbstreams")
    [described] = streams.list_streams(TableName=stack.table)["Streams"]
    arn = described["StreamArn"]
    for shard in streams.describe_stream(StreamArn=arn)["StreamDescription"]["Shards"]:
        place = streams.get_shard_iterator(
            StreamArn=arn, ShardId=shard["ShardId"], ShardIteratorType="TRIM_HORIZON"
        )["ShardIterator"]
        while place:
            some = streams.get_records(ShardIterator=place)
            yield from some["Records"]
            place = some.get("NextShardIterator", "") if some["Records"] else ""


def test_the_ledger_holds_what_the_deliveries_cost(clerk: Api) -> None:
    in_step(clerk)
    for one in clerk.get("/v1/costs").json()["items"]:
        assert Decimal(one["spent"]) == Decimal(one["estimated"]) + Decimal(one["settled"])


def test_verifications_are_counted_with_the_channel_that_proved_it(
    clerk: Api, sandbox: Sandbox
) -> None:
    approved, canceled = fresh_phone("VN"), fresh_phone("VN")
    body = {"workflow": [{"channel": "voice_otp"}]}
    made = {
        phone: clerk.post("/v1/verifications", body | {"phone": phone}).json()["id"]
        for phone in (approved, canceled)
    }
    heard = sandbox.http.get(f"{sandbox.url}/_sandbox/code", params={"phone": approved})
    code = heard.json()["code"]
    checked = clerk.post(f"/v1/verifications/{made[approved]}/check", {"code": code})
    assert checked.json()["status"] == "approved"
    assert clerk.post(f"/v1/verifications/{made[canceled]}/cancel", {}).is_success

    def look() -> dict[str, dict[str, Any]]:
        items = clerk.get("/v1/statistics").json()["items"]
        return {item["channel"]: item for item in items}

    found = until(look, lambda seen: seen.get("verification", {}).get("started") == 2)
    found = until(look, lambda seen: sum(seen["verification"]["ended"].values()) == 2)
    ended = found["verification"]["ended"]
    assert (ended["approved"], ended["canceled"]) == (1, 1)
    assert found["verification"]["conversion"]["verified"] == 0.5
    assert found["voice_otp"]["approved"] == 1
    assert sum(item["approved"] for item in found.values()) == 1


def test_what_a_limit_refused_is_listed(clerk: Api) -> None:
    phone = fresh_phone("VN")
    bodies = [{"phone": phone, "otp": fresh_code(10)} for _ in range(6)]
    answers = [clerk.post("/v1/voice-otp", body).status_code for body in bodies]
    assert answers == [202] * 5 + [429]
    first = clerk.get("/v1/decisions", limit="1").json()["items"][0]
    assert (first["code"], first["limit"], first["cap"]) == ("limit_reached", "phone", 5)
    assert first["phone"] == f"+84******{phone[-3:]}"
    assert 0 < first["retry_after"] <= 600


def test_figures_are_the_client_s_own(clerk: Api, rival: Api) -> None:
    of_ours = {delivery["id"] for delivery in deliveries_of(clerk)}
    assert of_ours.isdisjoint(delivery["id"] for delivery in deliveries_of(rival))
    in_step(rival)


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
