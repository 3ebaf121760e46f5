"""Every send over HTTP, through the deployed stack to the sandbox and back."""

import pytest

from tests.e2e.conftest import Api, Sandbox, fresh_code, fresh_phone


def test_a_voice_otp(api: Api, sandbox: Sandbox) -> None:
    phone = fresh_phone("VN")
    otp = fresh_code(10)
    answer = api.post("/v1/voice-otp", {"phone": phone, "otp": otp})
    assert answer.status_code == 202
    delivery = answer.json()
    assert (delivery["channel"], delivery["provider"]) == ("voice_otp", "bizfly")
    assert delivery["status"] == "accepted"
    assert delivery["phone"] == f"+84******{phone[-3:]}"
    [request] = sandbox.requests(phone, least=1)
    assert request["body"] == {
        "callee": "0" + phone[3:],
        "callee_timeout": "25",
        "otp": otp,
        "otp_id": "OTP-1",
        "request_id": delivery["id"],
    }
    assert api.delivery(delivery["id"]) == delivery


def test_a_number_as_people_write_it(api: Api, sandbox: Sandbox) -> None:
    phone, otp = fresh_phone("VN"), fresh_code(10)
    spelling = f"0{phone[3:6]} {phone[6:9]}\u00a0{phone[9:]}"
    key = "a-number-as-people-write-it"
    first = api.post("/v1/voice-otp", {"phone": spelling, "region": "VN", "otp": otp}, key=key)
    again = api.post("/v1/voice-otp", {"phone": f"(+84) {phone[3:]}", "otp": otp}, key=key)
    assert (first.status_code, again.status_code) == (202, 202)
    assert first.json()["id"] == again.json()["id"]
    [request] = sandbox.requests(phone, least=1)
    assert request["body"]["callee"] == "0" + phone[3:]
    page = api.http.get(f"{api.url}/v1/deliveries?phone=+84-{phone[3:6]}.{phone[6:]}").json()
    assert [delivery["id"] for delivery in page["items"]] == [first.json()["id"]]


def test_a_password_call_is_settled_by_its_cdr(api: Api, sandbox: Sandbox) -> None:
    phone = fresh_phone("RU")
    body = {"phone": phone, "code": fresh_code(), "detect_redirect": True}
    body["metadata"] = {"order": "17"}
    delivery = api.post("/v1/password-calls", body).json()
    assert delivery["status"] == "accepted"
    assert delivery["caller_number"].endswith("****")
    assert delivery["is_redirect"] is False
    assert delivery["cost"] == {"amount": "0.35", "currency": "RUB", "kind": "settled"}
    settled = api.settled(delivery["id"], "answered")
    assert settled["metadata"] == {"order": "17"}
    assert [(entry["status"], entry["source"]) for entry in settled["history"]] == [
        ("reserved", "request"),
        ("accepted", "reply"),
        ("answered", "cdr"),
    ]
    assert len(sandbox.requests(phone, least=1)) == 1


def test_a_password_call_without_a_code_answers_the_caller_s_number_whole(
    api: Api, sandbox: Sandbox
) -> None:
    phone = fresh_phone("RU")
    delivery = api.post("/v1/password-calls", {"phone": phone}).json()
    [request] = sandbox.requests(phone, least=1)
    assert "verification_code" not in request["body"]
    assert delivery["caller_number"].isdigit()


def test_a_zns(api: Api, sandbox: Sandbox) -> None:
    phone = fresh_phone("VN")
    params = {"requester": "Nguyễn Hải Hà", "masoDatve": fresh_code(10)}
    body = {"phone": phone, "template": 366, "ticket_id": 297005, "params": params}
    delivery = api.post("/v1/zns", body).json()
    assert (delivery["status"], delivery["ticket_id"]) == ("accepted", "297005")
    [request] = sandbox.requests(phone, least=1)
    assert request["body"]["zns"]["params"] == params


def test_a_national_number_with_its_region(api: Api, sandbox: Sandbox) -> None:
    phone = fresh_phone("VN")
    body = {"phone": "0" + phone[3:], "region": "VN", "otp": fresh_code(10)}
    assert api.post("/v1/voice-otp", body).json()["status"] == "accepted"
    assert len(sandbox.requests(phone, least=1)) == 1


def test_phones_are_answered_in_clear_only_with_the_scope(api: Api, admin: Api) -> None:
    phone = fresh_phone("VN")
    delivery = api.post("/v1/voice-otp", {"phone": phone, "otp": fresh_code(10)}).json()
    assert phone not in str(delivery)
    assert admin.delivery(delivery["id"])["phone"] == phone


def test_the_list_pages_through_one_s_deliveries(api: Api) -> None:
    phone = fresh_phone("VN")
    ids = [
        api.post("/v1/voice-otp", {"phone": phone, "otp": f"1234{n}"}).json()["id"]
        for n in range(3)
    ]
    first = api.get("/v1/deliveries", phone=phone, limit="2").json()
    assert [item["id"] for item in first["items"]] == [ids[2], ids[1]]
    rest = api.get("/v1/deliveries", phone=phone, limit="2", cursor=first["next_cursor"]).json()
    assert [item["id"] for item in rest["items"]] == [ids[0]]
    assert rest["next_cursor"] is None
    assert api.get("/v1/deliveries", phone=phone, status="busy").json()["items"] == []
    recent = api.get("/v1/deliveries", limit="3", channel="voice_otp").json()["items"]
    assert [item["id"] for item in recent] == ids[::-1]


@pytest.mark.parametrize("path", ["/v1/deliveries/dlv_none", "/v1/deliveries/%20", "/v1/nothing"])
def test_what_does_not_exist(api: Api, path: str) -> None:
    assert api.get(path).status_code == 404


def test_health_needs_no_key(stack_url: str, sandbox: Sandbox) -> None:
    answer = sandbox.http.get(f"{stack_url}/v1/health")
    assert (answer.status_code, answer.json()["status"]) == (200, "ok")


@pytest.fixture
def stack_url(api: Api) -> str:
    return api.url
