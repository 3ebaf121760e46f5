"""``python -m sandbox`` as a process: its lines, its port, its end."""

import re
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from tests.sandbox.driver import PROVIDERS, Driver, wait_until

ROOT = Path(__file__).parents[2]


def _command(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "sandbox", *arguments]


@contextmanager
def _running(*arguments: str) -> Iterator[tuple[subprocess.Popen[str], Driver]]:
    process = subprocess.Popen(  # noqa: S603 - our own command
        _command("--host", "127.0.0.1", "--port", "0", *arguments),
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    with process, httpx.Client(trust_env=False, timeout=10) as client:
        try:
            assert process.stdout is not None
            line = process.stdout.readline()
            ready = re.fullmatch(r"sandbox ready at (http://127\.0\.0\.1:[0-9]+)\n", line)
            assert ready, line
            yield process, Driver(ready[1], client)
        finally:
            process.kill()


def _fails(*arguments: str) -> str:
    process = subprocess.run(  # noqa: S603 - our own command
        _command(*arguments), cwd=ROOT, capture_output=True, text=True, timeout=10, check=False
    )
    assert (process.returncode, process.stdout) == (1, "")
    assert process.stderr.startswith("sandbox: ")
    assert process.stderr.count("\n") == 1
    return process.stderr


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_stops_at_once_with_slow_replies_under_way(number: signal.Signals, tmp_path: Path) -> None:
    port_file = tmp_path / "port"
    with _running("--port-file", str(port_file)) as (process, driver):
        assert port_file.read_text() == driver.url.rpartition(":")[2] + "\n"

        def wait_for_slow_reply() -> None:
            with httpx.Client(trust_env=False, timeout=60) as client:
                try:
                    Driver(driver.url, client).order("mcn", "+84389801311")
                except httpx.TransportError:
                    cut.set()

        cut = threading.Event()
        waiting = threading.Thread(target=wait_for_slow_reply)
        waiting.start()
        wait_until(lambda: len(driver.requests()) == 1)
        began = time.monotonic()
        process.send_signal(number)
        assert process.wait(5) == 0
        assert time.monotonic() - began < 2
        waiting.join(5)
        assert cut.is_set()
        assert not port_file.exists()


def test_log_has_a_line_for_each_request_and_no_secret() -> None:
    with _running() as (process, driver):
        for provider in PROVIDERS:
            driver.order(provider, "+84389801371", "5938")
            driver.order(provider, "+84389801306", "5938")
            wrong = driver.body(provider, "+84389801371", "5938")
            driver.post(provider, wrong, headers={"Authorization": "Bearer wrong-key"})
        driver.code("+84389801371")
        process.terminate()
        log = process.communicate(timeout=5)[1]
    lines = log.splitlines()
    for provider in PROVIDERS:
        own = [line for line in lines if f" {provider} " in line]
        assert len(own) == 3
        assert re.match(r"[0-9-]{10}T[0-9:.]{12}Z ", own[0])
        assert own[0].endswith("+84******371 placed: well")
        assert own[1].endswith("+84******306 not placed: HTTP 500")
        assert "+84******371 refused with 401: " in own[2]
    assert any(line.endswith("GET /_sandbox/code, answered 200") for line in lines)
    for secret in ("5938", "389801", "wrong-key", "sandbox-bizfly-key", "-token"):
        assert secret not in log


def test_a_taken_port() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        assert f"port {port} on 127.0.0.1 is taken" in _fails("--port", str(port))


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.1.1", "example.com", ""])  # noqa: S104
def test_only_loopback(host: str) -> None:
    assert "not a loopback address" in _fails("--host", host)


def test_no_port_and_no_port_file(tmp_path: Path) -> None:
    assert "70000 is no port" in _fails("--port", "70000")
    assert "cannot write" in _fails("--port-file", str(tmp_path / "none" / "port"))
