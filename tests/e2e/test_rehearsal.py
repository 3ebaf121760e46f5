"""A stack whose ``TestNumbers`` is ``on`` plays the providers itself, and asks nobody."""

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest

from local.stack import Stack, running_stack
from ringpass.credentials import PLACEHOLDER
from ringpass.phone import TEST_NUMBER
from tests.e2e.conftest import Api
from tests.e2e.test_bad_input import is_problem
from tests.e2e.test_endings import CASES, ROUTES, number


@pytest.fixture(scope="module")
def rehearsing() -> Iterator[Stack]:
    # Most functions have nothing to do here: their processes need not be started.
    with running_stack("rehearsal", parameters={"TestNumbers": "on"}, warm=False) as running:
        yield running


@pytest.fixture(scope="module")
def client(rehearsing: Stack) -> Iterator[Api]:
    headers = {"Authorization": f"Bearer {rehearsing.api_key}"}
    with httpx.Client(timeout=60, trust_env=False, headers=headers) as http:
        yield Api(http, rehearsing.api_url)


@pytest.fixture(scope="module")
def played(client: Api) -> dict[tuple[str, str], dict[str, Any]]:
    def send(case: tuple[str, str, str]) -> dict[str, Any]:
        digits, channel, _ = case
        path, body = ROUTES[channel]
        answer = client.post(path, body | {"phone": number(digits, channel)})
        assert answer.status_code == 202, answer.text
        delivery: dict[str, Any] = answer.json()
        return delivery

    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(send, CASES))
    return {case[:2]: answer for case, answer in zip(CASES, answers, strict=True)}


@pytest.mark.parametrize(("digits", "channel", "ending"), CASES)
def test_ending(
    client: Api,
    played: dict[tuple[str, str], dict[str, Any]],
    digits: str,
    channel: str,
    ending: str,
) -> None:
    ended = client.settled(played[digits, channel]["id"], ending)
    assert (ended["test"], ended["cost"]) == (True, None)


@pytest.mark.usefixtures("played")
def test_no_provider_was_asked(rehearsing: Stack) -> None:
    answer = httpx.get(f"{rehearsing.sandbox_url}/_sandbox/requests", trust_env=False)
    tests = [one for one in answer.json()["items"] if TEST_NUMBER.fullmatch(one["phone"])]
    assert tests == []


def test_a_provider_that_nobody_has_set_up_is_never_asked(rehearsing: Stack, client: Api) -> None:
    """A person's number, after MCN's secret is as a new stack makes it; nothing else is set."""
    rehearsing.client("secretsmanager").put_secret_value(
        SecretId=rehearsing.outputs["McnSecretArn"],
        SecretString=json.dumps({"token": "", PLACEHOLDER: "random"}),
    )
    listed = client.get("/v1/providers").json()["items"]
    assert {one["name"]: one["status"] for one in listed} == {
        "bizfly": "active",
        "mcn": "not_configured",
        "caresoft": "active",
        "zalo": "active",
    }
    russian, vietnamese = "+79161234567", "+84983912148"
    is_problem(
        client.post("/v1/password-calls", {"phone": russian, "code": "4712"}), 503, "not_configured"
    )
    is_problem(client.post("/v1/verifications", {"phone": russian}), 503, "not_configured")
    for path in ("/v1/deliveries", "/v1/verifications"):
        assert client.get(path, phone=russian).json()["items"] == []
    started = client.post("/v1/verifications", {"phone": vietnamese})
    assert started.status_code == 201, started.text
    assert (started.json()["channel"], started.json()["code_length"]) == ("voice_otp", 6)
    asked = httpx.get(f"{rehearsing.sandbox_url}/_sandbox/requests", trust_env=False)
    assert [one["provider"] for one in asked.json()["items"]] == ["bizfly"]
