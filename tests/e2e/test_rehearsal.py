"""With ``TestNumbers`` ``on`` a stack plays the providers itself, and asks nobody."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from local.stack import Stack
from ringpass.phone import TEST_NUMBER
from ringpass.settings import TestNumbers
from tests.e2e.conftest import Api, Sandbox, environment, new_key, with_key
from tests.e2e.test_endings import CASES, ROUTES, number

SENDERS = ("SendVoiceOtpFunction", "SendPasswordCallFunction", "SendZnsFunction")
PLAYERS = ("OutboxFunction", "AdvanceFunction")


@pytest.fixture(scope="module", autouse=True)
def _rehearsing(stack: Stack, sandbox: Sandbox) -> Iterator[None]:
    with environment(stack, *SENDERS, *PLAYERS, TEST_NUMBERS=TestNumbers.ON):
        sandbox.control("reset")
        yield


@pytest.fixture(scope="module")
def client(stack: Stack) -> Iterator[Api]:
    """Of a client that has set nothing, neither settings nor templates."""
    key = new_key(stack, "rehearsal", "send,read,phones:read")
    with with_key(stack, key) as api:
        yield api


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
def test_no_provider_was_asked(sandbox: Sandbox) -> None:
    assert [one for one in sandbox.all_requests() if TEST_NUMBER.fullmatch(one["phone"])] == []
