"""OTP Call scenarios over HTTP: two slots however many want one, and what each state allows."""

import json
import secrets
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any, Final

import httpx
import pytest

from local.environment import for_ours
from local.seeding import EVERYTHING
from local.stack import Stack
from tests.e2e.conftest import RACERS, Api, Sandbox, fresh_code, fresh_phone, new_key, with_key
from tests.e2e.test_bad_input import is_problem

PATH: Final = "/v1/scenarios"
ROUNDS: Final = 6
SCENARIO: Final[dict[str, Any]] = {
    "name": "login",
    "description": "Code for signing in",
    "hotline": "02471000000",
    "hotline_group": None,
    "greeting": "Xin chào quý khách, mã xác thực của quý khách là",
    "voice": "Nữ miền Bắc",
    "speed": 1.25,
    "repeat": True,
    "repeat_count": 2,
    "repeat_pause_seconds": 2,
    "repeat_announcement": "Xin nhắc lại, mã xác thực của quý khách là",
    "closing": True,
    "closing_text": "Xin cảm ơn quý khách.",
    "otp_id": "OTP-770001",
    "api_key": "api_key",
}


@pytest.fixture
def owner(stack: Stack) -> Iterator[Api]:
    """A client of its own, which has every scope."""
    name = f"reader-{secrets.token_hex(4)}"
    with with_key(stack, new_key(stack, name, EVERYTHING)) as api:
        yield api
        # The slots of the stack's own account are everybody's.
        for one in api.get(PATH, status="active", limit="100").json()["items"]:
            assert act(api, one["id"], "deactivate").status_code == 200


@pytest.fixture
def account() -> str:
    """An account at Bizfly that no other test uses: the field of its key."""
    return f"key_{secrets.token_hex(4)}"


def act(api: Api, scenario_id: str, what: str) -> httpx.Response:
    return api.http.post(f"{api.url}{PATH}/{scenario_id}/{what}")


def put(api: Api, scenario_id: str, **fields: object) -> httpx.Response:
    return api.http.put(f"{api.url}{PATH}/{scenario_id}", json=SCENARIO | fields)


def delete(api: Api, scenario_id: str) -> httpx.Response:
    return api.http.delete(f"{api.url}{PATH}/{scenario_id}")


def created(api: Api, **fields: object) -> dict[str, Any]:
    answer = api.post(PATH, SCENARIO | fields)
    assert answer.status_code == 201, answer.text
    scenario: dict[str, Any] = answer.json()
    assert scenario["status"] == "inactive"
    return scenario


def active(api: Api, **fields: object) -> dict[str, Any]:
    answer = act(api, created(api, **fields)["id"], "activate")
    assert answer.status_code == 200, answer.text
    scenario: dict[str, Any] = answer.json()
    assert scenario["status"] == "active"
    return scenario


def deactivated(api: Api, **fields: object) -> dict[str, Any]:
    answer = act(api, active(api, **fields)["id"], "deactivate")
    assert answer.status_code == 200, answer.text
    scenario: dict[str, Any] = answer.json()
    assert scenario["status"] == "deactivated"
    return scenario


def read(api: Api, scenario_id: str) -> dict[str, Any]:
    answer = api.get(f"{PATH}/{scenario_id}")
    assert answer.status_code == 200, answer.text
    scenario: dict[str, Any] = answer.json()
    return scenario


def slots(stack: Stack, account: str) -> set[str]:
    """Who has the slots of an account, as the table has it."""
    key = {"PK": {"S": f"SLT#{account}"}, "SK": {"S": "SLT"}}
    item = stack.dynamodb().get_item(TableName=stack.table, Key=key).get("Item", {})
    return set(item.get("scenarios", {}).get("SS", ()))


def code_of(answer: httpx.Response) -> str:
    """A problem's code, or the status of what went well."""
    return str(answer.json().get("code", answer.status_code))


# ------------------------------------------------------------------------------------------- races


@pytest.mark.race
def test_many_at_once_take_two_slots(stack: Stack, owner: Api, account: str) -> None:
    ids = [created(owner, name=f"script {n}", api_key=account)["id"] for n in range(RACERS)]
    with ThreadPoolExecutor(RACERS) as pool:
        # Each request starts a process, and they are to meet.
        list(pool.map(lambda _: act(owner, "none", "activate"), ids))
        answers = list(pool.map(lambda one: act(owner, one, "activate"), ids))
    assert Counter(map(code_of, answers)) == {"200": 2, "scenario_slots_taken": RACERS - 2}
    for answer in answers:
        if answer.status_code != 200:
            is_problem(answer, 409, "scenario_slots_taken")
    winners = {answer.json()["id"] for answer in answers if answer.status_code == 200}
    items = owner.get(PATH, status="active", limit="100").json()["items"]
    assert {one["id"] for one in items} == winners == slots(stack, account)
    assert all(read(owner, one)["version"] == 1 for one in set(ids) - winners)

    # A slot that is given back is taken once, however many want it.
    assert act(owner, min(winners), "deactivate").status_code == 200
    losers = sorted(set(ids) - winners)
    with ThreadPoolExecutor(RACERS) as pool:
        answers = list(pool.map(lambda one: act(owner, one, "activate"), losers))
    assert Counter(map(code_of, answers)) == {"200": 1, "scenario_slots_taken": len(losers) - 1}
    assert len(slots(stack, account)) == 2


def test_two_clients_share_the_slots_of_an_account(
    stack: Stack, owner: Api, rival: Api, account: str
) -> None:
    mine = active(owner, api_key=account)["id"]
    theirs = active(rival, name=account, api_key=account)["id"]
    third = created(owner, name="third", api_key=account)["id"]
    is_problem(act(owner, third, "activate"), 409, "scenario_slots_taken")
    assert slots(stack, account) == {mine, theirs}
    assert act(rival, theirs, "deactivate").status_code == 200
    assert act(owner, third, "activate").status_code == 200


def test_of_all_that_is_done_at_once_one_thing_happens(
    stack: Stack, owner: Api, account: str
) -> None:
    for number in range(ROUNDS):
        one, other_name = created(owner, name=f"n {number}", api_key=account)["id"], f"m {number}"
        doings: list[Callable[[], httpx.Response]] = [
            partial(act, owner, one, "activate"),
            partial(delete, owner, one),
            partial(put, owner, one, name=other_name, api_key=account),
            partial(act, owner, one, "activate"),
        ]
        with ThreadPoolExecutor(len(doings)) as pool:
            on, deletion, edit, again = pool.map(lambda do: code_of(do()), doings)
        assert on == again
        if on == "200":
            assert deletion == "scenario_active"
            assert edit in {"200", "scenario_active"}
            scenario = read(owner, one)
            name = other_name if edit == "200" else f"n {number}"
            assert (scenario["status"], scenario["name"]) == ("active", name)
            assert slots(stack, account) == {one}
            assert act(owner, one, "deactivate").status_code == 200
        else:
            assert (on, deletion) == ("not_found", "200")
            assert edit in {"200", "not_found"}
            is_problem(owner.get(f"{PATH}/{one}"), 404, "not_found")
            # Whatever it was called last, the name is free.
            created(owner, name=f"n {number}")
            created(owner, name=other_name)
        assert slots(stack, account) == set()


def test_ten_at_once_make_one_scenario(owner: Api) -> None:
    with ThreadPoolExecutor(10) as pool:
        answers = list(pool.map(lambda _: owner.post(PATH, SCENARIO, key="one"), range(10)))
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.json()["id"] for answer in answers}) == 1
    assert sum("Idempotent-Replayed" not in answer.headers for answer in answers) == 1
    with ThreadPoolExecutor(10) as pool:
        answers = list(
            pool.map(lambda n: owner.post(PATH, SCENARIO | {"name": "x"}, key=f"k{n}"), range(10))
        )
    assert Counter(map(code_of, answers)) == {"201": 1, "name_taken": 9}
    assert len(owner.get(PATH).json()["items"]) == 2
    other = owner.post(PATH, SCENARIO | {"voice": None}, key="one")
    is_problem(other, 422, "idempotency_key_reused")


# ------------------------------------------------------------------------------------------ states


def test_an_inactive_one_is_edited_copied_and_deleted(owner: Api) -> None:
    scenario = created(owner)
    assert SCENARIO.items() <= scenario.items()
    assert read(owner, scenario["id"]) == scenario
    answer = put(owner, scenario["id"], voice=None, version=scenario["version"])
    assert answer.status_code == 200, answer.text
    assert answer.json() == scenario | {
        "voice": None,
        "version": 2,
        "updated_at": answer.json()["updated_at"],
    }
    is_problem(put(owner, scenario["id"], version=1), 409, "scenario_changed")
    is_problem(put(owner, scenario["id"], repeat_count=1), 422, "validation_failed")
    copy = act(owner, scenario["id"], "copy")
    assert copy.status_code == 201, copy.text
    names = ("name", "copy_of", "otp_id", "status", "voice")
    assert [copy.json()[name] for name in names] == [
        "login (2)",
        scenario["id"],
        None,
        "inactive",
        None,
    ]
    is_problem(act(owner, copy.json()["id"], "activate"), 409, "scenario_incomplete")
    is_problem(act(owner, scenario["id"], "deactivate"), 409, "scenario_not_active")
    for one in (scenario["id"], copy.json()["id"]):
        assert delete(owner, one).json()["id"] == one
        is_problem(delete(owner, one), 404, "not_found")
    assert owner.get(PATH).json() == {"items": [], "next_cursor": None}


@pytest.mark.parametrize("state", ["active", "deactivated"])
def test_any_other_one_is_copied_and_nothing_else(
    stack: Stack, owner: Api, account: str, state: str
) -> None:
    scenario = (active if state == "active" else deactivated)(owner, api_key=account)
    is_problem(put(owner, scenario["id"], api_key=account), 409, f"scenario_{state}")
    is_problem(delete(owner, scenario["id"]), 409, f"scenario_{state}")
    body = {"name": "copy", "otp_id": "OTP-770002"}
    copy = owner.post(f"{PATH}/{scenario['id']}/copy", body, key="copy")
    assert copy.status_code == 201, copy.text
    assert {"status": "inactive", **body}.items() <= copy.json().items()
    again = owner.post(f"{PATH}/{scenario['id']}/copy", body, key="copy")
    assert (again.json(), again.headers["Idempotent-Replayed"]) == (copy.json(), "true")
    assert put(owner, copy.json()["id"], name="edited").status_code == 200
    assert delete(owner, copy.json()["id"]).status_code == 200
    assert read(owner, scenario["id"]) == scenario
    # Once more changes nothing; back there is no way.
    again = act(owner, scenario["id"], "activate" if state == "active" else "deactivate")
    assert again.json() == scenario
    if state == "deactivated":
        is_problem(act(owner, scenario["id"], "activate"), 409, "scenario_deactivated")
    assert slots(stack, account) == ({scenario["id"]} if state == "active" else set())


def test_a_list_in_pages(owner: Api, account: str) -> None:
    ids = [created(owner, name=f"s{n}")["id"] for n in range(3)]
    ids.append(active(owner, name="on", api_key=account)["id"])
    page_ids: list[str] = []
    query = {"limit": "2"}
    while True:
        page = owner.get(PATH, **query).json()
        page_ids += [one["id"] for one in page["items"]]
        if page["next_cursor"] is None:
            break
        query["cursor"] = page["next_cursor"]
    assert page_ids == ids[::-1]
    assert [one["name"] for one in owner.get(PATH, status="active").json()["items"]] == ["on"]
    is_problem(owner.get(PATH, status="on"), 422, "validation_failed")


# ------------------------------------------------------------------------------- heard and guided


def test_what_is_heard(owner: Api) -> None:
    path = f"{PATH}/{created(owner)['id']}/preview"
    preview = owner.get(path, code="20264").json()
    parts = [(one["kind"], one["text"]) for one in preview["items"]]
    digits = [("digits", word) for word in ("hai", "không", "hai", "sáu", "bốn")]
    assert parts == [
        ("greeting", SCENARIO["greeting"]),
        *digits,
        ("pause", ""),
        ("repeat_announcement", SCENARIO["repeat_announcement"]),
        *digits,
        ("closing", SCENARIO["closing_text"]),
    ]
    last = preview["items"][-1]
    assert preview["seconds"] == last["at_seconds"] + last["seconds"]
    post = owner.http.post(f"{owner.url}{path}", params={"code": "20264"})
    assert post.json() == preview
    text = owner.http.get(
        owner.url + path, params={"code": "20264"}, headers={"Accept": "text/plain"}
    )
    assert text.headers["Content-Type"] == "text/plain; charset=utf-8"
    assert text.text.startswith(f"00:00  greeting             {SCENARIO['greeting']}\n")
    assert text.text.count("\n") == len(parts) + 1
    # A sample is there without being asked for.
    assert owner.get(path).json()["seconds"] > 0
    is_problem(owner.get(path, code="12"), 422, "validation_failed")


def test_the_end_of_a_key_is_shown_to_whom_it_was_given(
    stack: Stack, admin: Api, owner: Api
) -> None:
    response = stack.client("secretsmanager").get_secret_value(
        SecretId=stack.outputs["BizflySecretArn"]
    )
    end = json.loads(response["SecretString"])["api_key"][-4:]
    for api, is_shown in ((admin, True), (owner, False)):
        scenario = created(api, name=f"of {secrets.token_hex(4)}")
        guide = api.get(f"{PATH}/{scenario['id']}/api-guide").json()
        assert guide["api_key"] == "*" * 8 + (end if is_shown else "")
        assert delete(api, scenario["id"]).status_code == 200


def test_keys_and_places_are_the_operator_s_choice(stack: Stack, account: str) -> None:
    name = f"given-{secrets.token_hex(4)}"
    set_ceiling(stack, name, {"bizfly_key_fields": [account], "scenario_slots": 1})
    with with_key(stack, new_key(stack, name, EVERYTHING)) as api:
        refusal = api.post(PATH, SCENARIO | {"api_key": "api_key"})
        assert [error["type"] for error in refusal.json()["errors"]] == ["key_not_given"]
        one, other = (created(api, name=each, api_key=account)["id"] for each in ("a", "b"))
        answers = [act(api, each, "activate") for each in (one, other)]
        assert [code_of(answer) for answer in answers] == ["200", "scenario_slots_taken"]
        assert act(api, one, "deactivate").status_code == 200
        assert act(api, other, "activate").status_code == 200


def set_ceiling(stack: Stack, client: str, document: dict[str, object]) -> None:
    """As the operator does it."""
    command = ["-m", "ringpass.clients.ceilings", "set", client, json.dumps(document)]
    subprocess.run(  # noqa: S603 - our own program
        [sys.executable, *command, "--table", stack.table],
        env=for_ours(stack.aws_endpoint_url),
        capture_output=True,
        check=True,
    )


def test_how_bizfly_is_asked(stack: Stack, owner: Api) -> None:
    answer = owner.get(f"{PATH}/{created(owner)['id']}/api-guide")
    assert answer.status_code == 200, answer.text
    guide = answer.json()
    response = stack.client("secretsmanager").get_secret_value(
        SecretId=stack.outputs["BizflySecretArn"]
    )
    key = json.loads(response["SecretString"])["api_key"]
    assert key not in answer.text
    masked = "*" * 8
    assert (guide["otp_id"], guide["api_key"]) == (SCENARIO["otp_id"], masked)
    assert guide["endpoint"] == f"{stack.sandbox_url}/bizfly/v4/api/otp_calls"
    assert guide["headers"] == {"Authorization": masked, "Content-Type": "application/json"}
    assert guide["curl"].startswith(f"curl --location '{guide['endpoint']}'")
    assert json.loads(guide["curl"].partition("--data '")[2].rstrip("'")) == guide["request_data"]
    other = created(owner, name="other", api_key="no_such_key", otp_id=None)
    guide = owner.get(f"{PATH}/{other['id']}/api-guide").json()
    assert (guide["otp_id"], guide["api_key"]) == (None, None)


# ------------------------------------------------------------------------------------------ called


def call(api: Api, phone: str, scenario: str | None = None) -> httpx.Response:
    choice = {"scenario": scenario} if scenario else {}
    return api.post("/v1/voice-otp", {"phone": phone, "otp": fresh_code(), **choice})


def called_with(api: Api, sandbox: Sandbox, scenario: str | None = None) -> str:
    """The OTP id that Bizfly was asked with."""
    phone = fresh_phone("VN")
    answer = call(api, phone, scenario)
    assert answer.status_code == 202, answer.text
    [request] = sandbox.requests(phone, least=1)
    return str(request["body"]["otp_id"])


def refused_with(api: Api, sandbox: Sandbox, scenario: str) -> str:
    """Why nobody was asked."""
    phone = fresh_phone("VN")
    problem = is_problem(call(api, phone, scenario), 422, "validation_failed")
    assert sandbox.requests(phone) == []
    [error] = problem["errors"]
    assert error["loc"] == ["scenario"]
    return str(error["type"])


def test_a_call_has_the_scenario_that_is_named(owner: Api, sandbox: Sandbox) -> None:
    assert called_with(owner, sandbox) == "OTP-1"  # the stack's own
    assert refused_with(owner, sandbox, "login") == "scenario_unknown"
    one = created(owner)["id"]
    for name in ("login", SCENARIO["otp_id"]):
        assert refused_with(owner, sandbox, name) == "scenario_inactive"
    assert act(owner, one, "activate").status_code == 200
    # At once, though it was refused just now.
    for name in ("login", SCENARIO["otp_id"]):
        assert called_with(owner, sandbox, name) == SCENARIO["otp_id"]
    assert called_with(owner, sandbox, "OTP-990001") == "OTP-990001"
    assert called_with(owner, sandbox) == SCENARIO["otp_id"]  # the only active one


def test_a_deactivated_one_is_refused(owner: Api, sandbox: Sandbox) -> None:
    deactivated(owner)
    for name in ("login", SCENARIO["otp_id"]):
        assert refused_with(owner, sandbox, name) == "scenario_inactive"
    assert called_with(owner, sandbox) == "OTP-1"


def test_a_scenario_with_a_key_of_its_own(
    stack: Stack, owner: Api, sandbox: Sandbox, account: str
) -> None:
    active(owner, api_key=account)
    manager, arn = stack.client("secretsmanager"), stack.outputs["BizflySecretArn"]
    before = manager.get_secret_value(SecretId=arn)["SecretString"]
    # One that the sandbox does not take, so that it is seen to be the one that was sent.
    own = json.loads(before) | {account: f"another-{secrets.token_hex(8)}"}
    manager.put_secret_value(SecretId=arn, SecretString=json.dumps(own))
    try:
        phone = fresh_phone("VN")
        delivery = call(owner, phone, "login").json()
    finally:
        manager.put_secret_value(SecretId=arn, SecretString=before)
    assert (delivery["status"], delivery["reason"]) == ("rejected", "unauthorized")
    assert {request["body"]["otp_id"] for request in sandbox.requests(phone)} == {
        SCENARIO["otp_id"]
    }
    # Any other call has the stack's key.
    assert called_with(owner, sandbox, "OTP-990001") == "OTP-990001"


def test_a_step_names_a_scenario(owner: Api, sandbox: Sandbox) -> None:
    active(owner)
    phone = fresh_phone("VN")
    workflow = [{"channel": "voice_otp", "scenario": "login"}]
    answer = owner.post("/v1/verifications", {"phone": phone, "workflow": workflow})
    assert answer.status_code == 201, answer.text
    [request] = sandbox.requests(phone, least=1)
    assert request["body"]["otp_id"] == SCENARIO["otp_id"]
    owner.post(f"/v1/verifications/{answer.json()['id']}/cancel", {})
