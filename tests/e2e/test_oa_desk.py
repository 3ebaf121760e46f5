"""The call desk of a Zalo OA over HTTP: settings with versions, replies, five agents."""

import secrets
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Final

import httpx
import pytest

from local.providers import ZALO_OA_ID
from tests.e2e.conftest import RACERS, Api, Sandbox

OA: Final = f"/v1/oa/{ZALO_OA_ID}"
ALWAYS: Final = {"start": "00:00", "end": "24:00"}
DAYS: Final = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
OPEN: Final[dict[str, Any]] = {
    "enabled": True,
    "verified_enterprise": True,
    "hours": dict.fromkeys(DAYS, ALWAYS),
    "replies": {"busy": "Xin gọi lại sau."},
}
"""Settings with which calls are made at any time."""
CLOSED: Final = OPEN | {
    "hours": {"monday": {"start": "08:00", "end": "17:30"}},
    "replies": {"out_of_hours": "Xin gọi lại từ {opens_at}.", "busy": "Xin gọi lại sau."},
}


def put(api: Api, path: str, body: object) -> httpx.Response:
    return api.http.put(f"{api.url}{OA}{path}", json=body)


def delete(api: Api, path: str, **query: str) -> httpx.Response:
    return api.http.delete(f"{api.url}{OA}{path}", params=query)


def set_up(admin: Api, body: object) -> dict[str, Any]:
    """Replace the settings, whatever they are."""
    answer = put(admin, "/settings", body)
    assert answer.status_code == 200, answer.text
    settings: dict[str, Any] = answer.json()
    return settings


def agent_id() -> str:
    """An agent that no other test has."""
    return str(10**18 + secrets.randbelow(10**18))


def user_of(sandbox: Sandbox, phone: str) -> str:
    """What Zalo calls a customer."""
    answer = sandbox.http.get(f"{sandbox.url}/_sandbox/zalo/user", params={"phone": phone})
    user_id: str = answer.json()["user_id"]
    return user_id


def add(admin: Api, name: str, id_: str | None = None) -> httpx.Response:
    body = {"agent_id": id_ or agent_id(), "name": name, "role": "customer_care"}
    return admin.post(f"{OA}/agents", body)


def remove_all(admin: Api) -> None:
    for agent in admin.get(f"{OA}/agents").json()["items"]:
        assert delete(admin, f"/agents/{agent['agent_id']}").status_code == 200


@pytest.fixture
def no_agents(admin: Api) -> Iterator[None]:
    remove_all(admin)
    yield
    remove_all(admin)


# ------------------------------------------------------------------------------------ settings


def test_every_version_of_the_settings_is_kept(admin: Api, api: Api) -> None:
    first, second = set_up(admin, OPEN), set_up(admin, CLOSED)
    assert second["version"] == first["version"] + 1
    assert second["time_zone"] == "Asia/Ho_Chi_Minh"
    assert second["hours"]["tuesday"] is None
    assert second["updated_by"]["client"] == "local"
    # A key that may read reads; it may not change them.
    assert api.get(f"{OA}/settings").json() == second
    assert put(api, "/settings", OPEN).status_code == 403
    versions = api.get(f"{OA}/settings/versions", limit="2").json()
    assert versions["items"] == [second, first]
    assert versions["next_cursor"] is None or first["version"] > 1


@pytest.mark.race
def test_settings_that_have_changed_are_not_replaced(admin: Api) -> None:
    version = set_up(admin, OPEN)["version"]
    assert put(admin, "/settings", OPEN | {"version": version - 1}).status_code == 409
    with ThreadPoolExecutor(RACERS) as pool:
        changes = [OPEN | {"version": version}] * RACERS
        answers = list(pool.map(lambda body: put(admin, "/settings", body), changes))
    assert Counter(answer.status_code for answer in answers) == {200: 1, 409: RACERS - 1}
    assert admin.get(f"{OA}/settings").json()["version"] == version + 1


@pytest.mark.parametrize(
    ("wrong", "loc"),
    [
        ({"hours": {"monday": {"start": "8:00", "end": "17:30"}}}, ["hours", "monday", "start"]),
        ({"hours": {"monday": {"start": "08:00", "end": "08:00"}}}, ["hours", "monday", "end"]),
        ({"time_zone": "Asia/Atlantis"}, ["time_zone"]),
        ({"replies": {"busy": "{name}"}}, ["replies"]),
        ({"replies": {"busy": "x" * 2001}}, ["replies", "busy"]),
        ({"suspended": {}}, ["suspended", "reason"]),
    ],
)
def test_wrong_settings_are_refused(admin: Api, wrong: dict[str, Any], loc: list[str]) -> None:
    answer = put(admin, "/settings", OPEN | wrong)
    assert (answer.status_code, answer.json()["code"]) == (422, "validation_failed")
    assert loc in [error["loc"] for error in answer.json()["errors"]]


def test_a_reply_is_shown_as_the_customer_gets_it(admin: Api, api: Api) -> None:
    set_up(admin, CLOSED)

    def preview(**body: str) -> dict[str, Any]:
        answer = api.post(f"{OA}/settings/preview", body)
        assert answer.status_code == 200, answer.text
        result: dict[str, Any] = answer.json()
        return result

    # A Saturday; the next Monday is the 23rd.
    result = preview(reply="out_of_hours", at="2026-11-21T10:00:00+07:00")
    assert result["text"] == "Xin gọi lại từ 08:00 23/11/2026."
    assert preview(reply="busy")["text"] == "Xin gọi lại sau."
    trial = preview(reply="out_of_hours", at="2026-11-21T10:00:00Z", text="Hẹn {opens_at}!")
    assert trial["text"] == "Hẹn 08:00 23/11/2026!"


# ------------------------------------------------------------------------------------ agents


@pytest.mark.race
def test_of_many_agents_added_at_once_five_stay(admin: Api, no_agents: None) -> None:
    names = [f"Agent {number}" for number in range(RACERS)]
    with ThreadPoolExecutor(RACERS) as pool:
        answers = list(pool.map(lambda name: add(admin, name), names))
    assert Counter(answer.status_code for answer in answers) == {201: 5, 409: RACERS - 5}
    assert {one.json()["code"] for one in answers if one.status_code == 409} == {"agents_full"}
    stayed = {one.json()["agent_id"] for one in answers if one.status_code == 201}
    page = admin.get(f"{OA}/agents").json()
    assert {agent["agent_id"] for agent in page["items"]} == stayed
    assert len(stayed) == page["most"] == 5
    assert "newest version of Zalo" in page["note"]
    lines = admin.get(f"{OA}/agents/history", limit="5").json()["items"]
    assert {line["agent_id"] for line in lines} == stayed
    assert {(line["what"], line["by"]["client"]) for line in lines} == {("added", "local")}
    # One may go, and then another one may come.
    removed_id = lines[0]["agent_id"]
    assert delete(admin, f"/agents/{removed_id}").status_code == 200
    assert delete(admin, f"/agents/{removed_id}").status_code == 404
    assert add(admin, "The sixth").status_code == 201
    lines = admin.get(f"{OA}/agents/history", limit="2").json()["items"]
    assert [(line["what"], line["agent_id"] == removed_id) for line in lines] == [
        ("added", False),
        ("removed", True),
    ]
    assert all(line["by"]["key_id"] and line["at"] for line in lines)


def test_an_agent_is_added_once(admin: Api, api: Api, no_agents: None) -> None:
    id_ = agent_id()
    first = add(admin, "Lan", id_)
    assert (first.status_code, first.json()["role"]) == (201, "customer_care")
    assert "newest version of Zalo" in first.json()["note"]
    again = add(admin, "Minh", id_)
    assert (again.status_code, again.json()["code"]) == (409, "agent_exists")
    assert [agent["name"] for agent in api.get(f"{OA}/agents").json()["items"]] == ["Lan"]
    assert add(api, "Minh").status_code == 403
    assert delete(api, f"/agents/{id_}").status_code == 403
    wrong = admin.post(f"{OA}/agents", {"agent_id": "x", "name": "", "role": "owner"})
    assert [error["loc"] for error in wrong.json()["errors"]] == [["agent_id"], ["name"], ["role"]]


# ------------------------------------------------------------------------------------ others


def test_to_all_others_there_is_no_such_oa(rival: Api, admin: Api) -> None:
    agent = {"agent_id": agent_id(), "name": "Lan", "role": "administrator"}
    for other, path in ((rival, OA), (admin, "/v1/oa/1"), (admin, f"/v1/oa/{ZALO_OA_ID}0")):
        answers = [
            other.get(f"{path}/settings"),
            other.http.put(f"{other.url}{path}/settings", json=OPEN),
            other.get(f"{path}/settings/versions"),
            other.post(f"{path}/settings/preview", {"reply": "busy"}),
            other.get(f"{path}/agents"),
            other.post(f"{path}/agents", agent),
            other.http.delete(f"{other.url}{path}/agents/{agent['agent_id']}"),
            other.get(f"{path}/agents/history"),
        ]
        assert {answer.status_code for answer in answers} == {404}
        assert {answer.json()["detail"] for answer in answers} == {"There is no such OA."}
