"""One key, one call: shown with requests that are really parallel."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

import httpx
import pytest

from tests.e2e.conftest import RACERS, Api, Sandbox, fresh_code, fresh_phone


def start_a_process(api: Api) -> None:
    """A request that is refused at once, by a process of its own if it comes with others."""
    with suppress(httpx.TimeoutException):
        api.post("/v1/password-calls", {})


@pytest.mark.race
def test_parallel_posts_with_one_key_make_one_call(api: Api, sandbox: Sandbox) -> None:
    phone = fresh_phone("RU")
    body = {"phone": phone, "code": fresh_code()}

    def post(_: int) -> httpx.Response:
        """A client that sees the gateway fail asks again, with the same key."""
        for _ in range(3):
            answer = api.post("/v1/password-calls", body, key="race")
            if answer.headers["Content-Type"] != "application/json" or answer.status_code < 500:
                break
        return answer

    with ThreadPoolExecutor(RACERS) as pool:
        # The local cloud starts a process for each, which takes longer than a client waits.
        list(pool.map(lambda _: start_a_process(api), range(RACERS)))
        answers = list(pool.map(post, range(RACERS)))
    assert {answer.status_code for answer in answers} <= {202, 409}, [a.text for a in answers]
    accepted = [answer for answer in answers if answer.status_code == 202]
    assert len({answer.json()["id"] for answer in accepted}) == 1
    assert len([a for a in accepted if "Idempotent-Replayed" not in a.headers]) <= 1
    for answer in answers:
        if answer.status_code == 409:
            assert answer.json()["code"] == "in_progress"
            assert answer.headers["Retry-After"] == "1"
    assert len(sandbox.requests(phone, least=1)) == 1
    assert len(api.get("/v1/deliveries", phone=phone).json()["items"]) == 1


def test_a_replay_is_the_record_as_it_is_now(api: Api, sandbox: Sandbox) -> None:
    phone = fresh_phone("RU", "01")
    body = {"phone": phone, "code": fresh_code()}
    first = api.post("/v1/password-calls", body, key="replay")
    api.settled(first.json()["id"], "busy")
    again = api.post("/v1/password-calls", body, key="replay")
    assert (again.status_code, again.headers["Idempotent-Replayed"]) == (202, "true")
    assert (again.json()["id"], again.json()["status"]) == (first.json()["id"], "busy")
    assert len(sandbox.requests(phone, least=1)) == 1


def test_another_body_with_the_same_key_is_refused(api: Api, sandbox: Sandbox) -> None:
    phone = fresh_phone("RU")
    api.post("/v1/password-calls", {"phone": phone, "code": fresh_code()}, key="reused")
    other = api.post("/v1/password-calls", {"phone": phone, "code": fresh_code()}, key="reused")
    assert (other.status_code, other.json()["code"]) == (422, "idempotency_key_reused")
    assert len(sandbox.requests(phone, least=1)) == 1


@pytest.mark.parametrize(
    ("path", "fields", "elsewhere", "country"),
    [
        ("/v1/voice-otp", {"otp": "482915"}, "+79161234567", "VN"),
        ("/v1/password-calls", {"code": "4829"}, "+77011234567", "RU"),
        ("/v1/zns", {"template": 366}, "+79161234567", "VN"),
    ],
)
def test_a_refusal_is_not_kept(
    api: Api, sandbox: Sandbox, path: str, fields: dict[str, object], elsewhere: str, country: str
) -> None:
    for _ in range(2):
        refusal = api.post(path, {"phone": elsewhere, **fields}, key="refused first")
        assert (refusal.status_code, refusal.json()["code"]) == (422, "validation_failed")
    phone = fresh_phone(country)
    answer = api.post(path, {"phone": phone, **fields}, key="refused first")
    assert (answer.status_code, len(sandbox.requests(phone, least=1))) == (202, 1)
    # From now on the key serves that body alone, also where another one would be refused.
    other = api.post(path, {"phone": elsewhere, **fields}, key="refused first")
    assert (other.status_code, other.json()["code"]) == (422, "idempotency_key_reused")


def test_a_key_is_scoped_to_its_route(api: Api) -> None:
    phone = fresh_phone("VN")
    voice = api.post("/v1/voice-otp", {"phone": phone, "otp": fresh_code(10)}, key="scoped")
    message = api.post("/v1/zns", {"phone": phone, "template": 366}, key="scoped")
    assert (voice.status_code, message.status_code) == (202, 202)
    assert voice.json()["id"] != message.json()["id"]
