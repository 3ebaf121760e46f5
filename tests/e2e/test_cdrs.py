"""CDRs as MCN's webhook brings them: early, often, contradicting, and for nothing we know."""

import json
from typing import Any

import pytest

from local.stack import Stack
from tests.e2e.conftest import CDR_DELAY_SECONDS, Api, Sandbox, fresh_code, fresh_phone, until


@pytest.fixture(scope="module")
def call(api: Api) -> Any:  # noqa: ANN401 - JSON
    """A call whose CDR the sandbox does not send by itself."""
    body = {"phone": fresh_phone("RU", "10"), "code": fresh_code()}
    return api.post("/v1/password-calls", body).json()


def reference(stack: Stack, ref: str) -> dict[str, Any]:
    response = stack.dynamodb().get_item(
        TableName=stack.table,
        Key={"PK": {"S": f"REF#mcn#{ref}"}, "SK": {"S": "REF"}},
        ConsistentRead=True,
    )
    item: dict[str, Any] = response.get("Item", {})
    return item


def test_a_cdr_before_the_reply(api: Api, stack: Stack) -> None:
    body = {"phone": fresh_phone("RU", "08"), "code": fresh_code()}
    delivery = api.post("/v1/password-calls", body).json()
    # Both had come when the request was answered: the answer says so already.
    assert delivery["status"] == "answered"
    assert [entry["status"] for entry in delivery["history"]] == [
        "reserved",
        "accepted",
        "answered",
    ]
    assert reference(stack, delivery["provider_ref"])["cdr_count"] == {"N": "1"}


def test_a_cdr_three_times(api: Api, stack: Stack) -> None:
    body = {"phone": fresh_phone("RU", "09"), "code": fresh_code()}
    delivery = api.post("/v1/password-calls", body).json()
    settled = api.settled(delivery["id"], "answered")
    until(
        lambda: reference(stack, delivery["provider_ref"]),
        lambda item: item["cdr_count"] == {"N": "3"},
    )
    assert api.delivery(delivery["id"]) == settled
    assert len(settled["history"]) == 3


def test_a_contradicting_cdr_is_told_and_decides_nothing(api: Api, sandbox: Sandbox) -> None:
    body = {"phone": fresh_phone("RU", "10"), "code": fresh_code()}
    delivery = api.post("/v1/password-calls", body).json()
    ref = delivery["provider_ref"]
    for cause, final_status in ((17, "CANCEL"), (16, "ANSWER")):
        reply = sandbox.control(
            "cdr", verification_call_uuid=ref, q931_status=cause, final_status=final_status
        )
        assert [answer["status"] for answer in reply["deliveries"]] == [200]
    after = api.delivery(delivery["id"])
    assert (after["status"], after["reason"]) == ("busy", "q850_17")
    assert after["history"][-1]["reason"] == "later_cdr_answered:q850_16"


def test_a_cdr_for_a_call_that_was_never_made_is_kept(stack: Stack, sandbox: Sandbox) -> None:
    ref = "feedfacecafe_117793"
    reply = sandbox.control(
        "cdr",
        verification_call_uuid=ref,
        q931_status=16,
        final_status="ANSWER",
        called_number="79160000000",
    )
    assert [answer["status"] for answer in reply["deliveries"]] == [200]
    item = until(lambda: reference(stack, ref), lambda current: "unjoined" in current)
    assert item["unjoined"] == {"S": "no_open_delivery"}
    assert item["cdr_count"] == {"N": "1"}
    assert "79160000000" not in json.dumps(item)


@pytest.mark.parametrize("form", ["object", "array", "pairs", "name_value", "form", "get", "text"])
def test_every_form_settles(api: Api, sandbox: Sandbox, form: str) -> None:
    body = {"phone": fresh_phone("RU", "10"), "code": fresh_code()}
    delivery = api.post("/v1/password-calls", body).json()
    reply = sandbox.control("cdr", phone=body["phone"], q931_status=31, form=form)
    assert [answer["status"] for answer in reply["deliveries"]] == [200]
    assert api.delivery(delivery["id"])["status"] == "refused"


def test_a_lost_call_is_found_by_its_called_number_in_any_form(
    api: Api, stack: Stack, sandbox: Sandbox
) -> None:
    phone = fresh_phone("RU", "06")
    lost_call = api.post("/v1/password-calls", {"phone": phone, "code": fresh_code()}).json()
    assert lost_call["status"] == "unknown"
    number = f'"Caller 5" <sip:{phone[:2]}-({phone[2:5]})-{phone[5:]}@mcn;user=phone>;tag=1'
    cdr = {
        "verification_call_uuid": "feedfacecaf0_117793",
        "q931_status": 16,
        "final_status": "ANSWER",
        "called_number": number,
    }
    assert sandbox.http.post(stack.mcn_webhook_url, json=[cdr]).json() == {"received": 1}
    assert api.settled(lost_call["id"], "answered")["provider_ref"] == "feedfacecaf0_117793"


def test_two_open_calls_to_one_number_are_not_confused(api: Api, sandbox: Sandbox) -> None:
    phone = fresh_phone("RU", "07")
    body = {"phone": phone, "code": fresh_code()}
    sandbox.control("settings", cdr_delay_seconds=6)
    try:
        ids = [api.post("/v1/password-calls", body).json()["id"] for _ in range(2)]
    finally:
        sandbox.control("settings", cdr_delay_seconds=CDR_DELAY_SECONDS)

    def reasons() -> list[str]:
        return [api.delivery(each)["history"][-1]["reason"] for each in ids]

    until(reasons, lambda current: set(current) == {"later_cdr_unknown:ambiguous_cdr"})
    assert {api.delivery(each)["status"] for each in ids} == {"unknown"}


def test_the_token_may_come_in_a_header(stack: Stack, sandbox: Sandbox) -> None:
    url, token = stack.mcn_webhook_url.rsplit("/", 1)
    right = sandbox.http.post(url, json=[], headers={"X-Ringpass-Token": token})
    assert (right.status_code, right.json()) == (200, {"received": 0})


@pytest.mark.parametrize("token", ["", "wrong", "local-webhook-toke"])
def test_without_the_token_nothing_is_taken(
    stack: Stack, api: Api, call: dict[str, Any], sandbox: Sandbox, token: str
) -> None:
    url = stack.mcn_webhook_url.rsplit("/", 1)[0]
    cdr = [{"verification_call_uuid": call["provider_ref"], "q931_status": 31}]
    for answer in (
        sandbox.http.post(f"{url}/{token}" if token else url, json=cdr),
        sandbox.http.post(url, json=cdr, headers={"X-Ringpass-Token": token}),
        sandbox.http.get(f"{url}/{token}" if token else url, params=cdr[0]),
    ):
        assert (answer.status_code, answer.json()["code"]) == (401, "unauthorized")
        assert answer.headers["Content-Type"] == "application/problem+json"
    assert api.delivery(call["id"])["status"] == "accepted"


@pytest.mark.parametrize(
    "body", [b"", b"null", b"hello", b"\xff\xfe", b"[" * 5_000, b"1" * 60_000, b'{"a":1}']
)
def test_whatever_comes_with_the_token_is_taken(
    stack: Stack, sandbox: Sandbox, body: bytes
) -> None:
    answer = sandbox.http.post(
        stack.mcn_webhook_url, content=body, headers={"Content-Type": "application/json"}
    )
    assert (answer.status_code, answer.json()) == (200, {"received": 0})
