"""Feedback, consent references and recorded limits over HTTP."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any, Final

import pytest

from local.seeding import EVERYTHING
from local.stack import Stack
from ringpass.clock import to_text, utc_now
from tests.e2e.conftest import RACERS, Api, fresh_code, fresh_phone, new_key, until, with_key
from tests.e2e.test_limits import CALL, is_reached, limited

PATH: Final = "/v1/password-calls"


def send(api: Api, **fields: object) -> str:
    answer = api.post(PATH, {"phone": fresh_phone("RU"), "code": fresh_code(), **fields})
    assert answer.status_code == 202, answer.text
    delivery_id: str = answer.json()["id"]
    return delivery_id


def make_readable(stack: Stack, delivery_id: str) -> None:
    """As if it had been made a minute ago: a person can have read its code."""
    stack.dynamodb().update_item(
        TableName=stack.table,
        Key={"PK": {"S": f"DLV#{delivery_id}"}, "SK": {"S": "DLV"}},
        UpdateExpression="SET created_at = :at",
        ExpressionAttributeValues={":at": {"S": to_text(utc_now() - timedelta(minutes=1))}},
    )


@pytest.mark.race
def test_feedback_counts_once_however_often_it_comes(stack: Stack) -> None:
    with with_key(stack, new_key(stack, "confirming", EVERYTHING)) as api:
        limited(api, fraud_budget={"country_least": 2, "percent": 0})
        first, second = send(api), send(api)
        is_reached(
            api.post(PATH, {"phone": fresh_phone("RU"), "code": fresh_code()}),
            "fraud_budget_country",
        )
        make_readable(stack, first)
        path = f"/v1/deliveries/{first}/feedback"
        wrong = api.post(path, {"verified": False})
        assert (wrong.status_code, wrong.json()["verified"]) == (200, False)
        with ThreadPoolExecutor(RACERS) as pool:
            answers = list(pool.map(lambda _: api.post(path, {"verified": True}), range(RACERS)))
        assert {answer.status_code for answer in answers} == {200}
        assert len({answer.json()["verified_at"] for answer in answers}) == 1
        delivery = api.settled(first, "answered")
        assert delivery["verified"] is True
        lines = [line["reason"] for line in delivery["history"] if line["source"] == "feedback"]
        assert lines == ["not_verified", "verified"]
        refusal = api.post(path, {"verified": False})
        assert (refusal.status_code, refusal.json()["code"]) == (409, "feedback_conflict")
        assert api.post(f"/v1/deliveries/{second}/feedback", {"verified": False}).is_success

        def look() -> dict[str, Any]:
            total: dict[str, Any] = api.get("/v1/statistics").json()["total"]
            return total

        total = until(look, lambda total: total["feedback"] == {"verified": 1, "not_verified": 1})
        assert (total["sends"], total["approved"]) == (2, 1)
        assert total["conversion"]["approved"] == total["conversion"]["verified"] == 0.5
        # One place of the budget is free again, not as many as requests said so.
        send(api)
        is_reached(
            api.post(PATH, {"phone": fresh_phone("RU"), "code": fresh_code()}),
            "fraud_budget_country",
        )


def test_a_consent_reference_is_in_records_and_events(stack: Stack) -> None:
    reference = "Договор № 15/2026"
    with with_key(stack, new_key(stack, "consenting", EVERYTHING)) as api:
        phone = fresh_phone("RU")
        body = {"phone": phone, "workflow": [CALL], "consent_reference": reference}
        verification = api.post("/v1/verifications", body, key="consent").json()
        [delivery] = verification["deliveries"]
        assert verification["consent_reference"] == delivery["consent_reference"] == reference
        assert api.delivery(delivery["id"])["consent_reference"] == reference
        other = api.post("/v1/verifications", {**body, "consent_reference": "16"}, key="consent")
        assert (other.status_code, other.json()["code"]) == (422, "idempotency_key_reused")
        refusal = api.post(f"/v1/deliveries/{delivery['id']}/feedback", {"verified": True})
        assert (refusal.status_code, refusal.json()["code"]) == (409, "feedback_conflict")
        single = send(api, consent_reference="x" * 128)
        assert api.delivery(single)["consent_reference"] == "x" * 128
        for wrong in ("", "x" * 129, "a\nb"):
            answer = api.post(PATH, {"phone": phone, "consent_reference": wrong})
            assert answer.status_code == 422
            assert answer.json()["errors"][0]["loc"] == ["consent_reference"]
        events = until(
            lambda: api.get("/v1/events", subject=verification["id"]).json()["items"],
            lambda items: len(items) == 2,
        )
        assert {event["data"]["consent_reference"] for event in events} == {reference}


def test_what_hours_and_countries_would_refuse_is_recorded(stack: Stack) -> None:
    with with_key(stack, new_key(stack, "recording", EVERYTHING)) as api:
        limited(
            api,
            fraud_budget={
                "country_least": 3,
                "hourly": {"country_least": 1},
                "ip_countries": {"cap": 1},
            },
        )
        ids = []
        for country in ("RU", "RU", "VN"):
            body = {"phone": fresh_phone(country), "workflow": [CALL], "ip": "203.0.113.77"}
            answer = api.post("/v1/verifications", body)
            assert answer.status_code == 201, answer.text
            ids.append(answer.json()["id"])
        assert api.get("/v1/decisions").json()["items"] == []
        items = api.get("/v1/decisions", refused="false").json()["items"]
        assert [(one["limit"], one["verification_id"], one["refused"]) for one in items] == [
            ("fraud_budget_ip_countries", ids[2], False),
            ("fraud_budget_country_hour", ids[1], False),
        ]
        events = api.get("/v1/events", type="limit.refused").json()["items"]
        assert events == []
        for verification_id in ids:
            assert api.post(f"/v1/verifications/{verification_id}/cancel", {}).is_success
        wrong = api.get("/v1/decisions", refused="perhaps")
        assert wrong.json()["errors"][0]["loc"] == ["query", "refused"]
