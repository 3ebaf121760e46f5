"""Zalo itself over HTTP: sends, failover, quota, signed events, status, tokens that rotate."""

import hashlib
import json
import secrets
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import uuid4

import pytest

from local.providers import ZALO_APP_ID, ZALO_OA_ID
from local.seeding import EVERYTHING
from local.stack import Stack
from tests.e2e.conftest import (
    RACERS,
    Api,
    Sandbox,
    fresh_code,
    fresh_phone,
    invoke,
    new_key,
    until,
    with_key,
)

STEPS = ("createSecret", "setSecret", "testSecret", "finishSecret")
TEMPLATE = {
    "caresoft_id": 366,
    "oa_id": ZALO_OA_ID,
    "approved": True,
    "params": [{"name": "otp", "max_length": 10, "source": "code"}],
}


@pytest.fixture(scope="module")
def client(stack: Stack) -> Iterator[Api]:
    """With every scope, of a client whose messages go to Zalo first, then to CareSoft."""
    with with_key(stack, new_key(stack, "zalo", EVERYTHING)) as api:
        limits = {"phone": None, "phone_all_clients": None, "prefix": None, "pauses": None}
        settings = {
            "limits": limits | {"fraud_budget": {"mode": "off"}},
            "providers": {"zns": ["zalo", "caresoft"]},
            "countries": {"password_call": ["VN"]},
        }
        answer = api.http.put(f"{api.url}/v1/settings", json=settings)
        assert answer.status_code == 200, answer.text
        yield api


@pytest.fixture
def template(client: Api) -> str:
    """A registered template that both providers know."""
    return register(client)


def register(client: Api, **fields: object) -> str:
    name = f"z-{secrets.token_hex(6)}"
    zns_id = str(secrets.randbelow(10**12) + 1)
    answer = client.post("/v1/zns-templates", TEMPLATE | {"name": name, "zns_id": zns_id} | fields)
    assert answer.status_code == 201, answer.text
    return name


def shown(client: Api, name: str) -> dict[str, Any]:
    """A template as the API shows it."""
    items = client.get("/v1/zns-templates", limit="100").json()["items"]
    item: dict[str, Any] = next(item for item in items if item["name"] == name)
    return item


def send(
    client: Api, template: str, phone: str | None = None, key: str | None = None
) -> dict[str, Any]:
    body = {"phone": phone or fresh_phone("VN"), "template": template}
    answer = client.post("/v1/zns", body | {"params": {"otp": fresh_code()}}, key)
    assert answer.status_code == 202, answer.text
    delivery: dict[str, Any] = answer.json()
    return delivery


def never_told(sandbox: Sandbox) -> str:
    """A phone of whose message no event comes."""
    phone = fresh_phone("VN")
    for provider in ("zalo", "caresoft"):
        sandbox.control("script", phone=phone, provider=provider, digits="10")
    return phone


def event(sandbox: Sandbox, **fields: object) -> list[int]:
    """Send an event now; how the webhook answered."""
    reply = sandbox.control("zalo-event", **fields)
    return [delivery["status"] for delivery in reply["deliveries"]]


def test_a_message_goes_out_over_zalo_and_arrives(
    client: Api, sandbox: Sandbox, template: str
) -> None:
    phone = fresh_phone("VN")
    delivery = send(client, template, phone)
    assert (delivery["provider"], delivery["status"]) == ("zalo", "accepted")
    [request] = sandbox.requests(phone, least=1)
    assert request["body"]["tracking_id"] == delivery["id"]
    assert request["reference"] == delivery["provider_ref"]
    settled = client.settled(delivery["id"], "delivered")
    assert settled["reason"] == "arrived"
    assert [line["status"] for line in settled["history"]] == ["reserved", "accepted", "delivered"]


@pytest.mark.parametrize(
    ("digits", "statuses", "provider"),
    [
        ("01", {"delivered"}, "zalo"),
        ("06", {"unknown"}, "zalo"),
        ("08", {"delivered"}, "zalo"),
        ("09", {"delivered"}, "zalo"),
        ("10", {"accepted"}, "zalo"),
        # Refused, and so sent by CareSoft.
        ("12", {"accepted"}, "caresoft"),
        ("14", {"accepted"}, "caresoft"),
        ("16", {"unknown"}, "zalo"),
    ],
)
def test_what_zalo_answers_decides(
    client: Api, sandbox: Sandbox, template: str, digits: str, statuses: set[str], provider: str
) -> None:
    phone = fresh_phone("VN")
    sandbox.control("script", phone=phone, provider="zalo", digits=digits)
    sandbox.control("script", phone=phone, provider="caresoft", digits="00")
    delivery = send(client, template, phone)
    current = until(lambda: client.delivery(delivery["id"]), lambda now: now["status"] in statuses)
    assert current["provider"] == provider
    providers = [request["provider"] for request in sandbox.requests(phone)]
    # A token that is refused is looked up anew, and the request repeated once.
    expected = {"12": ["zalo", "caresoft"], "14": ["zalo", "zalo", "caresoft"]}
    assert providers == expected.get(digits, ["zalo"])
    if provider == "caresoft":
        assert client.delivery(current["retry_of"])["status"] == "rejected"


@pytest.mark.parametrize(("error", "reason"), [(-110, "zalo_too_old"), (-132, "params_invalid")])
def test_what_zalo_refuses_by_a_number_caresoft_gets(
    client: Api, sandbox: Sandbox, template: str, error: int, reason: str
) -> None:
    phone = fresh_phone("VN")
    sandbox.control("script", phone=phone, provider="zalo", error=error)
    delivery = send(client, template, phone)
    assert (delivery["provider"], delivery["status"]) == ("caresoft", "accepted")
    rejection = client.delivery(delivery["retry_of"])
    assert (rejection["status"], rejection["reason"]) == ("rejected", reason)
    assert [request["provider"] for request in sandbox.requests(phone, least=2)] == [
        "zalo",
        "caresoft",
    ]


def test_an_event_after_a_lost_reply_settles_it(
    client: Api, sandbox: Sandbox, template: str
) -> None:
    phone = fresh_phone("VN")
    sandbox.control("script", phone=phone, provider="zalo", digits="07")
    delivery = send(client, template, phone)
    assert delivery["status"] in {"unknown", "delivered"}
    settled = client.settled(delivery["id"], "delivered")
    [request] = sandbox.requests(phone, least=1)
    assert settled["provider_ref"] == request["reference"]


def test_a_signature_is_over_the_very_bytes(
    client: Api, sandbox: Sandbox, stack: Stack, template: str
) -> None:
    phone = never_told(sandbox)
    delivery = send(client, template, phone)
    message = {"msg_id": delivery["provider_ref"], "tracking_id": delivery["id"]}
    fields = {"event_name": "user_received_message", "message": message | {"delivery_time": "1"}}
    body = json.dumps(fields | {"timestamp": "1764000000000", "text": "Xin chào"}, indent=1)

    def post(body: str, signature_body: str, key: str = "sandbox-zalo-oa-secret-key") -> int:
        text = ZALO_APP_ID + signature_body + "1764000000000" + key
        mac = hashlib.sha256(text.encode()).hexdigest()
        headers = {"X-ZEvent-Signature": f"mac={mac}", "Content-Type": "application/json"}
        answer = client.http.post(
            f"{client.url}/v1/webhooks/zalo", content=body.encode(), headers=headers
        )
        return answer.status_code

    plain = json.dumps(json.loads(body), ensure_ascii=False)
    assert post(body, plain) == 401
    assert post(plain, body) == 401
    assert post(body, body, "another-key") == 401
    assert post(body + "\n", body) == 401
    assert client.http.post(f"{client.url}/v1/webhooks/zalo", content=body).status_code == 401
    assert client.delivery(delivery["id"])["status"] == "accepted"
    # The old key is valid beside the new one while one takes over from the other.
    manager = stack.client("secretsmanager")
    arn = stack.outputs["ZaloSecretArn"]
    before = manager.get_secret_value(SecretId=arn)["SecretString"]
    oa_secret = json.loads(before)
    oa_secret["oa_secret_keys"] = ["next-key", *oa_secret["oa_secret_keys"]]
    manager.put_secret_value(SecretId=arn, SecretString=json.dumps(oa_secret))
    try:
        assert post(body, body) == 200
        assert until(lambda: post(plain, plain, "next-key"), lambda status: status == 200)
    finally:
        manager.put_secret_value(SecretId=arn, SecretString=before)
    settled = client.settled(delivery["id"], "delivered")
    assert len(settled["history"]) == 3


def bodies_of_zalo(stack: Stack) -> list[dict[str, Any]]:
    """Zalo's bodies that were kept whole."""
    bodies: list[dict[str, Any]] = []
    for page in stack.dynamodb().get_paginator("scan").paginate(TableName=stack.table):
        bodies += [
            item
            for item in page["Items"]
            if item["PK"]["S"].startswith("RAW#zalo#pay_")
            and item["entity"] == {"S": "unmatched_payload"}
        ]
    return bodies


def test_other_events_are_kept_and_answered(sandbox: Sandbox, stack: Stack) -> None:
    consent = {"phone": "84983912148", "request_type": "SENT"}
    assert event(sandbox, event_name="oa_send_consent", fields=consent) == [200]
    assert event(sandbox, msg_id="not-ours", tracking_id="order-17") == [200]
    # A large one is kept whole, and worked on behind the queue.
    large = consent | {"padding": "x" * 70_000}
    assert event(sandbox, event_name="oa_send_consent", fields=large) == [200]
    until(
        lambda: bodies_of_zalo(stack),
        lambda bodies: any(one.get("events") == {"N": "1"} for one in bodies),
    )
    assert event(sandbox, body="no JSON") == [401]
    assert event(sandbox, msg_id="m", secret_key="wrong") == [401]


def test_an_oa_over_its_quota_is_passed_over(client: Api, sandbox: Sandbox, stack: Stack) -> None:
    mine, other = register(client), register(client)
    used_up = shown(client, mine)["zns_id"]
    sandbox.control("zalo-quota", template=used_up)
    first = send(client, mine)
    # The first one is refused by Zalo, and sent by CareSoft.
    assert first["provider"] == "caresoft"
    assert first["retry_of"] is not None
    phone = fresh_phone("VN")
    second = until(lambda: send(client, mine, phone), lambda delivery: delivery["retry_of"] is None)
    assert second["provider"] == "caresoft"
    assert send(client, other)["provider"] == "zalo"
    assert shown(client, mine)["quota"]["used_up_until"] is not None
    assert shown(client, other)["quota"]["used_up_until"] is None
    # Where nobody else has the template, it is refused until midnight in Vietnam.
    alone = register(client, caresoft_id=None)
    body = {"phone": fresh_phone("VN"), "template": alone, "params": {"otp": fresh_code()}}
    sandbox.control("zalo-quota", template=shown(client, alone)["zns_id"])
    refusal = until(lambda: client.post("/v1/zns", body), lambda answer: answer.status_code == 429)
    assert refusal.json()["code"] == "quota_used_up"
    assert 0 < int(refusal.headers["Retry-After"]) <= 86_400


def test_the_status_settles_what_no_event_told(
    client: Api, sandbox: Sandbox, stack: Stack, template: str
) -> None:
    phone = fresh_phone("VN")
    settings = f"{sandbox.url}/_sandbox/settings"
    webhook = sandbox.http.get(settings).json()["zalo_webhook_url"]
    sandbox.http.post(settings, json={"zalo_webhook_url": None})
    try:
        delivery = send(client, template, phone)
    finally:
        sandbox.http.post(settings, json={"zalo_webhook_url": webhook})
    assert client.delivery(delivery["id"])["status"] == "accepted"
    # Two minutes later.
    stack.dynamodb().update_item(
        TableName=stack.table,
        Key={"PK": {"S": f"DLV#{delivery['id']}"}, "SK": {"S": "DLV"}},
        UpdateExpression="SET due_at = :due",
        ExpressionAttributeValues={":due": {"S": "2026-01-01T00:00:00.000Z"}},
    )
    assert invoke(stack, "ReconcileFunction", "{}") == (False, None)
    settled = client.settled(delivery["id"], "delivered")
    assert settled["reason"] == "arrived"
    # The event comes after all: it is the same fact.
    assert event(sandbox, phone=phone) == [200]
    assert client.delivery(delivery["id"])["history"] == settled["history"]


def test_a_verification_s_steps_go_over_zalo(client: Api, sandbox: Sandbox, template: str) -> None:
    phone = never_told(sandbox)
    step = {"channel": "zns", "template": template}
    start = client.post("/v1/verifications", {"phone": phone, "workflow": [step, step]})
    assert start.status_code == 201, start.text
    code_answer = sandbox.http.get(f"{sandbox.url}/_sandbox/code", params={"phone": phone}).json()
    id_ = start.json()["id"]
    wrong = str((int(code_answer["code"]) + 1) % 10 ** len(code_answer["code"])).zfill(
        len(code_answer["code"])
    )
    check_answer = client.post(f"/v1/verifications/{id_}/check", {"code": wrong})
    assert check_answer.json()["status"] == "pending"
    # What Zalo refuses, the function that takes later steps has sent by CareSoft; then a Zalo step.
    other = fresh_phone("VN")
    sandbox.control("script", phone=other, provider="zalo", digits="12")
    answer = client.post("/v1/verifications", {"phone": other, "workflow": [step, step]})
    assert answer.status_code == 201, answer.text
    requests = until(lambda: sandbox.requests(other), lambda current: len(current) >= 2)
    assert [request["provider"] for request in requests][:2] == ["zalo", "caresoft"]
    # And one that is moved on by what a call came to.
    third = fresh_phone("VN")
    sandbox.control("script", phone=third, provider="mcn", digits="01")
    calls = [{"channel": "password_call"}, step]
    client.post("/v1/verifications", {"phone": third, "workflow": calls})
    until(lambda: sandbox.requests(third, "zalo"), bool)


# ------------------------------------------------------------------------------------ tokens


def office(sandbox: Sandbox) -> dict[str, Any]:
    state: dict[str, Any] = sandbox.http.get(f"{sandbox.url}/_sandbox/zalo").json()
    return state


def stage(stack: Stack) -> str:
    """What Secrets Manager does first: a version is staged without a value."""
    version = str(uuid4())
    stack.client("secretsmanager").put_secret_value(
        SecretId=stack.outputs["ZaloTokenSecretArn"],
        ClientRequestToken=version,
        VersionStages=["AWSPENDING"],
    )
    return version


def step(stack: Stack, name: str, version: str) -> tuple[bool, Any]:
    event = {"Step": name, "ClientRequestToken": version}
    return invoke(stack, "RotateZaloTokenFunction", json.dumps(event))


def tokens(stack: Stack, stage: str = "AWSCURRENT") -> dict[str, str]:
    response = stack.client("secretsmanager").get_secret_value(
        SecretId=stack.outputs["ZaloTokenSecretArn"], VersionStage=stage
    )
    pair: dict[str, str] = json.loads(response["SecretString"])
    return pair


def test_the_tokens_rotate(client: Api, sandbox: Sandbox, stack: Stack, template: str) -> None:
    before, office_before = tokens(stack), office(sandbox)
    version = stage(stack)
    for name in STEPS:
        # Each may come twice.
        for _ in range(2):
            assert step(stack, name, version) == (False, None)
    after = tokens(stack)
    assert after["refresh_token"] != before["refresh_token"]
    assert after["access_token"] != before["access_token"]
    assert office(sandbox)["refreshes"] == office_before["refreshes"] + 1
    assert office(sandbox)["refused_refreshes"] == office_before["refused_refreshes"]
    # Zalo ends the old token: whoever has it still looks the new one up.
    sandbox.control("zalo-tokens", access=True)
    assert send(client, template)["provider"] == "zalo"
    assert invoke(stack, "RotateZaloTokenFunction", "{}") == (False, None)


@pytest.mark.race
def test_many_send_while_the_tokens_rotate_and_none_fails(
    client: Api, sandbox: Sandbox, stack: Stack, template: str
) -> None:
    """Zalo ends the old token as soon as it has made the new one, and is slow to say so."""
    with ThreadPoolExecutor(RACERS) as pool:  # As many functions that are warm.
        list(pool.map(lambda _: send(client, template), range(RACERS)))
    office_before, version = office(sandbox), stage(stack)
    settings = f"{sandbox.url}/_sandbox/settings"
    sandbox.http.post(settings, json={"zalo_ends_old_tokens": True, "zalo_refresh_seconds": 0.5})
    over = time.monotonic() + 5.0
    all_deliveries: list[dict[str, Any]] = []

    def sends(_: int) -> list[dict[str, Any]]:
        deliveries = []
        while time.monotonic() < over:
            deliveries.append(send(client, template))
        return deliveries

    def rotate(_: int) -> list[tuple[bool, Any]]:
        # Twice at once, as Secrets Manager may.
        return [step(stack, "createSecret", version)]

    try:
        with ThreadPoolExecutor(RACERS + 2) as pool:
            sending = [pool.submit(sends, number) for number in range(RACERS)]
            time.sleep(1.0)
            rotations = [pool.submit(rotate, number) for number in range(2)]
            results = [result for one in rotations for result in one.result()]
            for name in STEPS[2:]:
                assert step(stack, name, version) == (False, None)
            for one in sending:
                all_deliveries += one.result()
    finally:
        sandbox.http.post(settings, json={"zalo_ends_old_tokens": False, "zalo_refresh_seconds": 0})
    # One of the two used the refresh token, and the other one was told so, or came after.
    assert (False, None) in results
    for failed, error in results:
        assert not failed or "another invocation" in error["errorMessage"]
    now = office(sandbox)
    assert now["refreshes"] == office_before["refreshes"] + 1
    assert now["refused_refreshes"] == office_before["refused_refreshes"]
    assert len(all_deliveries) >= RACERS
    assert {(one["provider"], one["status"]) for one in all_deliveries} <= {
        ("zalo", "accepted"),
        ("zalo", "delivered"),
    }
    assert tokens(stack)["access_token"] != tokens(stack, "AWSPREVIOUS")["access_token"]


def test_a_pair_that_is_lost_is_told_and_replaced_by_hand(
    client: Api, sandbox: Sandbox, stack: Stack, template: str
) -> None:
    sandbox.control("zalo-tokens", refresh=True)
    failed, error = step(stack, "createSecret", stage(stack))
    assert failed
    assert "-14020" in error["errorMessage"]
    # The access token goes on until it ends.
    assert send(client, template)["provider"] == "zalo"
    # An administrator makes a new pair, and puts it in.
    pair = {"access_token": secrets.token_hex(8), "refresh_token": secrets.token_hex(8)}
    sandbox.control("zalo-tokens", **pair)
    later = {
        "access_expires_at": "2099-01-01T00:00:00.000Z",
        "refresh_expires_at": "2099-01-01T00:00:00.000Z",
    }
    stack.client("secretsmanager").put_secret_value(
        SecretId=stack.outputs["ZaloTokenSecretArn"], SecretString=json.dumps(pair | later)
    )
    assert send(client, template)["provider"] == "zalo"


def test_a_step_of_a_rotation_that_is_over_is_refused(stack: Stack) -> None:
    before = tokens(stack)
    for name in ("createSecret", "testSecret", "finishSecret"):
        failed, answer = step(stack, name, str(uuid4()))
        assert failed
        assert answer["errorMessage"] == "this version of the secret is not pending"
    assert tokens(stack) == before
