"""Verifications over HTTP: one code, several channels, moved on by what became of each."""

import secrets
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from local.stack import Stack
from tests.e2e.conftest import (
    RACERS,
    Api,
    Sandbox,
    environment,
    fresh_code,
    fresh_phone,
    until,
)
from tests.e2e.secrecy import RECORD
from tests.e2e.verification_races import RACES, Round, age, deliver_timer

CALL = [{"channel": "password_call"}]
VOICE = [{"channel": "voice_otp"}]


def start(api: Api, phone: str, key: str | None = None, **fields: object) -> dict[str, Any]:
    answer = api.post("/v1/verifications", {"phone": phone, **fields}, key=key)
    assert answer.status_code == 201, answer.text
    verification: dict[str, Any] = answer.json()
    return verification


def check(api: Api, verification: dict[str, Any], code: str, key: str | None = None) -> Any:  # noqa: ANN401
    return api.post(f"/v1/verifications/{verification['id']}/check", {"code": code}, key=key)


def read(api: Api, verification_id: str) -> dict[str, Any]:
    answer = api.get(f"/v1/verifications/{verification_id}")
    assert answer.status_code == 200, answer.text
    verification: dict[str, Any] = answer.json()
    return verification


def heard(sandbox: Sandbox, phone: str) -> str:
    """The code that the callee heard or read last."""
    answer = sandbox.http.get(f"{sandbox.url}/_sandbox/code", params={"phone": phone})
    code: str = answer.json()["code"]
    return code


def another(code: str) -> str:
    """A code of the same length that is not this one."""
    return str((int(code) + 1) % 10 ** len(code)).zfill(len(code))


def events(verification: dict[str, Any], event: str) -> list[dict[str, Any]]:
    return [line for line in verification["history"] if line["event"] == event]


def test_a_bare_phone_is_verified(api: Api, sandbox: Sandbox) -> None:
    phone = fresh_phone("RU")
    verification = start(api, phone, metadata={"order": "17"})
    assert verification["id"].startswith("ver_")
    assert (verification["status"], verification["step"], verification["channel"]) == (
        "pending",
        1,
        "password_call",
    )
    assert (verification["code_length"], verification["attempts_remaining"]) == (4, 3)
    assert verification["phone"] == phone[:2] + "*" * (len(phone) - 5) + phone[-3:]
    assert verification["metadata"] == {"order": "17"}
    assert [one["channel"] for one in verification["deliveries"]] == ["password_call"]
    assert verification["deliveries"][0]["verification_id"] == verification["id"]
    code = heard(sandbox, phone)
    wrong = check(api, verification, another(code))
    assert (wrong.status_code, wrong.json()) == (
        200,
        {"id": verification["id"], "status": "pending", "attempts_remaining": 2},
    )
    right = check(api, verification, code)
    assert (right.status_code, right.json()["status"]) == (200, "approved")
    again = check(api, verification, code)
    assert (again.status_code, again.json()["code"]) == (409, "verification_ended")
    assert again.json()["ended_as"] == "approved"
    current = read(api, verification["id"])
    assert (current["status"], current["reason"]) == ("approved", "code_right")
    assert current["ended_at"]
    story = [line["event"] for line in current["history"] if line["event"] != "outcome"]
    assert story == ["started", "sent", "checked", "checked", "ended"]
    assert all(line["text"].endswith(".") for line in current["history"])
    assert len(sandbox.requests(phone, least=1)) == 1


def test_the_story_of_three_channels(api: Api, sandbox: Sandbox) -> None:
    """Zalo refuses, the line is busy, a voice reads the code: one code, and no time is lost."""
    phone = fresh_phone("VN")
    for provider, digits in (("caresoft", "12"), ("mcn", "01"), ("bizfly", "99")):
        sandbox.control("script", phone=phone, provider=provider, digits=digits)
    workflow = [
        {"channel": "zns", "timeout_seconds": 900},
        {"channel": "password_call", "timeout_seconds": 900},
        {"channel": "voice_otp", "timeout_seconds": 900},
    ]
    # The end of the whole run looks for this code wherever something is kept or said.
    verification = start(api, phone, workflow=workflow, code=fresh_code())
    current = until(lambda: read(api, verification["id"]), lambda current: current["step"] == 3)
    until(lambda: sandbox.requests(phone), lambda requests: len(requests) == 3)
    assert [one["channel"] for one in current["deliveries"]] == [
        "zns",
        "password_call",
        "voice_otp",
    ]
    assert [one["status"] for one in current["deliveries"]][:2] == ["rejected", "busy"]
    assert [line["reason"] for line in events(current, "sent")] == ["started", "rejected", "busy"]
    codes = {
        body["zns"]["params"]["otp"]
        if "zns" in body
        else body.get("otp") or body["verification_code"]
        for body in (request["body"] for request in sandbox.requests(phone))
    }
    assert len(codes) == 1
    assert check(api, verification, codes.pop()).json()["status"] == "approved"
    final = read(api, verification["id"])
    story = " ".join(line["text"] for line in final["history"])
    assert "because the provider refused the request before" in story
    assert "because the line was busy" in story
    costs = {one["provider"]: one["cost"] for one in final["deliveries"]}
    assert costs["mcn"] == {"amount": "1.50", "currency": "RUB", "kind": "settled"}
    assert len(sandbox.requests(phone, least=3)) == 3


@pytest.fixture(scope="module")
def _many_checkers(api: Api) -> None:
    """As many processes of the function as guesses come at once: one is slow to start."""
    path = f"/v1/verifications/ver_{'a' * 32}/check"
    with ThreadPoolExecutor(RACERS) as pool:
        list(pool.map(lambda _: api.post(path, {"code": "0000"}), range(RACERS)))


@pytest.mark.race
@pytest.mark.usefixtures("_many_checkers")
def test_wrong_guesses_at_once(api: Api, sandbox: Sandbox) -> None:
    phone = fresh_phone("VN")
    verification = start(api, phone, workflow=VOICE, code_length=6, attempts=5)
    code = heard(sandbox, phone)
    guesses = [another(code)] * (5 * RACERS)
    with ThreadPoolExecutor(RACERS) as pool:
        answers = list(pool.map(lambda guess: check(api, verification, guess), guesses))
    judged = [answer.json() for answer in answers if answer.status_code == 200]
    assert len(judged) == 5
    assert sorted(one["attempts_remaining"] for one in judged) == [0, 1, 2, 3, 4]
    assert [one["status"] for one in judged].count("max_attempts_reached") == 1
    others = [answer for answer in answers if answer.status_code != 200]
    assert {answer.status_code for answer in others} == {409}
    assert {answer.json()["ended_as"] for answer in others} == {"max_attempts_reached"}
    right = check(api, verification, code)
    assert (right.status_code, right.json()["ended_as"]) == (409, "max_attempts_reached")
    assert read(api, verification["id"])["status"] == "max_attempts_reached"


def test_the_right_code_on_the_last_attempt(api: Api, sandbox: Sandbox) -> None:
    phone = fresh_phone("VN")
    verification = start(api, phone, workflow=VOICE, code_length=6, attempts=2)
    code = heard(sandbox, phone)
    assert check(api, verification, another(code)).json()["attempts_remaining"] == 1
    assert check(api, verification, code).json()["status"] == "approved"


@pytest.mark.race
@pytest.mark.usefixtures("_many_checkers")
def test_right_codes_at_once(api: Api, sandbox: Sandbox) -> None:
    phone = fresh_phone("VN")
    verification = start(api, phone, workflow=VOICE, attempts=10)
    code = heard(sandbox, phone)
    with ThreadPoolExecutor(RACERS) as pool:
        answers = list(pool.map(lambda _: check(api, verification, code), range(3 * RACERS)))
    approved = [answer for answer in answers if answer.status_code == 200]
    assert [answer.json()["status"] for answer in approved] == ["approved"]
    assert {answer.json()["ended_as"] for answer in answers if answer.status_code == 409} <= {
        "approved",
        "max_attempts_reached",
    }
    assert read(api, verification["id"])["status"] == "approved"


def test_a_repeated_check_is_told_the_same(api: Api, sandbox: Sandbox) -> None:
    phone = fresh_phone("VN")
    verification = start(api, phone, workflow=VOICE, attempts=3)
    code, key = heard(sandbox, phone), secrets.token_hex(8)
    wrong = check(api, verification, another(code), key="wrong-" + key)
    repetition = check(api, verification, another(code), key="wrong-" + key)
    assert repetition.json() == wrong.json()
    assert repetition.headers["Idempotent-Replayed"] == "true"
    other = check(api, verification, code, key="wrong-" + key)
    assert (other.status_code, other.json()["code"]) == (422, "idempotency_key_reused")
    right = check(api, verification, code, key=key)
    assert right.json()["status"] == "approved"
    assert "Idempotent-Replayed" not in right.headers
    repetition = check(api, verification, code, key=key)
    assert repetition.json() == right.json()
    assert repetition.headers["Idempotent-Replayed"] == "true"
    # A repetition of a wrong guess is not told that another one was right.
    late = check(api, verification, another(code), key="wrong-" + key)
    assert (late.status_code, late.json()["ended_as"]) == (409, "approved")


@pytest.mark.race
def test_starts_with_one_key_at_once(api: Api, sandbox: Sandbox) -> None:
    phone, key = fresh_phone("VN"), secrets.token_hex(8)
    with ThreadPoolExecutor(RACERS) as pool:
        body = {"phone": phone, "workflow": VOICE}
        answers = list(
            pool.map(lambda _: api.post("/v1/verifications", body, key=key), range(RACERS))
        )
    assert {answer.status_code for answer in answers} <= {201, 409}
    ids = {answer.json()["id"] for answer in answers if answer.status_code == 201}
    assert len(ids) == 1
    assert {answer.json()["code"] for answer in answers if answer.status_code == 409} <= {
        "in_progress"
    }
    assert len(sandbox.requests(phone, least=1)) == 1
    again = api.post("/v1/verifications", body, key=key)
    assert again.headers["Idempotent-Replayed"] == "true"
    assert {again.json()["id"]} == ids
    other = api.post("/v1/verifications", {**body, "attempts": 1}, key=key)
    assert (other.status_code, other.json()["code"]) == (422, "idempotency_key_reused")


def test_the_newest_verification_of_a_phone_is_the_one(api: Api, sandbox: Sandbox) -> None:
    phone = fresh_phone("VN")
    first = start(api, phone, workflow=VOICE)
    old_code = heard(sandbox, phone)
    second = start(api, phone, workflow=VOICE)
    assert second["id"] != first["id"]
    replaced = read(api, first["id"])
    assert (replaced["status"], replaced["reason"]) == ("canceled", "replaced")
    assert replaced["replaced_by"] == second["id"]
    assert check(api, first, old_code).json()["ended_as"] == "canceled"
    assert check(api, second, heard(sandbox, phone)).json()["status"] == "approved"
    # One that has ended is not ended again.
    third = start(api, phone, workflow=VOICE)
    assert read(api, second["id"])["status"] == "approved"
    assert read(api, third["id"])["status"] == "pending"


def test_parallel_starts_leave_one_open(api: Api, sandbox: Sandbox) -> None:
    phone = fresh_phone("VN")
    with ThreadPoolExecutor(8) as pool:
        verifications = list(pool.map(lambda _: start(api, phone, workflow=VOICE), range(8)))
    statuses = [read(api, one["id"])["status"] for one in verifications]
    assert sorted(statuses) == ["canceled"] * 7 + ["pending"]


def test_an_own_code(api: Api, sandbox: Sandbox) -> None:
    phone, code = fresh_phone("VN"), fresh_code(10)
    verification = start(api, phone, workflow=VOICE, code=code)
    assert (verification["code_length"], verification["attempts_remaining"]) == (10, 5)
    assert heard(sandbox, phone) == code
    assert check(api, verification, code).json()["status"] == "approved"


def test_a_derived_code_is_found_nowhere(api: Api, sandbox: Sandbox) -> None:
    phone = fresh_phone("VN")
    verification = start(api, phone, workflow=VOICE, code_length=10)
    code = heard(sandbox, phone)
    assert len(code) == 10
    RECORD.codes.add(code)  # It is looked for at the end of the whole run.
    assert check(api, verification, another(code)).json()["status"] == "pending"
    assert check(api, verification, code).json()["status"] == "approved"


def test_next_at_once(api: Api, sandbox: Sandbox) -> None:
    phone = fresh_phone("VN", "10")
    workflow = [{"channel": "password_call"}, {"channel": "voice_otp"}]
    verification, key = start(api, phone, workflow=workflow), secrets.token_hex(8)
    path = f"/v1/verifications/{verification['id']}/next"
    with ThreadPoolExecutor(10) as pool:
        answers = list(pool.map(lambda _: api.post(path, {}), range(10)))
    successes = [answer for answer in answers if answer.status_code == 200]
    assert successes
    assert {answer.json()["step"] for answer in successes} == {2}
    codes = {answer.json()["code"] for answer in answers if answer.status_code != 200}
    assert codes <= {"no_next_step"}
    assert [request["provider"] for request in sandbox.requests(phone, least=2)] == [
        "mcn",
        "bizfly",
    ]
    over = api.post(path, {}, key=key)
    assert (over.status_code, over.json()["code"]) == (409, "no_next_step")
    assert read(api, verification["id"])["status"] == "pending"


def test_a_repeated_next_moves_once(api: Api, sandbox: Sandbox) -> None:
    phone, key = fresh_phone("VN", "10"), secrets.token_hex(8)
    workflow = [{"channel": "voice_otp"}, {"channel": "password_call"}, {"channel": "voice_otp"}]
    verification = start(api, phone, workflow=workflow)
    path = f"/v1/verifications/{verification['id']}/next"
    first = api.post(path, {}, key=key)
    assert (first.status_code, first.json()["step"]) == (200, 2)
    again = api.post(path, {}, key=key)
    assert (again.json()["step"], again.headers["Idempotent-Replayed"]) == (2, "true")
    assert len(sandbox.requests(phone, least=2)) == 2


def test_a_wait_ends_with_the_verification(api: Api, sandbox: Sandbox) -> None:
    """A log-in page's server waits, the person enters the code meanwhile."""
    phone = fresh_phone("RU")
    verification = start(api, phone)
    path = f"/v1/verifications/{verification['id']}"
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(api.get, path, wait="25")
        # The wait has begun once another one, of a second, is over.
        assert api.get(path, wait="1").json()["status"] == "pending"
        assert not waiting.done()
        assert check(api, verification, heard(sandbox, phone)).json()["status"] == "approved"
        answer = waiting.result()
    assert (answer.status_code, answer.json()["status"]) == (200, "approved")
    assert answer.elapsed.total_seconds() < 25
    assert "Retry-After" not in answer.headers


def test_a_wait_whose_time_is_over_has_the_record(api: Api, sandbox: Sandbox) -> None:
    phone = fresh_phone("RU", "10")
    verification = start(api, phone)
    answer = api.get(f"/v1/verifications/{verification['id']}", wait="2")
    assert (answer.status_code, answer.json()["status"]) == (200, "pending")
    assert answer.elapsed.total_seconds() >= 2
    assert answer.json()["id"] == verification["id"]
    assert len(sandbox.requests(phone, least=1)) == 1


def test_a_wait_ends_with_the_next_step_that_a_cdr_brings(api: Api, sandbox: Sandbox) -> None:
    phone = fresh_phone("VN")
    sandbox.control("script", phone=phone, provider="mcn", digits="01")
    workflow = [{"channel": "password_call", "timeout_seconds": 900}, *VOICE]
    verification = start(api, phone, workflow=workflow, code=fresh_code())
    answer = api.get(f"/v1/verifications/{verification['id']}", wait="25", step="1")
    assert (answer.status_code, answer.json()["step"]) == (200, 2), answer.text
    assert len(sandbox.requests(phone, least=2)) == 2


def test_a_wait_without_room_says_when_to_ask_again(api: Api, stack: Stack) -> None:
    verification = start(api, fresh_phone("RU"))
    with environment(stack, "ReadVerificationsFunction", LONG_POLLS="0"):
        answer = api.get(f"/v1/verifications/{verification['id']}", wait="20")
    assert (answer.status_code, answer.headers["Retry-After"]) == (200, "2")
    assert answer.json()["id"] == verification["id"]


def test_a_check_of_a_replaced_one_names_its_successor(api: Api) -> None:
    phone = fresh_phone("RU")
    first, second = start(api, phone), start(api, phone)
    for action in ("next", "cancel"):
        refusal = api.post(f"/v1/verifications/{first['id']}/{action}", {}).json()
        assert (refusal["reason"], refusal["replaced_by"]) == ("replaced", second["id"])
    refusal = check(api, first, "0000").json()
    assert (refusal["code"], refusal["ended_as"]) == ("verification_ended", "canceled")
    assert (refusal["reason"], refusal["replaced_by"]) == ("replaced", second["id"])
    assert api.post(f"/v1/verifications/{second['id']}/cancel", {}).is_success
    refusal = check(api, second, "0000").json()
    assert (refusal["ended_as"], refusal["reason"]) == ("canceled", "asked")
    assert "replaced_by" not in refusal


def test_cancel(api: Api, sandbox: Sandbox) -> None:
    phone, key = fresh_phone("VN"), secrets.token_hex(8)
    verification = start(api, phone, workflow=VOICE)
    path = f"/v1/verifications/{verification['id']}"
    canceled = api.post(f"{path}/cancel", {}, key=key)
    assert (canceled.status_code, canceled.json()["status"]) == (200, "canceled")
    assert api.post(f"{path}/cancel", {}, key=key).headers["Idempotent-Replayed"] == "true"
    again = api.post(f"{path}/cancel", {})
    assert (again.status_code, again.json()["ended_as"]) == (409, "canceled")
    assert check(api, verification, heard(sandbox, phone)).json()["ended_as"] == "canceled"
    assert api.post(f"{path}/next", {}).json()["ended_as"] == "canceled"


def test_a_step_whose_time_is_over_is_left(api: Api, stack: Stack, sandbox: Sandbox) -> None:
    phone = fresh_phone("VN", "10")
    workflow = [{"channel": "password_call"}, {"channel": "voice_otp"}]
    verification = start(api, phone, workflow=workflow)
    age(stack, verification["id"], step_due_at="2020-01-01T00:00:00.000Z")
    deliver_timer(stack, verification["id"])
    current = read(api, verification["id"])
    assert (current["step"], current["channel"]) == (2, "voice_otp")
    assert events(current, "sent")[-1]["reason"] == "time_out"
    # A timer that comes again finds it moved.
    deliver_timer(stack, verification["id"])
    assert len(sandbox.requests(phone, least=2)) == 2


def test_an_expired_one_stays_readable(api: Api, stack: Stack, sandbox: Sandbox) -> None:
    phone = fresh_phone("VN")
    verification = start(api, phone, workflow=VOICE)
    age(stack, verification["id"], ends_at="2026-01-01T00:00:00.000Z")
    current = read(api, verification["id"])
    assert (current["status"], current["reason"]) == ("expired", "time_over")
    late = check(api, verification, heard(sandbox, phone))
    assert (late.status_code, late.json()["ended_as"]) == (409, "expired")
    deliver_timer(stack, verification["id"])
    assert events(read(api, verification["id"]), "ended")


def test_all_that_fails_fails(api: Api, sandbox: Sandbox) -> None:
    phone = fresh_phone("VN", "12")
    workflow = [{"channel": "password_call"}, {"channel": "voice_otp"}]
    verification = start(api, phone, workflow=workflow)
    current = until(
        lambda: read(api, verification["id"]), lambda current: current["status"] != "pending"
    )
    assert (current["status"], current["reason"]) == ("failed", "all_failed")
    assert [one["status"] for one in current["deliveries"]] == ["rejected", "rejected"]
    sandbox.control("reset")


def test_a_number_that_cannot_be_called_gets_no_more_calls(api: Api, sandbox: Sandbox) -> None:
    phone = fresh_phone("VN", "17")
    workflow = [{"channel": "password_call"}, {"channel": "voice_otp"}, {"channel": "zns"}]
    first = start(api, phone, workflow=workflow)
    verification = until(lambda: read(api, first["id"]), lambda current: current["step"] == 3)
    [skipped] = events(verification, "skipped")
    assert (skipped["step"], skipped["reason"]) == (2, "no_more_calls")
    assert [request["provider"] for request in sandbox.requests(phone, least=2)] == [
        "mcn",
        "caresoft",
    ]


@pytest.mark.parametrize(
    ("fields", "loc"),
    [
        ({"code": "123456"}, ["code"]),
        ({"code_length": 6}, ["code_length"]),
        ({"code": "1234", "code_length": 5}, ["code_length"]),
        ({"code": "12a4"}, ["code"]),
        ({"expires_in": 59}, ["expires_in"]),
        ({"attempts": 11}, ["attempts"]),
        ({"ip": "999.1.1.1"}, ["ip"]),
        ({"workflow": []}, ["workflow"]),
        ({"workflow": [{"channel": "pigeon"}]}, ["workflow", 0, "channel"]),
        (
            {"workflow": [{"channel": "zns", "timeout_seconds": 14}]},
            ["workflow", 0, "timeout_seconds"],
        ),
        ({"workflow": VOICE}, ["phone"]),
        ({"template": 1}, ["template"]),
    ],
)
def test_a_field_at_fault_is_named(
    api: Api, sandbox: Sandbox, fields: dict[str, object], loc: list[object]
) -> None:
    phone = fresh_phone("RU")
    answer = api.post("/v1/verifications", {"phone": phone, "workflow": CALL, **fields})
    assert (answer.status_code, answer.json()["code"]) == (422, "validation_failed")
    assert loc in [error["loc"] for error in answer.json()["errors"]]
    assert sandbox.requests(phone) == []


@pytest.mark.parametrize("body", [{}, {"code": 1234}, {"code": "12"}, {"code": "1234", "x": 1}])
def test_a_guess_that_is_none_is_not_paid_for(
    api: Api, sandbox: Sandbox, body: dict[str, object]
) -> None:
    verification = start(api, fresh_phone("VN"), workflow=VOICE)
    answer = api.post(f"/v1/verifications/{verification['id']}/check", body)
    assert answer.status_code == 422
    assert read(api, verification["id"])["attempts_remaining"] == verification["attempts_remaining"]


def test_one_client_s_verification_is_another_s_nothing(
    api: Api, rival: Api, sandbox: Sandbox
) -> None:
    phone = fresh_phone("VN")
    verification = start(api, phone, workflow=VOICE)
    path, code = f"/v1/verifications/{verification['id']}", heard(sandbox, phone)
    assert rival.get(path).status_code == 404
    for action, body in (("check", {"code": code}), ("next", {}), ("cancel", {})):
        answer = rival.post(f"{path}/{action}", body)
        assert (answer.status_code, answer.json()["code"]) == (404, "not_found")
    assert rival.get("/v1/verifications", phone=phone).json()["items"] == []
    # Another client's verification of the same phone ends none of this one's.
    other = rival.post("/v1/verifications", {"phone": phone, "workflow": VOICE})
    assert other.status_code == 201
    assert read(api, verification["id"])["status"] == "pending"
    assert check(api, verification, code).json()["status"] == "approved"


def test_lists(api: Api) -> None:
    phone = fresh_phone("VN")
    ids = [start(api, phone, workflow=VOICE)["id"] for _ in range(3)]
    first = api.get("/v1/verifications", phone=phone, limit="2").json()
    assert [one["id"] for one in first["items"]] == ids[:0:-1]
    rest = api.get("/v1/verifications", phone=phone, limit="2", cursor=first["next_cursor"]).json()
    assert [one["id"] for one in rest["items"]] == ids[:1]
    assert rest["next_cursor"] is None
    pending = api.get("/v1/verifications", phone=phone, status="pending").json()["items"]
    assert [one["id"] for one in pending] == ids[2:]
    assert pending[0]["deliveries"]
    assert api.get("/v1/verifications", status="lost").status_code == 422


def test_a_path_that_is_no_id(api: Api) -> None:
    for path in ("x", "ver_" + "a" * 3000):
        assert api.get(f"/v1/verifications/{path}").status_code in (404, 414)
        assert api.post(f"/v1/verifications/{path}/check", {"code": "1234"}).status_code in (
            404,
            414,
        )


@pytest.mark.parametrize("race", RACES, ids=lambda race: race.__name__)
def test_a_race(api: Api, stack: Stack, sandbox: Sandbox, race: Callable[[Round], None]) -> None:
    race(Round.begin(api, stack, sandbox))
