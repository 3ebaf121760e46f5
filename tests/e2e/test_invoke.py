"""`make invoke` itself, on the running stack."""

import json
import os
import re
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from local.stack import Stack
from tests.template import ROOT

type Command = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def make_invoke(stack: Stack, tmp_path: Path) -> Command:
    stack_file = tmp_path / "stack.json"
    stack.write(stack_file)
    # This may itself run below make, whose settings are not for another. The set-up is left out: it
    # might make anew the environment that runs this.
    ours = {
        name: text for name, text in os.environ.items() if not name.startswith(("MAKE", "MFLAGS"))
    }

    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(  # noqa: S603
            ["make", "--silent", "--old-file=setup-code", "invoke", *arguments],  # noqa: S607
            cwd=ROOT,
            env=ours | {"RINGPASS_STACK": str(stack_file)},
            capture_output=True,
            text=True,
            check=False,
        )

    return run


def test_an_answer_with_its_log(make_invoke: Command) -> None:
    process = make_invoke(
        "FUNCTION=send_voice_otp", "EVENT=events/send_voice_otp/post_not_json.json"
    )
    assert process.returncode == 0
    # Beside the answer, so that a program can read that.
    assert re.fullmatch(r"Next: make logs .*\n", process.stderr)
    answer, _, log = process.stdout.partition("\n\nlog:\n")
    head, _, body = answer.partition("\n\n")
    first, status, *_ = head.splitlines()
    assert re.fullmatch(
        r"send_voice_otp <- events/send_voice_otp/post_not_json\.json \(\d+ ms\)", first
    )
    assert status == "400 Bad Request"
    assert json.loads(body)["code"] == "invalid_json"
    assert re.search(r"send-voice-otp .* refused .*code=invalid_json", log)


def test_a_function_that_fails(make_invoke: Command) -> None:
    process = make_invoke("FUNCTION=send_voice_otp", "EVENT=direct_without_key")
    assert process.returncode != 0
    assert "\nfailed: " in process.stdout
    assert '"code": "validation_failed"' in process.stdout


def test_wrong_names_are_one_line(make_invoke: Command) -> None:
    for arguments in (["FUNCTION=send_voice_otp", "EVENT=$(no) 'such' one"], []):
        process = make_invoke(*arguments)
        assert process.returncode != 0
        assert process.stdout == ""
        errors = [line for line in process.stderr.splitlines() if not line.startswith("make")]
        assert len(errors) == 1
        assert errors[0].startswith("error: ")
