"""One client's key against every record and key of another: not a hint that they exist."""

import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any, Final

import httpx
import pytest

from local.providers import ZALO_OA_ID
from local.stack import Stack
from tests.architecture.test_routes import demanded
from tests.e2e.conftest import Api, Sandbox, fresh_phone, until

CHANNELS: Final[dict[str, tuple[str, str, dict[str, object]]]] = {
    "voice_otp": ("/v1/voice-otp", "VN", {"otp": "4821"}),
    "password_call": ("/v1/password-calls", "RU", {"code": "4821"}),
    "zns": ("/v1/zns", "VN", {"template": 366}),
}
NOBODY_S = {
    "DLV": "dlv_" + "a" * 32,
    "VER": "ver_" + "a" * 32,
    "KEY": "a" * 12,
    "SCN": "scn_" + "a" * 32,
    "TPL": "tpl_" + "a" * 32,
    "CNS": "cns_" + "a" * 32,
    "OCL": "ocl_" + "a" * 32,
    "EVT": "evt_" + "a" * 32,
    "WHE": "whe_" + "a" * 32,
}
"""Ids of the right form that nothing has."""

READ_ONLY: Final = {"EVT": "/v1/events"}
FEEDBACK: Final = {"verified": True}
SCENARIO: Final = {"name": "isolated", "hotline": "02471000000", "greeting": "Xin chào."}
TEMPLATE: Final = {"name": "isolated", "caresoft_id": 366}
ENDPOINT: Final = {"url": "http://127.0.0.1:1/nobody", "types": ["ping"]}
OA: Final = f"/v1/oa/{ZALO_OA_ID}"

type Attempt = tuple[str, str, object]


def send(api: Api, channel: str, phone: str, key: str) -> httpx.Response:
    path, _, body = CHANNELS[channel]
    answer = api.post(path, {"phone": phone, **body}, key=key)
    assert answer.status_code == 202, answer.text
    return answer


def attempts_of_an_endpoint(path: str) -> list[Attempt]:
    return [
        ("GET", path, None),
        ("PUT", path, ENDPOINT),
        ("DELETE", path, None),
        ("POST", f"{path}/rotate-secret", {}),
        *(("POST", f"{path}/{what}", None) for what in ("enable", "test")),
        ("POST", f"{path}/replay", {"subject": "ver_none"}),
        ("GET", f"{path}/attempts", None),
    ]


def attempts(kind: str, record_id: str) -> list[Attempt]:  # noqa: PLR0911 - one for each kind
    """All that can be asked of one record."""
    if kind in READ_ONLY:
        return [("GET", f"{READ_ONLY[kind]}/{record_id}", None)]
    if kind in ("DLV", "VER"):
        return attempts_of_a_send(kind, record_id)
    if kind == "SCN":
        path, script = f"/v1/scenarios/{record_id}", SCENARIO
        return [
            ("GET", path, None),
            ("PUT", path, script),
            ("DELETE", path, None),
            *(("POST", f"{path}/{what}", None) for what in ("activate", "deactivate")),
            ("POST", f"{path}/copy", {}),
            ("GET", f"{path}/preview", None),
            ("POST", f"{path}/preview", None),
            ("GET", f"{path}/api-guide", None),
        ]
    if kind == "TPL":
        path = f"/v1/zns-templates/{record_id}"
        return [("GET", path, None), ("PUT", path, TEMPLATE), ("DELETE", path, None)]
    if kind == "WHE":
        return attempts_of_an_endpoint(f"/v1/webhook-endpoints/{record_id}")
    if kind in ("CNS", "OCL"):
        return attempts_of_the_oa(kind, record_id)
    return [
        ("DELETE", f"/v1/keys/{record_id}", None),
        ("POST", f"/v1/keys/{record_id}/rotate", {"overlap_seconds": 60}),
    ]


def attempts_of_a_send(kind: str, record_id: str) -> list[Attempt]:
    if kind == "DLV":
        path = f"/v1/deliveries/{record_id}"
        return [("GET", path, None), ("POST", f"{path}/feedback", FEEDBACK)]
    path = f"/v1/verifications/{record_id}"
    return [
        ("GET", path, None),
        ("POST", f"{path}/check", {"code": "4821"}),
        ("POST", f"{path}/next", {}),
        ("POST", f"{path}/cancel", {}),
    ]


def attempts_of_the_oa(kind: str, record_id: str) -> list[Attempt]:
    if kind == "OCL":
        return [("GET", f"{OA}/calls/{record_id}", None)]
    path = f"{OA}/consents/{record_id}"
    return [("GET", path, None), ("POST", f"{path}/check", None), ("DELETE", path, None)]


def answer_to(api: Api, attempt: Attempt) -> tuple[int, dict[str, Any], dict[str, str]]:
    """Status, body and headers, but for what is another one in each request."""
    method, path, body = attempt
    answer = api.http.request(method, api.url + path, json=body)
    problem = answer.json()
    assert problem.pop("instance").startswith("urn:ringpass:request:")
    headers = {
        name: value
        for name, value in answer.headers.items()
        if name != "date" and not re.search(r"request-?id|trace", name)
    }
    return answer.status_code, problem, headers


def ids_of(stack: Stack, client: str) -> Iterator[tuple[str, str]]:
    """Kind and id of every record that a client has, and that a path can name."""
    for page in stack.dynamodb().get_paginator("scan").paginate(TableName=stack.table):
        for item in page["Items"]:
            if item.get("client", {}).get("S") == client:
                kind, _, own = item["PK"]["S"].partition("#")
                if kind in NOBODY_S:
                    yield kind, item.get("id", {"S": own})["S"]


def test_all_ids_in_paths_are_tried_below() -> None:
    routes = {route.replace("/v1/oa/{oa_id}", OA) for _, route, _ in demanded()}
    with_id = {route for route in routes if "{id}" in route}
    routes_below = {
        f"{method} {path}" for kind in NOBODY_S for method, path, _ in attempts(kind, "{id}")
    }
    assert with_id == routes_below


def test_another_client_s_records_are_like_none(
    stack: Stack, sandbox: Sandbox, api: Api, admin: Api, rival: Api
) -> None:
    for channel, (_, country, _) in CHANNELS.items():
        send(api, channel, fresh_phone(country), f"isolated-{channel}")
    phone, workflow = fresh_phone("VN"), [{"channel": "voice_otp"}]
    first = api.post("/v1/verifications", {"phone": phone, "workflow": workflow}).json()
    scenario = admin.post("/v1/scenarios", SCENARIO).json()
    template = admin.post("/v1/zns-templates", TEMPLATE).json()
    endpoint = admin.post("/v1/webhook-endpoints", ENDPOINT).json()
    body = {"phone": fresh_phone("VN", "10"), "call_type": "audio", "reason": "consulting"}
    consent = admin.post(f"{OA}/consents", body).json()
    sandbox.control("zalo/call", phone=fresh_phone("VN"), direction="in")
    [call, *_] = until(lambda: api.get(f"{OA}/calls").json()["items"], bool)
    records = sorted(set(ids_of(stack, "local")))
    assert {kind for kind, _ in records} == set(NOBODY_S)
    # There are hundreds of events, all read in one way.
    events = [record for record in records if record[0] == "EVT"]
    records = [record for record in records if record[0] != "EVT"] + events[:30]
    like_none = {
        kind: [answer_to(rival, attempt) for attempt in attempts(kind, none)]
        for kind, none in NOBODY_S.items()
    }
    assert {status for answers in like_none.values() for status, _, _ in answers} == {404}

    def is_like_none(record: tuple[str, str]) -> bool:
        kind, record_id = record
        answers = [answer_to(rival, attempt) for attempt in attempts(kind, record_id)]
        return answers == like_none[kind]

    with ThreadPoolExecutor(4) as pool:
        assert all(pool.map(is_like_none, records))
    # And nothing was done to them: every key is as it was, and no guess was paid for.
    verification = api.get(f"/v1/verifications/{first['id']}").json()
    assert (verification["status"], verification["attempts_remaining"]) == (
        "pending",
        first["attempts_remaining"],
    )
    assert api.get("/v1/deliveries", limit="1").status_code == 200
    assert api.get(f"/v1/scenarios/{scenario['id']}").json() == scenario
    assert api.get(f"/v1/zns-templates/{template['id']}").json() == template
    assert api.get(f"{OA}/consents/{consent['id']}").status_code == 200
    assert admin.get(f"/v1/webhook-endpoints/{endpoint['id']}").json()["version"] == 1
    assert api.get(f"{OA}/calls/{call['id']}").status_code == 200


def test_another_client_s_keys_stay_as_they_are(admin: Api, rival: Api) -> None:
    before = admin.get("/v1/keys", limit="100").json()["items"]
    assert before
    for key in before:
        for attempt in attempts("KEY", key["id"]):
            assert answer_to(rival, attempt)[0] == 404
    assert admin.get("/v1/keys", limit="100").json()["items"] == before


@pytest.mark.parametrize("channel", CHANNELS)
def test_one_idempotency_key_of_two_clients_is_two_deliveries(
    api: Api, rival: Api, sandbox: Sandbox, channel: str
) -> None:
    phone, key = fresh_phone(CHANNELS[channel][1]), f"both-{channel}"
    first, second = send(api, channel, phone, key), send(rival, channel, phone, key)
    assert first.json()["id"] != second.json()["id"]
    assert "Idempotent-Replayed" not in second.headers
    assert len(sandbox.requests(phone, least=2)) == 2
    # Nor is the one's body the other's.
    path, country, body = CHANNELS[channel]
    other = rival.post(path, {"phone": fresh_phone(country), **body}, key=f"isolated-{channel}")
    assert other.status_code == 202, other.text


def test_lists_hold_one_s_own_only(api: Api, rival: Api) -> None:
    phone = fresh_phone("RU")
    theirs = [send(api, "password_call", phone, f"list-{n}").json()["id"] for n in range(3)]
    assert rival.get("/v1/deliveries", phone=phone).json() == {"items": [], "next_cursor": None}
    own = send(rival, "password_call", phone, "list-0").json()["id"]
    theirs.append(send(api, "password_call", phone, "list-3").json()["id"])
    page = rival.get("/v1/deliveries", phone=phone, limit="1").json()
    assert [one["id"] for one in page["items"]] == [own]
    # A cursor would tell that there are others to this number.
    assert page["next_cursor"] is None
    items = api.get("/v1/deliveries", phone=phone).json()["items"]
    assert [one["id"] for one in items] == theirs[::-1]


def test_another_client_s_cursor_leads_to_one_s_own_only(api: Api, rival: Api) -> None:
    for number in range(2):
        send(api, "zns", fresh_phone("VN"), f"cursor-{number}")
    cursor = api.get("/v1/deliveries", limit="1").json()["next_cursor"]
    own = {record["id"] for record in everything(rival, "/v1/deliveries")}
    items = rival.get("/v1/deliveries", limit="100", cursor=cursor).json()["items"]
    assert {record["id"] for record in items} <= own


def test_no_list_of_one_client_meets_the_other_s(stack: Stack, admin: Api, rival: Api) -> None:
    lists = {"/v1/deliveries": "DLV", "/v1/verifications": "VER", "/v1/keys": "KEY"}
    lists |= {"/v1/scenarios": "SCN", "/v1/zns-templates": "TPL", "/v1/webhook-endpoints": "WHE"}
    for path, kind in lists.items():
        for api, client in ((admin, "local"), (rival, "rival")):
            # What other tests have begun may still make a further delivery in between.
            until(partial(difference, stack, api, path, client, kind), lambda left: not left)


def difference(stack: Stack, api: Api, path: str, client: str, kind: str) -> set[str]:
    """The ids that are in only one of the two: a client's list, its records."""
    listed = {record["id"] for record in everything(api, path)}
    return listed ^ {id_ for of, id_ in ids_of(stack, client) if of == kind}


def everything(api: Api, path: str) -> Iterator[dict[str, Any]]:
    """All items of a list, page by page."""
    query = {"limit": "100"}
    while True:
        page = api.get(path, **query).json()
        yield from page["items"]
        if page["next_cursor"] is None:
            return
        query["cursor"] = page["next_cursor"]
