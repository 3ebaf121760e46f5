"""A client's settings and its cause table over HTTP: read, replaced, refused; each client's own."""

import json
import secrets
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Final

import httpx
import pytest

from local.seeding import SETTINGS
from local.stack import Stack
from ringpass.aws.dynamodb import Table
from ringpass.clients.api_keys.service import ApiKeyService
from ringpass.clients.api_keys.store import ApiKeyRepository
from ringpass.clients.settings.cause_table import DEFAULTS
from ringpass.clock import utc_now
from tests.audit_log import actor
from tests.e2e.conftest import Api, Sandbox, fresh_phone, until, with_key
from tests.e2e.test_bad_input import is_problem
from tests.e2e.test_verifications import read as get_verification
from tests.e2e.test_verifications import start

PAGE, TABLE = "/v1/settings", "/v1/cause-table"
NOTHING: Final[list[tuple[str, dict[str, object]]]] = [(PAGE, {}), (TABLE, {"rows": []})]


def new_client(stack: Stack, scopes: str = "read,admin") -> str:
    """The first key of a client that nobody else uses."""
    keyring = ApiKeyService(
        "tests", ApiKeyRepository(Table(stack.dynamodb(), stack.table)), utc_now
    )
    creation = keyring.create(actor(f"sets-{secrets.token_hex(4)}"), scopes.split(","))
    assert creation.key is not None
    return creation.key


@pytest.fixture
def owner(stack: Stack) -> Iterator[Api]:
    with with_key(stack, new_client(stack)) as api:
        yield api


def put(api: Api, path: str, body: object) -> httpx.Response:
    return api.http.put(api.url + path, json=body)


def replaced(api: Api, path: str, body: object) -> dict[str, Any]:
    answer = put(api, path, body)
    assert answer.status_code == 200, answer.text
    document: dict[str, Any] = answer.json()
    return document


def read(api: Api, path: str) -> dict[str, Any]:
    answer = api.get(path)
    assert answer.status_code == 200, answer.text
    document: dict[str, Any] = answer.json()
    return document


def fields_at_fault(answer: httpx.Response) -> list[str]:
    problem = is_problem(answer, 422, "validation_failed")
    return [".".join(map(str, error["loc"])) for error in problem["errors"]]


# ---------------------------------------------------------------------------------------- settings


def test_the_local_client_has_all_that_a_bare_phone_needs(api: Api) -> None:
    settings = read(api, PAGE)
    assert (settings["workflows"], settings["countries"]) == ({}, SETTINGS["countries"])
    assert settings["zns"] == {"template": 366, "code_param": "otp", "params": {}}
    assert settings["limits"]["phone"]["cap"] == 1_000


def test_a_new_client_has_set_nothing(owner: Api) -> None:
    settings = read(owner, PAGE)
    assert (settings["version"], settings["workflows"], settings["zns"]) == (0, {}, None)
    assert settings["limits"]["phone"] == {"cap": 5, "seconds": 600}


def test_settings_are_replaced_whole(owner: Api) -> None:
    first = replaced(
        owner,
        PAGE,
        {
            "workflows": {
                "VN": [
                    {"channel": "zns", "timeout_seconds": 20, "template": "7"},
                    {"channel": "voice_otp", "scenario": "OTP-1"},
                ]
            },
            "attempts": 4,
            "countries": {"password_call": ["KZ"]},
            "limits": {"phone": None, "daily_money": {"RUB": 10}},
        },
    )
    assert read(owner, PAGE) == first
    assert first["version"] == 1
    assert first["workflows"]["VN"][0] == {"channel": "zns", "timeout_seconds": 20, "template": 7}
    assert (first["limits"]["phone"], first["limits"]["daily_money"]) == (None, {"RUB": "10"})
    second = replaced(owner, PAGE, {"expires_in": 60})
    assert (second["expires_in"], second["attempts"], second["workflows"]) == (60, None, {})
    assert second["limits"]["phone"] == {"cap": 5, "seconds": 600}
    assert second["version"] == 2


def test_what_was_answered_can_be_sent_back(owner: Api) -> None:
    replaced(owner, PAGE, SETTINGS)
    settings = read(owner, PAGE)
    assert replaced(owner, PAGE, settings) == settings | {"version": 2}


def test_a_number_is_kept_and_answered_as_its_look_up_key(stack: Stack, owner: Api) -> None:
    phone = fresh_phone("VN")
    lists = {"deny": {"numbers": [phone], "prefixes": ["+8490"]}}
    deny = replaced(owner, PAGE, {"limits": lists})["limits"]["deny"]
    [key] = deny["numbers"]
    assert len(key) == 64
    assert deny["prefixes"] == ["+8490"]
    items = stack.dynamodb().scan(
        TableName=stack.table,
        FilterExpression="entity = :settings",
        ExpressionAttributeValues={":settings": {"S": "client_settings"}},
    )["Items"]
    assert phone[3:] not in json.dumps(items)
    assert key in json.dumps(items)


def test_of_many_changes_of_one_version_one_is_made(owner: Api) -> None:
    def change(attempts: int) -> int:
        return put(owner, PAGE, {"attempts": attempts, "version": 0}).status_code

    with ThreadPoolExecutor(8) as pool:
        assert sorted(pool.map(change, range(1, 9))) == [200, *[409] * 7]
    assert read(owner, PAGE)["version"] == 1
    is_problem(put(owner, PAGE, {"version": 0}), 409, "settings_changed")
    is_problem(put(owner, TABLE, {"rows": [], "version": 0}), 409, "settings_changed")


def test_settings_and_cause_table_replaced_at_once_lose_nothing(owner: Api) -> None:
    row = {"outcome": "busy", "action": "stop"}

    def change(number: int) -> int:
        if number % 2:
            return put(owner, PAGE, {"attempts": 7}).status_code
        return put(owner, TABLE, {"rows": [row]}).status_code

    with ThreadPoolExecutor(8) as pool:
        assert set(pool.map(change, range(16))) == {200}
    settings = read(owner, PAGE)
    assert (settings["attempts"], settings["version"]) == (7, 16)
    changes = [one for one in read(owner, TABLE)["items"] if one["changed"]]
    assert [(one["outcome"], one["action"]) for one in changes] == [("busy", "stop")]


@pytest.mark.parametrize(
    ("body", "fields"),
    [
        ({"colour": "red"}, ["colour"]),
        ({"code_length": 11, "attempts": 0}, ["code_length", "attempts"]),
        ({"expires_in": "600"}, ["expires_in"]),
        ({"workflows": {"VN": []}}, ["workflows.VN"]),
        ({"workflows": {"VN": [{"channel": "sms"}]}}, ["workflows.VN.0.channel"]),
        (
            {"workflows": {"VN": [{"channel": "password_call", "template": 48151623}]}},
            ["workflows.VN.0.template"],
        ),
        ({"countries": {"zns": ["48151623"]}}, ["countries.zns.0"]),
        ({"limits": {"phone": {"cap": 5}}}, ["limits.phone.seconds"]),
        ({"limits": {"pauses": [48151623, 1]}}, ["limits.pauses.0"]),
        ({"limits": {"pauses": [60, 30]}}, ["limits.pauses"]),
        ({"limits": {"deny": {"numbers": ["+8448151623"]}}}, ["limits.deny.numbers.0"]),
        ({"limits": {"daily_money": {"RUB": "48151623.-1"}}}, ["limits.daily_money.RUB"]),
        ({"scenario": "48151623" * 9}, ["scenario"]),
        ({"zns": {"template": "48151623 no"}}, ["zns.template"]),
    ],
)
def test_a_refusal_names_the_field_and_not_its_value(
    owner: Api, body: dict[str, object], fields: list[str]
) -> None:
    answer = put(owner, PAGE, body)
    assert fields_at_fault(answer) == fields
    assert "48151623" not in answer.text
    assert read(owner, PAGE)["version"] == 0


@pytest.mark.parametrize("path", [PAGE, TABLE])
def test_bodies_that_cannot_be_read(owner: Api, path: str) -> None:
    for content, status, code in (
        (b"", 400, "invalid_json"),
        (b"{", 400, "invalid_json"),
        (b"\xff", 400, "invalid_json"),
        (b"[]", 422, "validation_failed"),
        (b" " * 70_000, 413, "body_too_large"),
    ):
        is_problem(owner.http.put(owner.url + path, content=content), status, code)
    twice = b'{"rows": [], "rows": []}' if path == TABLE else b'{"zns": null, "zns": null}'
    is_problem(owner.http.put(owner.url + path, content=twice), 400, "invalid_json")
    assert read(owner, path)["version"] == 0


def test_the_fullest_lists_can_be_answered_and_sent_back(owner: Api) -> None:
    numbers = [f"{number:064x}" for number in range(800)]
    lists = {"deny": {"numbers": numbers[:400]}, "allow": {"numbers": numbers[400:]}}
    replaced(owner, PAGE, {"limits": lists})
    settings = read(owner, PAGE)
    assert settings["limits"]["deny"]["numbers"] == numbers[:400]
    assert replaced(owner, PAGE, settings) == settings | {"version": 2}


# ------------------------------------------------------------------------------------- cause table


def test_the_default_table_says_why(owner: Api) -> None:
    table = read(owner, TABLE)
    assert table["next_cursor"] is None
    assert [(row["outcome"], row["reason"], row["why"]) for row in table["items"]] == [
        (row.outcome, row.reason, row.why) for row in DEFAULTS
    ]
    assert not any(row["changed"] for row in table["items"])


def test_rows_are_changed_and_the_defaults_come_back(owner: Api) -> None:
    before = read(owner, TABLE)["items"]
    retry = {"outcome": "busy", "action": "retry", "after_seconds": 20, "why": "Đợi một chút."}
    stop = {"outcome": "unreachable", "reason": "q850_20", "action": "stop"}
    table = replaced(owner, TABLE, {"rows": [retry, stop]})
    assert table == read(owner, TABLE)
    changes = {
        (row["outcome"], row["reason"]): (row["action"], row["after_seconds"], row["times"])
        for row in table["items"]
        if row["changed"]
    }
    assert changes == {("busy", None): ("retry", 20, 1), ("unreachable", "q850_20"): ("stop", 0, 0)}
    assert len(table["items"]) == len(before) + 1
    # What is replaced is replaced whole.
    assert [
        row["outcome"]
        for row in replaced(owner, TABLE, {"rows": [stop]})["items"]
        if row["changed"]
    ] == ["unreachable"]
    assert replaced(owner, TABLE, {"rows": []})["items"] == before


@pytest.mark.parametrize(
    ("rows", "fields"),
    [
        ([{}], ["rows.0.outcome", "rows.0.action"]),
        ([{"outcome": "unknown", "action": "retry"}], ["rows.0.action"]),
        ([{"outcome": "reserved", "action": "next"}], ["rows.0.outcome"]),
        ([{"outcome": "busy", "action": "next", "times": 2}], ["rows.0.times"]),
        ([{"outcome": "busy", "action": "next", "reason": "48151623"}], ["rows.0.reason"]),
        (
            [{"outcome": "busy", "action": "next"}, {"outcome": "busy", "action": "stop"}],
            ["rows.1.outcome"],
        ),
        ([{"outcome": "busy", "action": "next", "changed": True}], ["rows.0.changed"]),
        ("48151623", ["rows"]),
    ],
)
def test_a_refused_table_names_the_field_and_changes_nothing(
    owner: Api, rows: object, fields: list[str]
) -> None:
    answer = put(owner, TABLE, {"rows": rows})
    assert fields_at_fault(answer) == fields
    assert "48151623" not in answer.text
    assert read(owner, TABLE)["version"] == 0


# ------------------------------------------------------------------ what verifications make of them


@pytest.fixture
def sender(stack: Stack) -> Iterator[Api]:
    with with_key(stack, new_client(stack, "send,read,admin")) as api:
        yield api


def test_a_message_is_made_of_the_client_s_template(sender: Api, sandbox: Sandbox) -> None:
    phone = fresh_phone("VN")
    step = {"channel": "zns", "code_param": "pin", "timeout_seconds": 900}
    replaced(
        sender,
        PAGE,
        {
            "workflows": {"VN": [step]},
            "zns": {"template": 366, "code_param": "otp", "params": {"brand": "Shop"}},
            "code_length": 6,
            "attempts": 7,
        },
    )
    verification = start(sender, phone)
    assert (verification["channel"], verification["code_length"]) == ("zns", 6)
    assert verification["attempts_remaining"] == 7
    [request] = sandbox.requests(phone, least=1)
    message = request["body"]["zns"]
    assert (message["template_id"], message["params"].keys()) == (366, {"brand", "pin"})
    assert (message["params"]["brand"], len(message["params"]["pin"])) == ("Shop", 6)


CALLS: Final = {"workflows": {"*": [{"channel": "password_call"}, {"channel": "voice_otp"}]}}


def moved(api: Api, phone: str, *channels: str) -> dict[str, Any]:
    """A verification that was started and has had these deliveries."""
    verification = start(api, phone)
    return until(
        lambda: get_verification(api, verification["id"]),
        lambda current: [one["channel"] for one in current["deliveries"]] == list(channels),
    )


def test_a_busy_line_is_called_again_where_the_table_says_so(sender: Api, sandbox: Sandbox) -> None:
    phone = fresh_phone("VN", "01")
    replaced(sender, PAGE, CALLS)
    retry = {"outcome": "busy", "action": "retry", "after_seconds": 1, "times": 1}
    replaced(sender, TABLE, {"rows": [retry]})
    verification = moved(sender, phone, "password_call", "password_call", "voice_otp")
    assert [one["retry_of"] for one in verification["deliveries"]] == [
        None,
        verification["deliveries"][0]["id"],
        None,
    ]
    until(lambda: sandbox.requests(phone), lambda requests: len(requests) == 3)


def test_nothing_follows_where_the_table_says_stop(sender: Api, sandbox: Sandbox) -> None:
    phone = fresh_phone("VN", "01")
    replaced(sender, PAGE, CALLS)
    replaced(sender, TABLE, {"rows": [{"outcome": "busy", "action": "stop"}]})
    before = start(sender, phone)
    # Nothing has reached anybody, and nothing will.
    verification = until(
        lambda: get_verification(sender, before["id"]),
        lambda current: current["status"] == "failed",
    )
    assert [one["status"] for one in verification["deliveries"]] == ["busy"]
    time.sleep(2)  # Others move on in under one.
    assert get_verification(sender, before["id"])["deliveries"] == verification["deliveries"]
    assert len(sandbox.requests(phone, least=1)) == 1


def test_no_call_follows_to_a_number_that_is_not_in_use(sender: Api, sandbox: Sandbox) -> None:
    phone = fresh_phone("VN", "17")
    zns = {"channel": "zns", "template": 366}
    steps = [{"channel": "password_call"}, {"channel": "voice_otp"}, zns]
    replaced(sender, PAGE, {"workflows": {"VN": steps}})
    moved(sender, phone, "password_call", "zns")
    # The step is written before its provider is asked.
    requests = until(lambda: sandbox.requests(phone), lambda current: len(current) == 2)
    assert [one["provider"] for one in requests] == ["mcn", "caresoft"]


def test_a_country_and_a_number_that_are_not_allowed(sender: Api, sandbox: Sandbox) -> None:
    abroad, denied = fresh_phone("RU"), fresh_phone("VN")
    replaced(
        sender,
        PAGE,
        {
            "countries": {"password_call": ["VN"]},
            "limits": {"deny": {"numbers": [denied]}},
        },
    )
    is_problem(sender.post("/v1/verifications", {"phone": abroad}), 422, "validation_failed")
    call = sender.post("/v1/password-calls", {"phone": abroad, "code": "4712"})
    assert fields_at_fault(call) == ["phone"]
    refusal = sender.post("/v1/verifications", {"phone": denied})
    assert (refusal.status_code, refusal.json()["code"]) == (403, "not_allowed")
    assert refusal.json()["limit"] == "deny_list"
    assert sandbox.requests(abroad) == sandbox.requests(denied) == []


def test_a_client_that_has_set_nothing_sends_no_number_abroad(
    sender: Api, sandbox: Sandbox
) -> None:
    replaced(sender, PAGE, {})
    phone = fresh_phone("VN", "12")  # Refused: what comes next would come at once.
    call = sender.post("/v1/password-calls", {"phone": phone, "code": "4712"})
    [fault] = is_problem(call, 422, "validation_failed")["errors"]
    assert (fault["loc"], fault["type"]) == (["phone"], "country_not_allowed")
    verification = start(sender, phone)
    assert (verification["channel"], verification["code_length"]) == ("voice_otp", 6)
    until(
        lambda: get_verification(sender, verification["id"]),
        lambda current: current["status"] == "failed",
    )
    # Both are in the country, or the stack's own.
    assert [one["provider"] for one in sandbox.requests(phone)] == ["bizfly", "voice_gateway"]


# ----------------------------------------------------------------------------------- each one's own


def test_one_client_s_settings_are_no_other_s(owner: Api, rival: Api, api: Api) -> None:
    before = [(read(other, PAGE), read(other, TABLE)) for other in (rival, api)]
    replaced(owner, PAGE, {"attempts": 9, "limits": {"deny": {"prefixes": ["+84"]}}})
    replaced(owner, TABLE, {"rows": [{"outcome": "busy", "action": "stop"}]})
    assert [(read(other, PAGE), read(other, TABLE)) for other in (rival, api)] == before
    assert read(owner, PAGE)["attempts"] == 9


def test_a_client_is_not_chosen_by_the_request(owner: Api, api: Api) -> None:
    before = read(api, PAGE)
    assert fields_at_fault(put(owner, PAGE, {"client": "local", "attempts": 9})) == ["client"]
    answer = owner.http.put(
        f"{owner.url}{PAGE}", json={}, params={"client": "local"}, headers={"X-Client": "local"}
    )
    assert answer.status_code == 200
    assert read(api, PAGE) == before


def test_reading_needs_read_and_replacing_needs_admin(stack: Stack) -> None:
    with with_key(stack, new_client(stack, "send,read,phones:read")) as reader:
        for path, body in NOTHING:
            assert read(reader, path)["version"] == 0
            is_problem(put(reader, path, body), 403, "missing_scope")
            assert read(reader, path)["version"] == 0
    with with_key(stack, new_client(stack, "send,admin")) as admin:
        for path, body in NOTHING:
            is_problem(admin.get(path), 403, "missing_scope")
            assert put(admin, path, body).status_code == 200


def test_settings_of_all_clients_stay_apart_under_load(stack: Stack) -> None:
    keys = [new_client(stack) for _ in range(4)]

    def use(number: int) -> set[int]:
        with with_key(stack, keys[number]) as api:
            values = set()
            for _ in range(5):
                replaced(api, PAGE, {"attempts": number + 1})
                values.add(read(api, PAGE)["attempts"])
            return values

    with ThreadPoolExecutor(len(keys)) as pool:
        assert list(pool.map(use, range(len(keys)))) == [{1}, {2}, {3}, {4}]
