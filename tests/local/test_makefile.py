"""Each `make` target ends with what to do next, and says what is missing or to be fixed."""

import re
import subprocess
from typing import Final

import pytest

from local.paths import ROOT

TARGETS: Final = tuple(
    sorted(re.findall(r"^([a-z-]+):.*## ", (ROOT / "Makefile").read_text(), re.MULTILINE))
)
# Their programs say it themselves: the tests of these programs show that.
SAY_IT_THEMSELVES: Final = {
    *("check", "demo", "deploy", "down", "lint", "lock", "mutation", "new-provider", "reset"),
    *("test", "up"),
}
FOR_A_SHELL: Final = {"env"}
"""What they print is for a shell that evaluates it, again and again."""
NEED: Final = {
    "bizfly-webhook": {"DO": "register", "STACK": "ringpass"},
    "ceiling": {"CLIENT": "acme", "SET": "{}", "TABLE": "t"},
    "key": {"CLIENT": "acme", "TABLE": "t"},
    "release": {"VERSION": "0.3.0"},
    "replay": {"TABLE": "t"},
}
"""Variables without which a target cannot do anything."""


def _make(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(  # noqa: S603
        ["/usr/bin/env", "make", "--no-print-directory", *arguments],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize(
    "target", [one for one in TARGETS if one not in SAY_IT_THEMSELVES | FOR_A_SHELL]
)
def test_a_target_says_what_to_do_next(target: str) -> None:
    process = _make("--dry-run", target)
    assert process.returncode == 0, process.stderr
    last_command = "\n".join(process.stdout.splitlines()[-3:])
    assert re.search(r"Next: [^\"]*\.", last_command), last_command


@pytest.mark.parametrize(
    ("target", "missing"), [(target, name) for target, names in NEED.items() for name in names]
)
def test_a_target_says_what_it_lacks(target: str, missing: str) -> None:
    variables = [f"{name}={value}" for name, value in NEED[target].items() if name != missing]
    process = _make(target, *variables)
    assert process.returncode == 2
    first = process.stderr.splitlines()[0]
    assert re.fullmatch(rf"error: {missing} is missing: make {target} .*{missing}=.*", first)


def test_help_names_every_target() -> None:
    names = re.findall(r"^  make ([a-z-]+)", _make().stdout, re.MULTILINE)
    assert sorted(names) == list(TARGETS)
