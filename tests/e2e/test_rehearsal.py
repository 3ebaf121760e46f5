"""A stack whose ``TestNumbers`` is ``on`` plays the providers itself, and asks nobody."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest

from local.stack import Stack, running_stack
from tests.e2e.conftest import Api
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
    assert answer.json()["items"] == []
