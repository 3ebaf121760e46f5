"""One sandbox and one webhook for all tests of this folder, emptied between tests."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from sandbox.settings import Settings
from tests.sandbox.driver import Driver, Webhook, start_webhook, wait_until

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="session")
def _sandbox_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    log = tmp_path_factory.mktemp("sandbox") / "log"
    with (
        log.open("w") as stderr,
        subprocess.Popen(
            [sys.executable, "-m", "sandbox"],
            cwd=ROOT,
            stdout=subprocess.PIPE,
            stderr=stderr,
            text=True,
        ) as process,
    ):
        assert process.stdout is not None
        yield process.stdout.readline().split()[-1]
        process.terminate()
        assert process.wait(5) == 0
    # No request of any test found a fault of the sandbox itself.
    assert "Traceback" not in log.read_text()


@pytest.fixture(scope="session")
def _sandbox_http() -> Iterator[httpx.Client]:
    with httpx.Client(timeout=10.0, trust_env=False) as client:
        yield client


@pytest.fixture(scope="session")
def _playing_webhook() -> Iterator[Webhook]:
    webhook, server = start_webhook()
    yield webhook
    server.shutdown()
    server.server_close()


@pytest.fixture
def cdr_webhook(_playing_webhook: Webhook) -> Webhook:
    _playing_webhook.clear()
    return _playing_webhook


@pytest.fixture
def driver(
    _sandbox_url: str, _sandbox_http: httpx.Client, cdr_webhook: Webhook
) -> Iterator[Driver]:
    driver = Driver(_sandbox_url, _sandbox_http)
    assert driver.control("POST", "/reset").status_code == 200
    driver.settings(**Settings().as_json())
    driver.settings(
        mcn_webhook_url=cdr_webhook.url,
        cdr_delay_seconds=0.01,
        cdr_retry_seconds=[0.05, 0.05],
        slow_reply_seconds=0.5,
    )
    cdr_webhook.clear()
    yield driver
    # A CDR under way would arrive in the next test.
    wait_until(lambda: all(item["statuses"] for item in driver.cdrs()))
