"""The documented log-in for FastAPI, run as it is, against the local stack."""

import os
import subprocess
import sys
from typing import TYPE_CHECKING, Final

import pytest

from local.paths import STATE
from local.ports import free_port
from tests.documents.blocks import ROOT
from tests.documents.clone import Clone
from tests.documents.log_in import EXAMPLES, log_in, server

if TYPE_CHECKING:
    from pathlib import Path

_CLIENT: Final = ROOT / "clients" / "python"


@pytest.mark.slow
def test_fastapi(clone: Clone) -> None:
    port = str(free_port())
    command: list[str | Path] = [ROOT / ".venv-docs" / "bin" / "uvicorn", "login_fastapi:app"]
    path = os.pathsep.join([str(_CLIENT), str(EXAMPLES)])
    with server([*command, "--port", port], clone, PORT=port, PYTHONPATH=path) as client:
        assert log_in(client, clone, "+84983000199") == [
            {"end": "wrong_code", "attempts_remaining": 4},
            {"channel": "voice_otp"},
            {"end": "approved"},
            {"end": "AlreadyApproved"},
            {"error": "validation_failed"},
        ]


def test_fastapi_is_typed() -> None:
    python = ROOT / ".venv-docs" / "bin" / "python"
    process = subprocess.run(  # noqa: S603
        [
            *(sys.executable, "-m", "mypy", "--strict", "--python-executable", python),
            *("--config-file", os.devnull, "--cache-dir", STATE / "mypy-examples"),
            EXAMPLES / "login_fastapi.py",
        ],
        env={**os.environ, "MYPYPATH": str(_CLIENT)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert process.returncode == 0, process.stdout
