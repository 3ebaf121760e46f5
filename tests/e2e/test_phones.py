"""A person's data over HTTP: exported as JSON lines, deleted, and in the audit log."""

import json
from typing import Any

from local.stack import Stack
from ringpass.ids import phone_key
from tests.e2e.conftest import Api, fresh_code, fresh_phone, until
from tests.e2e.secrecy import Hidden
from tests.e2e.test_secrecy import items_of, look_up_key

# docs/data-protection.md says why.
STAYS = {"counter", "phone_lookups", "provider", "callee"}


def lines(api: Api, phone: str) -> list[dict[str, Any]]:
    """The whole export."""
    found: list[dict[str, Any]] = []
    query: dict[str, str] = {}
    while True:
        answer = api.get(f"/v1/phones/{phone}", **query)
        assert answer.status_code == 200, answer.text
        assert answer.headers["Content-Type"] == "application/x-ndjson"
        found += [json.loads(line) for line in answer.text.splitlines()]
        if "Next-Cursor" not in answer.headers:
            return found
        query = {"cursor": answer.headers["Next-Cursor"]}


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
        lambda found: len([one for one in found if one["kind"] == "event"]) >= 5,
    )
    assert {"verification", "delivery", "event", "limit_counter"} <= {
        line["kind"] for line in export
    }
    assert f'"{code}"' not in json.dumps(export)
    assert lines(rival, phone) == []

    answer = admin.http.delete(f"{admin.url}/v1/phones/{phone}")
    assert answer.status_code == 200, answer.text
    report = answer.json()
    assert report["complete"]
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
