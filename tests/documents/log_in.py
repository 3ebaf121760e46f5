"""Runs the server of a documented log-in, and logs a person in."""

import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import httpx

from tests.documents.blocks import ROOT
from tests.documents.clone import Clone
from tests.documents.session import clean_environment

EXAMPLES: Final = ROOT / "docs" / "examples"
_PATIENCE_SECONDS: Final = 90.0


@contextmanager
def server(command: list[str | Path], clone: Clone, **variables: str) -> Iterator[httpx.Client]:
    """A server of an example, once it answers."""
    port = variables["PORT"]
    stack = clone.stack()
    env = clean_environment(
        clone.home, RINGPASS_URL=stack["api_url"], RINGPASS_KEY=stack["api_key"], **variables
    )
    with (clone.logs / f"server-{port}.log").open("wb") as log:
        process = subprocess.Popen(command, cwd=EXAMPLES, env=env, stdout=log, stderr=log)  # noqa: S603
        try:
            url = f"http://127.0.0.1:{port}"
            with httpx.Client(base_url=url, timeout=60, trust_env=False) as client:
                wait_until_it_answers(client, process, clone.logs / f"server-{port}.log")
                yield client
        finally:
            process.terminate()
            process.wait(10)


def wait_until_it_answers(
    client: httpx.Client, process: subprocess.Popen[bytes], log: Path
) -> None:
    ends = time.monotonic() + _PATIENCE_SECONDS
    while True:
        try:
            client.get("/")
        except httpx.TransportError:
            assert process.poll() is None, log.read_text(encoding="utf-8")
            assert time.monotonic() < ends, log.read_text(encoding="utf-8")
            time.sleep(0.1)
        else:
            return


def heard(clone: Clone, phone: str) -> str:
    """The code that the person heard last."""
    url = f"{clone.stack()['sandbox_url']}/_sandbox/code"
    code: str = httpx.get(url, params={"phone": phone}, trust_env=False).json()["code"]
    return code


def another(code: str) -> str:
    return str((int(code) + 1) % 10 ** len(code)).zfill(len(code))


def log_in(client: httpx.Client, clone: Clone, phone: str) -> list[Any]:
    """Start, a wrong code, "call me", the right code, the same again, a number that is none."""
    start = client.post("/login", json={"phone": phone})
    assert start.status_code == 200, start.text
    path = f"/login/{start.json()['id']}"
    wrong = client.post(f"{path}/code", json={"code": another(heard(clone, phone))})
    call = client.post(f"{path}/next")
    right = client.post(f"{path}/code", json={"code": heard(clone, phone)})
    again = client.post(f"{path}/code", json={"code": heard(clone, phone)})
    refused = client.post("/login", json={"phone": "+1"})
    return [wrong.json(), call.json(), right.json(), again.json(), refused.json()]
