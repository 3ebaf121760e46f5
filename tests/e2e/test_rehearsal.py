"""With ``TestNumbers`` ``on`` a stack plays the providers itself, and asks nobody."""

from collections.abc import Iterator
from typing import Final

import pytest

from local.stack import Stack
from ringpass.config import TestNumbers
from tests.e2e.conftest import Api, Sandbox, environment, new_key, with_key
from tests.e2e.test_endings import CASES, ROUTES, number

SENDERS = ("SendVoiceOtpFunction", "SendPasswordCallFunction", "SendZnsFunction")
PLAYERS = ("OutboxFunction", "AdvanceFunction")
# Two results, two replies that are lost, and two refusals; what is played for each of the numbers
# is tested in tests/providers/simulator/test_outcomes.py.
ENDINGS: Final = {
    ("99", "password_call"),
    ("01", "voice_otp"),
    ("06", "zns"),
    ("07", "password_call"),
    ("12", "zns"),
    ("14", "voice_otp"),
}


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


@pytest.mark.parametrize(
    ("digits", "channel", "ending"),
    [
        case if case[:2] in ENDINGS else pytest.param(*case, marks=pytest.mark.proof)
        for case in CASES
    ],
)
def test_a_number_ends_as_the_table_says_and_nobody_is_asked(
    client: Api, sandbox: Sandbox, digits: str, channel: str, ending: str
) -> None:
    phone = number(digits, channel)
    path, body = ROUTES[channel]
    answer = client.post(path, body | {"phone": phone})
    assert answer.status_code == 202, answer.text
    current = client.settled(answer.json()["id"], ending)
    assert (current["test"], current["cost"]) == (True, None)
    assert sandbox.requests(phone) == []
