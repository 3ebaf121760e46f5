"""A provider that fails is suspended, says so, and comes back; nothing is lost meanwhile."""

from collections.abc import Iterator

import pytest

from tests.e2e.conftest import Api, Sandbox, fresh_code, fresh_phone


@pytest.fixture(autouse=True)
def _well_again(admin: Api) -> Iterator[None]:
    yield
    end_suspension(admin)


def end_suspension(admin: Api) -> None:
    answer = admin.http.delete(f"{admin.url}/v1/providers/bizfly/suspension")
    assert (answer.status_code, answer.json()["status"]) == (200, "active")


def voice(api: Api, digits: str, key: str | None = None) -> tuple[int, dict[str, str]]:
    body = {"phone": fresh_phone("VN", digits), "otp": fresh_code(10)}
    answer = api.post("/v1/voice-otp", body, key=key)
    return answer.status_code, answer.json() | {
        "retry_after": answer.headers.get("Retry-After", "")
    }


def status(api: Api) -> str:
    items = api.get("/v1/providers").json()["items"]
    return next(str(item["status"]) for item in items if item["name"] == "bizfly")


@pytest.mark.parametrize("digits", ["06", "13", "14", "16"])
def test_three_failures_in_a_row_suspend_and_a_hand_ends_it(
    api: Api, admin: Api, sandbox: Sandbox, digits: str
) -> None:
    assert status(api) == "active"
    assert [voice(api, digits)[0] for _ in range(3)] == [202, 202, 202]
    assert status(api) == "suspended"
    before = len(sandbox.http.get(f"{sandbox.url}/_sandbox/requests").json()["items"])
    code, problem = voice(api, "99")
    assert (code, problem["code"]) == (503, "provider_suspended")
    assert 0 < int(problem["retry_after"]) <= 30
    assert len(sandbox.http.get(f"{sandbox.url}/_sandbox/requests").json()["items"]) == before
    # Others are not touched by it.
    call = api.post("/v1/password-calls", {"phone": fresh_phone("RU"), "code": fresh_code()})
    assert call.status_code == 202
    end_suspension(admin)
    assert voice(api, "99")[0] == 202


def test_a_reset_of_the_sandbox_ends_suspensions(api: Api, sandbox: Sandbox) -> None:
    for _ in range(3):
        voice(api, "06")
    assert status(api) == "suspended"
    sandbox.control("reset")
    assert status(api) == "active"


def test_a_success_in_between_begins_the_count_anew(api: Api) -> None:
    for digits in ("06", "06", "99", "06", "06"):
        voice(api, digits)
    assert status(api) == "active"


def test_one_number_that_one_client_s_sends_fail_for_suspends_nobody(api: Api, rival: Api) -> None:
    phone = fresh_phone("VN", "06")
    for _ in range(4):
        answer = api.post("/v1/voice-otp", {"phone": phone, "otp": fresh_code(10)})
        assert answer.status_code == 202, answer.text
    assert status(api) == "active"
    assert voice(rival, "99")[0] == 202


def test_refusals_of_single_requests_and_test_numbers_do_not_count(api: Api) -> None:
    for _ in range(4):
        voice(api, "12")
        api.post("/v1/voice-otp", {"phone": "+84000000006", "otp": fresh_code(10)})
    assert status(api) == "active"


def test_only_an_administrator_ends_a_suspension(api: Api) -> None:
    answer = api.http.delete(f"{api.url}/v1/providers/bizfly/suspension")
    assert (answer.status_code, answer.json()["code"]) == (403, "missing_scope")
