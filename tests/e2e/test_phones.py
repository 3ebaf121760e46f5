"""A person's data over HTTP: exported as JSON lines, deleted, and in the audit log."""

import json
from typing import Any

from local.seeding import EVERYTHING
from local.stack import Stack
from ringpass.ids import phone_key
from tests.e2e.conftest import Api, Sandbox, fresh_code, fresh_phone, new_key, until, with_key
from tests.e2e.secrecy import Hidden
from tests.e2e.test_limits import limited
from tests.e2e.test_oa_calls import agent, placed, until_allowed
from tests.e2e.test_oa_desk import OA, user_of
from tests.e2e.test_secrecy import items_of, look_up_key

__all__ = ["agent"]

# docs/data-protection.md says why.
STAYS = {"counter", "phone_lookups", "provider", "callee"}


def lines(api: Api, phone: str) -> list[dict[str, Any]]:
    """The whole export."""
    export_lines: list[dict[str, Any]] = []
    query: dict[str, str] = {}
    while True:
        answer = api.get(f"/v1/phones/{phone}", **query)
        assert answer.status_code == 200, answer.text
        assert answer.headers["Content-Type"] == "application/x-ndjson"
        export_lines += [json.loads(line) for line in answer.text.splitlines()]
        if "Next-Cursor" not in answer.headers:
            return export_lines
        query = {"cursor": answer.headers["Next-Cursor"]}


def delete(api: Api, phone: str) -> dict[str, Any]:
    """The report of a deletion."""
    answer = api.http.delete(f"{api.url}/v1/phones/{phone}")
    assert answer.status_code == 200, answer.text
    report: dict[str, Any] = answer.json()
    assert report["complete"]
    return report


def naming(stack: Stack, phone: str) -> set[str]:
    """The kinds of items that hold the number or its look-up key."""
    key, find = phone_key(look_up_key(stack), phone), Hidden(phones={phone}).finder()
    texts = ((item["entity"]["S"], json.dumps(item)) for item in items_of(stack))
    return {entity for entity, text in texts if key in text or any(find(text))}


def test_a_person_is_exported_and_deleted(stack: Stack, api: Api, admin: Api, rival: Api) -> None:
    phone, code = fresh_phone("VN"), fresh_code()
    workflow = [{"channel": "voice_otp"}, {"channel": "password_call"}]
    body = {"phone": phone, "workflow": workflow, "code": code, "metadata": {"who": "Hoa"}}
    started = api.post("/v1/verifications", body, key="deleted").json()
    assert api.post(f"/v1/verifications/{started['id']}/check", {"code": code}).status_code == 200
    # All that follows from it has been derived: the call's result, and the events.
    export = until(
        lambda: lines(admin, phone),
        lambda export_lines: len([one for one in export_lines if one["kind"] == "event"]) >= 5,
    )
    assert {"verification", "delivery", "event", "limit_counter"} <= {
        line["kind"] for line in export
    }
    assert f'"{code}"' not in json.dumps(export)
    assert lines(rival, phone) == []

    report = delete(admin, phone)
    assert (report["deleted"]["verifications"], report["deleted"]["deliveries"]) == (1, 1)
    assert report["kept"] == ["limit_counters"]
    until(lambda: naming(stack, phone) - STAYS, lambda left: not left)
    assert {line["kind"] for line in lines(admin, phone)} == {"limit_counter"}
    verification = api.get(f"/v1/verifications/{started['id']}").json()
    assert (verification["status"], verification["metadata"]) == ("approved", {})
    assert phone[-3:] not in verification["phone"]

    # The record is still the idempotency token.
    again = api.post("/v1/verifications", body, key="deleted")
    assert again.headers["Idempotent-Replayed"] == "true"
    assert again.json()["id"] == started["id"]

    [entry] = admin.get("/v1/audit", resource="phone", resource_id=report["phone_hash"]).json()[
        "items"
    ]
    assert (entry["action"], entry["key_id"] is None) == ("deleted", False)
    assert rival.get("/v1/audit", resource="phone").json()["items"] == []


def test_in_every_kind_of_record(
    stack: Stack, api: Api, admin: Api, sandbox: Sandbox, agent: str
) -> None:
    """Two clients know the person, one of them by calls of its OA; a CDR comes afterwards."""
    phone = fresh_phone("VN", "10")
    user_id = user_of(sandbox, phone)
    consent = {"phone": phone, "call_type": "audio", "reason": "delivery"}
    assert api.post(f"{OA}/consents", consent).status_code == 202
    sandbox.control("zalo/consent", phone=phone, reply="ALLOW", user_id=user_id)
    until_allowed(api, phone, user_id)
    placed(api, agent, phone=phone)
    call = api.post("/v1/password-calls", {"phone": phone, "code": fresh_code()}).json()
    with with_key(stack, new_key(stack, "discreet", EVERYTHING)) as other:
        limited(other, phone={"cap": 1, "seconds": 600})
        for client in (api, other, other):
            client.post("/v1/voice-otp", {"phone": phone, "otp": fresh_code(6)})
        until(
            lambda: {line["kind"] for line in lines(other, phone)},
            lambda kinds: kinds >= {"delivery", "event", "refusal"},
        )
        assert {line["kind"] for line in lines(admin, phone)} >= {
            *("delivery", "event", "oa_call", "oa_consent", "oa_consent_evidence"),
        }
        report = delete(admin, phone)
        assert (report["deleted"]["oa_calls"], report["deleted"]["oa_consents"]) == (1, 1)
        assert {line["kind"] for line in lines(other, phone)} >= {"delivery", "refusal"}
        assert delete(other, phone)["deleted"]["refusals"] == 1
    until(lambda: naming(stack, phone) - STAYS, lambda left: not left)
    sandbox.control("cdr", phone=phone, q931_status=17, final_status="CANCEL")
    assert api.settled(call["id"], "busy")["phone"] == "+84*********"
    until(lambda: naming(stack, phone) - STAYS, lambda left: not left)


def test_a_key_that_sees_no_phones_sees_none(stack: Stack, api: Api, admin: Api) -> None:
    phone = fresh_phone("RU")
    call = api.post("/v1/password-calls", {"phone": phone, "code": fresh_code()}).json()
    with with_key(stack, new_key(stack, "local", "admin")) as blind:
        [delivery] = [line for line in lines(blind, phone) if line["kind"] == "delivery"]
        assert delivery["data"]["phone"].startswith("+7**")
    # Its CDR has come, so there is a report with the number's hash to delete, too.
    one = f"/v1/deliveries/{call['id']}"
    until(lambda: api.get(one).json()["status"], lambda status: status != "accepted")
    assert delete(admin, phone)["deleted"]["reports"] == 1
