"""Functions stay small, import in an empty environment, and carry no more than they need."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from ringpass.settings import PROVIDER_TIMEOUT_SECONDS, SEND_TIMEOUT_SECONDS
from tests.template import ROOT, resource

FUNCTIONS = sorted(path.parent for path in (ROOT / "functions").glob("*/app.py"))
SENDERS = ("SendVoiceOtp", "SendPasswordCall", "SendZns", "StartVerification", "Advance")
NEVER = {"aws_xray_sdk", "jinja2", "segno", "typer", "requests", "moto"}
LIGHT = NEVER | {"httpx", "pydantic", "phonenumbers"}
ALONE = {"open_call": {"segno"}}
"""What one function has use for, and no other."""


def imported_by(function: Path) -> set[str]:
    """Top-level modules after importing a function's handler in an empty environment."""
    paths = [str(ROOT / "layers" / "ringpass"), str(function)]
    program = (
        f"import json, sys; sys.path[:0] = {paths!r}; import app;"
        "print(json.dumps([name.split('.')[0] for name in sys.modules]))"
    )
    done = subprocess.run(  # noqa: S603 - our own program
        [sys.executable, "-c", program],
        capture_output=True,
        text=True,
        check=False,
        cwd=function,
        env={},
    )
    assert done.returncode == 0, done.stderr
    return set(json.loads(done.stdout))


@pytest.mark.parametrize("function", FUNCTIONS, ids=lambda path: path.name)
def test_a_handler_has_15_to_40_lines(function: Path) -> None:
    lines = (function / "app.py").read_text().splitlines()
    assert len([line for line in lines if line.strip()]) <= 40
    assert [path.name for path in function.iterdir() if path.name != "__pycache__"] == ["app.py"]


@pytest.mark.parametrize("function", FUNCTIONS, ids=lambda path: path.name)
def test_it_imports_in_an_empty_environment_and_carries_no_ballast(function: Path) -> None:
    light = function.name in (
        "receive_cdr",
        "receive_bizfly",
        "receive_caresoft",
        "receive_zalo",
        "authorizer",
        "health",
        "describe_api",
        "open_call",
    )
    assert imported_by(function) & (LIGHT if light else NEVER) == ALONE.get(function.name, set())


def test_a_sender_outlives_its_provider() -> None:
    for name in SENDERS:
        assert resource(f"{name}Function")["Timeout"] == SEND_TIMEOUT_SECONDS
    # A second request after a 401, and time to write what came of it.
    assert 2 * PROVIDER_TIMEOUT_SECONDS < SEND_TIMEOUT_SECONDS
