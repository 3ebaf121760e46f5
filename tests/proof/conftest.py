"""Long proofs on one deployed local stack: many rounds, the sandbox's ledger as the witness.

``make proof`` runs them, or ``pytest -s tests/proof``: only a run that names this folder does.
``PROOF_ROUNDS`` says how many rounds each has, ``PROOF_VERIFICATIONS`` how many verifications are
counted, ``PROOF_COMMANDS`` how many commands go through the queue.
"""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from local.logs import save_logs
from local.paths import STATE
from local.progress import Progress
from local.stack import Stack, running_stack
from tests.e2e.conftest import Api, Sandbox
from tests.proof.rounds import COMMANDS, ROUNDS, VERIFICATIONS, seconds

_HERE = Path(__file__).parent
_CONNECTIONS = 64
PRICES = {
    "mcn": {"RU": "0.35 RUB", "*": "1.50 RUB"},
    "bizfly": {"*": "385 VND"},
    "caresoft": {"*": "212.5 VND"},
}
"""Every channel costs something, in two currencies."""
LOGS = STATE / "proof-functions.log"
"""What the functions of the last run that failed have said."""
# Forty requests at once start forty processes: half a minute on two cores, minutes on busy ones.
_PATIENCE_SECONDS = 300


def pytest_ignore_collect(config: pytest.Config) -> bool | None:
    """Leave these tests out of a run that does not name their folder."""
    paths = [Path(argument.partition("::")[0]).resolve() for argument in config.args]
    return None if any(path.is_relative_to(_HERE) for path in paths) else True


def pytest_collection_finish(session: pytest.Session) -> None:
    """Say how long it will take before it begins."""
    paths = {item.path for item in session.items}
    files = {path.stem for path in paths if path.is_relative_to(_HERE)}
    if not files:
        return
    minutes = max(1, round(seconds(files) / 60))
    Progress().say(
        f"\n{ROUNDS} rounds of each proof (PROOF_ROUNDS=...), {VERIFICATIONS} verifications "
        f"recounted (PROOF_VERIFICATIONS=...), {COMMANDS} commands (PROOF_COMMANDS=...): "
        f"about {minutes} minutes"
    )


@pytest.fixture(scope="session")
def stack(request: pytest.FixtureRequest) -> Iterator[Stack]:
    with running_stack("proof", parameters={"Prices": json.dumps(PRICES)}) as running:
        yield running
        if request.session.testsfailed:
            save_logs(running.aws_endpoint_url, LOGS)


@pytest.fixture(scope="session")
def _http() -> Iterator[httpx.Client]:
    limits = httpx.Limits(max_connections=_CONNECTIONS)
    with httpx.Client(timeout=_PATIENCE_SECONDS, trust_env=False, limits=limits) as client:
        yield client


@contextmanager
def api_with(stack: Stack, key: str) -> Iterator[Api]:
    """The API, used with a key."""
    limits = httpx.Limits(max_connections=_CONNECTIONS)
    headers = {"Authorization": f"Bearer {key}"}
    with httpx.Client(
        timeout=_PATIENCE_SECONDS, trust_env=False, limits=limits, headers=headers
    ) as client:
        yield Api(client, stack.api_url)


@pytest.fixture(scope="session")
def api(stack: Stack) -> Iterator[Api]:
    with api_with(stack, stack.api_key) as client:
        yield client


@pytest.fixture(scope="session")
def sandbox(stack: Stack, _http: httpx.Client) -> Sandbox:
    return Sandbox(_http, stack.sandbox_url)


@pytest.fixture
def rounds(request: pytest.FixtureRequest) -> Callable[[], Iterator[int]]:
    """Counts the rounds of a proof, and shows which one is under way."""

    def count() -> Iterator[int]:
        progress = Progress()
        for number in range(1, ROUNDS + 1):
            with progress.step(f"{request.node.name}: round {number} of {ROUNDS}"):
                yield number

    return count
