"""CDRs that are late, huge, many or no CDRs at all: nothing that MCN sent is lost."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import pytest

from local.stack import Stack
from ringpass.ids import payload_id
from ringpass.redaction import Secret
from tests.e2e.conftest import CDR_DELAY_SECONDS, Api, Sandbox, fresh_code, fresh_phone, until

MEGABYTE: Final = 1_000_000
AN_HOUR: Final = timedelta(hours=1)


@pytest.fixture
def no_cdr_by_itself(sandbox: Sandbox) -> Iterator[None]:
    """The sandbox sends a call's CDR only when it is told to."""
    sandbox.control("settings", cdr_delay_seconds=3600)
    yield
    sandbox.control("settings", cdr_delay_seconds=CDR_DELAY_SECONDS)


def item_of(stack: Stack, pk: str, sk: str) -> dict[str, Any]:
    key = {"PK": {"S": pk}, "SK": {"S": sk}}
    response = stack.dynamodb().get_item(TableName=stack.table, Key=key, ConsistentRead=True)
    item: dict[str, Any] = response.get("Item", {})
    return item


def kept_body(stack: Stack, body: bytes) -> dict[str, Any]:
    """What the table has of a body that could not be used."""
    return item_of(stack, f"RAW#mcn#{payload_id(lookup_key(stack), 'mcn', body)}", "RAW")


def lookup_key(stack: Stack) -> Secret:
    arn = stack.outputs["LookupSecretArn"]
    text = stack.client("secretsmanager").get_secret_value(SecretId=arn)["SecretString"]
    return Secret(json.loads(text)["key"])


def age(stack: Stack, delivery_id: str, by: timedelta) -> None:
    """Make a delivery older than it is."""
    key = {"PK": {"S": f"DLV#{delivery_id}"}, "SK": {"S": "DLV"}}
    item = item_of(stack, f"DLV#{delivery_id}", "DLV")
    instant = datetime.fromisoformat(item["created_at"]["S"]).astimezone(UTC) - by
    text = instant.isoformat(timespec="milliseconds").replace("+00:00", "Z")
    stack.dynamodb().update_item(
        TableName=stack.table,
        Key=key,
        UpdateExpression="SET created_at = :at, listed_at = :listed",
        ExpressionAttributeValues={
            ":at": {"S": text},
            ":listed": {"S": f"{text}#{delivery_id}"},
        },
    )


def deliver(
    stack: Stack, sandbox: Sandbox, body: bytes, content_type: str = "application/json"
) -> int:
    """Send a body to the webhook as MCN would; how many CDRs were read in it."""
    answer = sandbox.http.post(
        stack.mcn_webhook_url, content=body, headers={"Content-Type": content_type}
    )
    assert answer.status_code == 200, answer.text
    count: int = answer.json()["received"]
    return count


# ------------------------------------------------------------------------------------- late


@pytest.mark.usefixtures("no_cdr_by_itself")
def test_an_hour_late_for_a_call_that_was_cut(api: Api, stack: Stack, sandbox: Sandbox) -> None:
    phone = fresh_phone("RU", "07")
    body = {"phone": phone, "code": fresh_code()}
    delivery = api.post("/v1/password-calls", body, key=f"late-{phone}").json()
    assert (delivery["status"], delivery["provider_ref"]) == ("unknown", None)
    age(stack, delivery["id"], AN_HOUR)
    sandbox.control("cdr", phone=phone, q931_status=17, final_status="CANCEL")
    settled = api.settled(delivery["id"], "busy")
    assert settled["provider_ref"] is not None
    assert settled["cost"]["kind"] == "settled"
    assert [entry["source"] for entry in settled["history"]] == ["request", "reply", "cdr"]
    again = api.post("/v1/password-calls", body, key=f"late-{phone}").json()
    assert again == settled
    assert len(sandbox.requests(phone, least=1)) == 1


@pytest.mark.usefixtures("no_cdr_by_itself")
def test_later_than_the_join_window_it_is_kept_and_joined_to_nothing(
    api: Api, stack: Stack, sandbox: Sandbox
) -> None:
    phone, ref = fresh_phone("RU", "07"), "1a7e1a7e1a7e_117793"
    delivery = api.post("/v1/password-calls", {"phone": phone, "code": fresh_code()}).json()
    age(stack, delivery["id"], timedelta(hours=3))
    sandbox.control("cdr", verification_call_uuid=ref, phone=phone, q931_status=17)
    item = until(lambda: item_of(stack, f"REF#mcn#{ref}", "REF"), lambda it: "unjoined" in it)
    assert (item["unjoined"], item["cdr_count"]) == ({"S": "no_open_delivery"}, {"N": "1"})
    assert api.delivery(delivery["id"])["status"] == "unknown"


# ------------------------------------------------------------------------- not what it should be


@pytest.mark.parametrize(
    ("name", "body", "why"),
    [
        # They are read later: the reason why they were kept gives way to what comes of them.
        ("a megabyte of digits", b"7" * MEGABYTE, "unreadable"),
        ("many CDRs", json.dumps([{"q931_status": 16}] * 4_000).encode(), "no_reference"),
        ("5,000 deep, whole", b"[" * 5_000 + b"]" * 5_000, "unreadable"),
        ("5,000 deep, cut off", b'{"a":' * 5_000, "unreadable"),
        (
            "a CDR too deep to be one",
            b"[" * 5_000 + b'{"q931_status":17}' + b"]" * 5_000,
            "unreadable",
        ),
        ("invalid UTF-8", b'[{"q931_status": 17, "x": "\xff\xfe\xc3"}]', "no_reference"),
        ("empty", b"", "unreadable"),
        ("null", b"null", "unreadable"),
        ("a number", b"17", "unreadable"),
        ("a list of nothing", b"[]", "unreadable"),
        ("NaN", b"NaN", "unreadable"),
        ("a CDR of no call", b'{"q931_status": 17, "final_status": "CANCEL"}', "no_reference"),
    ],
    ids=lambda value: value if isinstance(value, str) else "body",
)
def test_what_names_no_call_is_stored(
    stack: Stack, sandbox: Sandbox, name: str, body: bytes, why: str
) -> None:
    before = kept_body(stack, body)
    # What is read as bytes comes as it is; as text, the gateway may have put it right.
    count = deliver(stack, sandbox, body, "application/octet-stream")
    assert count == (1 if why == "no_reference" and len(body) < 65_536 else 0)
    stored_item = until(lambda: kept_body(stack, body), lambda item: "next" not in item)
    assert stored_item["why"] == {"S": why}
    assert int(stored_item["times"]["N"]) == int(before.get("times", {"N": "0"})["N"]) + 1
    assert len(stored_item["raw"]["S"].encode()) <= 16_384
    # As JSON it is taken, too; the gateway may have put invalid UTF-8 right before.
    assert deliver(stack, sandbox, body) == count or b"\xff" in body


@pytest.mark.parametrize("body", [b"7" * MEGABYTE, b"[" * 5_000, b"\xff", b"", b"null"])
def test_without_the_token_none_of_it_is_taken(stack: Stack, sandbox: Sandbox, body: bytes) -> None:
    before = kept_body(stack, body)
    url = stack.mcn_webhook_url.rsplit("/", 1)[0]
    for answer in (
        sandbox.http.post(f"{url}/not-the-token", content=body),
        sandbox.http.post(url, content=body, headers={"X-Ringpass-Token": "not-the-token"}),
        sandbox.http.post(url, content=body),
    ):
        assert (answer.status_code, answer.json()["code"]) == (401, "unauthorized")
    assert kept_body(stack, body) == before


# ------------------------------------------------------------------------------------- many


def test_sixty_cdrs_in_one_delivery(api: Api, stack: Stack, sandbox: Sandbox) -> None:
    ours = [
        api.post("/v1/password-calls", {"phone": fresh_phone("RU", "10"), "code": fresh_code()})
        for _ in range(3)
    ]
    deliveries = [answer.json() for answer in ours]
    refs = [delivery["provider_ref"] for delivery in deliveries]
    strangers = [f"{number:012x}_117793" for number in range(60 - len(refs))]
    # Ours are the first, one in the middle, and the last.
    order = [refs[0], *strangers[:30], refs[1], *strangers[30:], refs[2]]
    cdrs = [
        {"verification_call_uuid": ref, "q931_status": 17, "final_status": "CANCEL"}
        for ref in order
    ]
    assert deliver(stack, sandbox, json.dumps(cdrs).encode()) == 60
    # They are more than are taken at once: the rest of the work is done behind the queue.
    for delivery in deliveries:
        api.settled(delivery["id"], "busy")
    stored = [item_of(stack, f"REF#mcn#{ref}", "REF") for ref in order]
    assert [item.get("cdr_count") for item in stored] == [{"N": "1"}] * 60
    assert {item["cdrs"]["L"][0]["M"]["outcome"]["S"] for item in stored} == {"busy"}
    # Somebody looks for the delivery of each of the others, and says that there is none.
    last = f"REF#mcn#{strangers[-1]}"
    until(lambda: item_of(stack, last, "REF"), lambda item: "unjoined" in item)
