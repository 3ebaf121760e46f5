"""Two causes at once, and all of them: no step twice, nothing after the end, approved once."""

from collections.abc import Callable, Iterator

import pytest

from local.stack import Stack
from tests.e2e.conftest import Api, Sandbox
from tests.e2e.verification_races import RACES, Round


@pytest.mark.parametrize("race", RACES, ids=lambda race: race.__name__)
def test_a_race(
    api: Api,
    stack: Stack,
    sandbox: Sandbox,
    rounds: Callable[[], Iterator[int]],
    race: Callable[[Round], None],
) -> None:
    for _ in rounds():
        race(Round.begin(api, stack, sandbox))
