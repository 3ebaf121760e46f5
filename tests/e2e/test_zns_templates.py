"""ZNS templates over HTTP: registered, changed, sent by name, checked before CareSoft is asked."""

import secrets
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Final

import httpx
import pytest

from local.seeding import EVERYTHING
from local.stack import Stack
from tests.e2e.conftest import (
    RACERS,
    Api,
    Sandbox,
    fresh_code,
    fresh_phone,
    new_key,
    until,
    with_key,
)
from tests.e2e.test_verifications import check, events, heard, read, start

PATH: Final = "/v1/zns-templates"
BOOKING: Final[dict[str, Any]] = {
    "caresoft_id": 366,
    "approved": True,
    "params": [
        {"name": "otp", "max_length": 10, "source": "code"},
        {"name": "requester", "max_length": 30},
        {"name": "when", "type": "date", "required": False},
        {"name": "seats", "type": "number", "max_length": 3, "required": False},
        {"name": "contact", "type": "phone", "required": False},
        {"name": "link", "type": "url", "required": False},
        {"name": "shop", "source": "constant", "value": "ACME"},
        {"name": "order", "source": "metadata", "key": "order", "required": False},
    ],
}


@pytest.fixture(scope="module")
def writer(stack: Stack) -> Iterator[Api]:
    """With every scope, of a client that only this module uses."""
    with with_key(stack, new_key(stack, "writer", EVERYTHING)) as api:
        limits = {"phone": None, "phone_all_clients": None, "prefix": None, "pauses": None}
        settings = {
            "limits": limits | {"fraud_budget": {"mode": "off"}},
            "countries": {"password_call": ["VN"]},
        }
        answer = put(api, "/v1/settings", settings)
        assert answer.status_code == 200, answer.text
        yield api


def put(api: Api, path: str, body: object) -> httpx.Response:
    return api.http.put(api.url + path, json=body)


def delete(api: Api, path: str) -> httpx.Response:
    return api.http.delete(api.url + path)


def name() -> str:
    """A name that no other test uses."""
    return f"t-{secrets.token_hex(6)}"


def register(api: Api, **fields: object) -> dict[str, Any]:
    answer = api.post(PATH, BOOKING | {"name": name()} | fields)
    assert answer.status_code == 201, answer.text
    template: dict[str, Any] = answer.json()
    return template


def without_ours(template: dict[str, Any]) -> dict[str, Any]:
    """What is registered, without what Ringpass says of it."""
    ours = ("id", "code_param", "quota", "created_at", "updated_at")
    return {field: value for field, value in template.items() if field not in ours}


def errors(answer: httpx.Response) -> list[tuple[list[Any], str]]:
    assert (answer.status_code, answer.json()["code"]) == (422, "validation_failed"), answer.text
    return [(error["loc"], error["type"]) for error in answer.json()["errors"]]


# ------------------------------------------------------------------------------------ the registry


def test_a_template_is_registered_read_changed_and_deleted(writer: Api, rival: Api) -> None:
    template = register(writer, zns_id="211214", oa_id="4318657068771012646")
    one = f"{PATH}/{template['id']}"
    assert (template["version"], template["code_param"]) == (1, "otp")
    assert writer.get(one).json() == template
    assert template in writer.get(PATH, limit="100").json()["items"]
    assert rival.get(one).status_code == 404
    assert template["id"] not in rival.get(PATH, limit="100").text

    change = put(writer, one, without_ours(template) | {"name": name(), "approved": False})
    assert change.status_code == 200, change.text
    assert (change.json()["version"], change.json()["approved"]) == (2, False)
    late = put(writer, one, without_ours(template))
    assert (late.status_code, late.json()["code"]) == (409, "template_changed")
    assert writer.get(one).json() == change.json()

    assert delete(writer, one).json() == change.json()
    assert (delete(writer, one).status_code, writer.get(one).status_code) == (404, 404)
    assert register(writer, name=template["name"])["id"] != template["id"]


def test_a_repetition_registers_nothing(writer: Api) -> None:
    body, key = BOOKING | {"name": name()}, name()
    first, again = (writer.post(PATH, body, key=key) for _ in range(2))
    assert (first.status_code, again.status_code) == (201, 201)
    assert "Idempotent-Replayed" not in first.headers
    assert again.headers["Idempotent-Replayed"] == "true"
    assert again.json() == first.json()
    other = writer.post(PATH, body | {"caresoft_id": 367}, key=key)
    assert (other.status_code, other.json()["code"]) == (422, "idempotency_key_reused")
    refusal = writer.post(PATH, body)
    assert (refusal.status_code, refusal.json()["code"]) == (409, "name_taken")


def test_a_list_has_pages(writer: Api) -> None:
    ids = [register(writer)["id"] for _ in range(3)]
    first = writer.get(PATH, limit="2").json()
    assert [one["id"] for one in first["items"]] == ids[:0:-1]
    second = writer.get(PATH, limit="1", cursor=first["next_cursor"]).json()
    assert [one["id"] for one in second["items"]] == ids[:1]


@pytest.mark.race
def test_of_many_that_want_one_name_at_once_one_gets_it(writer: Api) -> None:
    body = BOOKING | {"name": name()}
    with ThreadPoolExecutor(RACERS) as pool:
        answers = list(pool.map(lambda _: writer.post(PATH, body), range(RACERS)))
    assert Counter(answer.status_code for answer in answers) == {201: 1, 409: RACERS - 1}
    matching = [one for one in listed(writer) if one["name"] == body["name"]]
    assert len(matching) == 1


@pytest.mark.race
def test_of_many_changes_of_one_version_at_once_one_is_made(writer: Api) -> None:
    template = register(writer)
    one, free = f"{PATH}/{template['id']}", name()

    def change(number: int) -> httpx.Response:
        # Half of them with another name: those are transactions.
        name_field = {"name": free} if number % 2 else {}
        return put(
            writer, one, without_ours(template) | name_field | {"caresoft_id": 1000 + number}
        )

    with ThreadPoolExecutor(RACERS) as pool:
        answers = list(pool.map(change, range(RACERS)))
    [won] = [answer.json() for answer in answers if answer.status_code == 200]
    assert {answer.status_code for answer in answers} == {200, 409}
    assert writer.get(one).json() == won
    # The names say the same as the template: the one that it has is taken, the other one free.
    assert writer.post(PATH, BOOKING | {"name": won["name"]}).status_code == 409
    [other] = {template["name"], free} - {won["name"]}
    assert writer.post(PATH, BOOKING | {"name": other}).status_code == 201


def listed(api: Api) -> Iterator[dict[str, Any]]:
    query = {"limit": "100"}
    while True:
        page = api.get(PATH, **query).json()
        yield from page["items"]
        if page["next_cursor"] is None:
            return
        query["cursor"] = page["next_cursor"]


# -------------------------------------------------------------------------------------- by name


def test_a_send_by_name(writer: Api, sandbox: Sandbox) -> None:
    template, phone, code = register(writer), fresh_phone("VN"), fresh_code(10)
    params = {
        "otp": code,
        "requester": "Nguyễn Hải Hà",
        "when": "08:30 21/11/2026",
        "seats": "2",
        "contact": "19001234",
        "link": "https://example.com/a",
    }
    body = {"phone": phone, "template": template["name"], "params": params}
    answer = writer.post("/v1/zns", body | {"metadata": {"order": "A-17"}})
    assert (answer.status_code, answer.json()["status"]) == (202, "accepted"), answer.text
    [request] = sandbox.requests(phone, least=1)
    assert request["body"]["zns"] == {
        "phone": "0" + phone[3:],
        "template_id": 366,
        "params": params | {"shop": "ACME", "order": "A-17"},
    }
    assert heard(sandbox, phone) == code


@pytest.mark.parametrize(
    ("params", "expected"),
    [
        ({"requester": None}, [("requester", "missing")]),
        ({"otp": None}, [("otp", "missing")]),
        ({"requester": ""}, [("requester", "missing")]),
        ({"colour": "red"}, [("colour", "param_unknown")]),
        ({"requester": "x" * 31}, [("requester", "string_too_long")]),
        ({"seats": "two"}, [("seats", "number_format")]),
        ({"when": "9/2/2001"}, [("when", "date_format")]),
        ({"contact": "call me"}, [("contact", "phone_format")]),
        ({"link": "example.com"}, [("link", "url_format")]),
        ({"shop": "Other"}, [("shop", "other_source")]),
        ({"order": "A-17"}, [("order", "other_source")]),
        (
            {"seats": "1234", "when": "now", "requester": None},
            [("requester", "missing"), ("when", "date_format"), ("seats", "string_too_long")],
        ),
    ],
)
def test_a_wrong_parameter_is_refused_before_any_request(
    writer: Api, booking: str, sandbox: Sandbox, params: dict[str, str | None], expected: list[Any]
) -> None:
    phone = fresh_phone("VN")
    values = {"otp": fresh_code(10), "requester": "Hà"} | params
    request_params = {param: value for param, value in values.items() if value is not None}
    answer = writer.post("/v1/zns", {"phone": phone, "template": booking, "params": request_params})
    assert errors(answer) == [(["params", param], type_) for param, type_ in expected]
    assert all(value not in answer.text for value in request_params.values() if len(value) > 5)
    nothing_was_sent(writer, sandbox, phone)


@pytest.fixture(scope="module")
def booking(writer: Api) -> str:
    """The name of a template."""
    return str(register(writer)["name"])


def nothing_was_sent(api: Api, sandbox: Sandbox, phone: str) -> None:
    assert sandbox.requests(phone) == []
    assert api.get("/v1/deliveries", phone=phone).json()["items"] == []


def test_a_template_is_its_clients_own(
    writer: Api, rival: Api, booking: str, sandbox: Sandbox
) -> None:
    phone = fresh_phone("VN")
    body = {"phone": phone, "params": {"otp": fresh_code(10), "requester": "Hà"}}
    for api, template in ((rival, booking), (writer, name())):
        answer = api.post("/v1/zns", body | {"template": template})
        assert errors(answer) == [(["template"], "template_unknown")]
        nothing_was_sent(api, sandbox, phone)


def test_a_template_is_sent_once_it_is_approved(writer: Api, sandbox: Sandbox) -> None:
    template, phone = register(writer, approved=False), fresh_phone("VN")
    params = {"otp": fresh_code(10), "requester": "Hà"}
    body = {"phone": phone, "template": template["name"], "params": params}
    refusal = writer.post("/v1/zns", body, key="waits")
    assert errors(refusal) == [(["template"], "template_not_approved")]
    nothing_was_sent(writer, sandbox, phone)
    one = f"{PATH}/{template['id']}"
    assert put(writer, one, without_ours(template) | {"approved": True}).status_code == 200
    assert writer.post("/v1/zns", body, key="waits").json()["status"] == "accepted"
    assert len(sandbox.requests(phone, least=1)) == 1


def test_a_template_may_want_its_ticket_given(writer: Api, sandbox: Sandbox) -> None:
    template, phone = register(writer, ticket="given"), fresh_phone("VN")
    params = {"otp": fresh_code(10), "requester": "Hà"}
    body = {"phone": phone, "template": template["name"], "params": params}
    assert errors(writer.post("/v1/zns", body)) == [(["ticket_id"], "ticket_required")]
    nothing_was_sent(writer, sandbox, phone)
    delivery = writer.post("/v1/zns", body | {"ticket_id": 297005}).json()
    assert (delivery["status"], delivery["ticket_id"]) == ("accepted", "297005")


def test_a_repetition_is_answered_also_once_the_template_is_gone(
    writer: Api, sandbox: Sandbox
) -> None:
    template, phone, key = register(writer), fresh_phone("VN"), name()
    body = {"phone": phone, "template": template["name"]}
    body["params"] = {"otp": fresh_code(10), "requester": "Hà"}
    first = writer.post("/v1/zns", body, key=key)
    assert first.status_code == 202
    # The body no longer fits the template, and is still answered: the key decides.
    change = without_ours(template) | {"params": [{"name": "otp", "type": "url"}]}
    assert put(writer, f"{PATH}/{template['id']}", change).status_code == 200
    assert delete(writer, f"{PATH}/{template['id']}").status_code == 200
    again = writer.post("/v1/zns", body, key=key)
    assert (again.status_code, again.json()["id"]) == (202, first.json()["id"])
    assert len(sandbox.requests(phone, least=1)) == 1


def test_a_template_shows_what_zalo_may_still_be_asked_for(stack: Stack, sandbox: Sandbox) -> None:
    key = new_key(stack, "direct", EVERYTHING)
    with with_key(stack, key) as owner:
        assert put(owner, "/v1/settings", {"providers": {"zns": ["zalo"]}}).status_code == 200
        template = register(owner, zns_id="211214", oa_id=None)
        another_s = register(owner, zns_id="211215", oa_id="1")
        phone, params = fresh_phone("VN"), {"otp": fresh_code(10), "requester": "Hà"}
        body = {"phone": phone, "template": template["name"], "params": params}
        assert owner.post("/v1/zns", body).json()["provider"] == "zalo"
        [request] = sandbox.requests(phone, least=1)
        assert request["body"]["template_data"] == params | {"shop": "ACME"}
        quota = owner.get(f"{PATH}/{template['id']}").json()["quota"]
        assert 0 <= quota["remaining"] < quota["daily"]
        assert quota["used_up_until"] is None
        quotas = {one["id"]: one["quota"] for one in owner.get(PATH).json()["items"]}
        assert quotas == {template["id"]: quota, another_s["id"]: None}
        # Nor is Zalo asked to send what belongs to another OA.
        refusal = owner.post("/v1/zns", body | {"template": another_s["name"]})
        assert errors(refusal) == [(["template"], "no_provider")]
        assert len(sandbox.requests(phone, least=1)) == 1


# --------------------------------------------------------------------------------- in verifications


def step(template: str, **params: str) -> dict[str, Any]:
    return {"channel": "zns", "template": template, "params": {"requester": "Hà", **params}}


def test_a_workflow_with_a_template(writer: Api, booking: str, sandbox: Sandbox) -> None:
    phone = fresh_phone("VN")
    verification = start(writer, phone, workflow=[step(booking)], metadata={"order": "A-17"})
    [request] = sandbox.requests(phone, least=1)
    code = heard(sandbox, phone)
    assert request["body"]["zns"]["params"] == {
        "otp": code,
        "requester": "Hà",
        "shop": "ACME",
        "order": "A-17",
    }
    assert check(writer, verification, code).json()["status"] == "approved"


def test_a_workflow_with_a_template_that_takes_no_code(writer: Api, sandbox: Sandbox) -> None:
    template, phone = register(writer, params=[{"name": "requester"}]), fresh_phone("VN")
    workflow = [{"channel": "voice_otp"}, step(template["name"])]
    answer = writer.post("/v1/verifications", {"phone": phone, "workflow": workflow})
    assert errors(answer) == [(["workflow", 1, "template"], "template_without_code")]
    assert sandbox.requests(phone) == []
    assert writer.get("/v1/verifications", phone=phone).json()["items"] == []


def test_a_later_step_with_a_template(writer: Api, booking: str, sandbox: Sandbox) -> None:
    phone = fresh_phone("VN", "01")  # Busy: the next step is taken at once.
    first = start(writer, phone, workflow=[{"channel": "password_call"}, step(booking)])
    verification = until(lambda: read(writer, first["id"]), lambda current: current["step"] == 2)
    assert verification["channel"] == "zns"
    until(lambda: sandbox.requests(phone, "caresoft"), lambda requests: len(requests) == 1)
    assert check(writer, first, heard(sandbox, phone)).json()["status"] == "approved"


def test_a_step_whose_template_is_not_approved_is_left_out(writer: Api, sandbox: Sandbox) -> None:
    template, phone = register(writer, approved=False), fresh_phone("VN")
    workflow = [step(template["name"]), {"channel": "voice_otp"}]
    verification = start(writer, phone, workflow=workflow)
    assert verification["channel"] == "voice_otp"
    [left_out] = events(verification, "skipped")
    assert left_out["reason"] == "template_not_approved"
    assert [request["provider"] for request in sandbox.requests(phone, least=1)] == ["bizfly"]


def test_settings_name_a_registered_template(stack: Stack, sandbox: Sandbox) -> None:
    key = new_key(stack, "setter", EVERYTHING)
    with with_key(stack, key) as owner:
        template, bare = register(owner), register(owner, params=[{"name": "requester"}])
        for wrong, type_ in ((bare["name"], "template_without_code"), (name(), "template_unknown")):
            refusal = put(owner, "/v1/settings", {"zns": {"template": wrong}})
            assert errors(refusal) == [(["zns", "template"], type_)]
            workflows = {"VN": [{"channel": "voice_otp"}, {"channel": "zns", "template": wrong}]}
            refusal = put(owner, "/v1/settings", {"workflows": workflows})
            assert errors(refusal) == [(["workflows", "VN", 1, "template"], type_)]
        zns = {"template": template["name"], "params": {"requester": "Hà"}}
        assert put(owner, "/v1/settings", {"zns": zns}).json()["zns"] == zns
        phone = fresh_phone("VN")
        verification = start(owner, phone)
        assert verification["channel"] == "zns"
        [request] = sandbox.requests(phone, "caresoft", least=1)
        assert request["body"]["zns"]["params"]["requester"] == "Hà"
        assert check(owner, verification, heard(sandbox, phone)).json()["status"] == "approved"
