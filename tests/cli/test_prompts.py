"""A code that is typed at a terminal is not shown there."""

import os
import pty
import select
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.cli.api_server import ApiServer, Reply
from tests.cli.conftest import KEY
from tests.template import ROOT

SECONDS = 60.0


def _read_until(terminal: int, text: bytes) -> bytes:
    shown, deadline = b"", time.monotonic() + SECONDS
    while text not in shown:
        if time.monotonic() > deadline or not select.select([terminal], [], [], 1.0)[0]:
            if time.monotonic() > deadline:
                pytest.fail(f"the terminal shows {shown!r}")
            continue
        try:
            part = os.read(terminal, 4096)
        except OSError:  # Linux, when the other side is closed.
            break
        if not part:
            break
        shown += part
    return shown


@pytest.mark.slow
def test_a_typed_code_is_not_shown(server: ApiServer, tmp_path: Path) -> None:
    answer = {"id": "ver_1", "status": "approved", "attempts_remaining": 2}
    server.on("POST /v1/verifications/ver_1/check", Reply(answer))
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "ringpass_cli", "verify", "check", "ver_1"],
        cwd=tmp_path,
        env={
            "PATH": os.environ["PATH"],
            "HOME": str(tmp_path),
            "PYTHONPATH": str(ROOT / "cli"),
            "RINGPASS_URL": server.url,
            "RINGPASS_KEY": KEY,
        },
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        start_new_session=True,
    )
    os.close(theirs)
    try:
        shown = _read_until(ours, b"Code: ")
        os.write(ours, b"482915\n")
        shown += _read_until(ours, b"approved")
        assert process.wait(SECONDS) == 0
    finally:
        process.kill()
        process.wait()
        os.close(ours)
    assert b"482915" not in shown
    assert server.requests[0].body == {"code": "482915"}
