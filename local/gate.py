"""The gate: everything that must hold before a change is taken. `make test`, `make lint`."""

import os
import subprocess
import tempfile
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from enum import Enum
from pathlib import Path
from typing import Final

from local.failures import LocalStackError
from local.invoke import STACK_VARIABLE
from local.paths import EXAMPLES, OBSERVABILITY, ROOT, STATE, TEMPLATE
from local.progress import Progress

_BIN = ROOT / ".venv" / "bin"
_NEED_MORE_THAN_THE_CODE: Final = (
    *("client_libraries", "docs", "documents", "e2e", "load", "local", "sandbox"),
)
"""Folders of tests that need a stack, servers, generators or the files of the repository."""


@dataclass(frozen=True)
class Check:
    """One tool; it passes if it exits with 0."""

    name: str
    command: Sequence[str | Path]
    env: Mapping[str, str] = field(default_factory=dict)


def checks(tests: "Tests") -> list[Check]:
    """What is checked before the tests, the longest first.

    Quick tests read no template and need no stack, so neither is checked nor built for them.
    """
    layer = str(ROOT / "layers" / "ringpass")
    templates = Check(
        "Templates (cfn-lint)", [_BIN / "cfn-lint", TEMPLATE, OBSERVABILITY, *EXAMPLES]
    )
    build = Check("Build (sam build)", [_BIN / "python", "-m", "local", "build"])
    # Each of the processes that run tests would else compile all of them.
    collect = Check(
        "Tests are found (pytest)", [_BIN / "python", "-m", "pytest", "--quiet", "--collect-only"]
    )
    return [
        Check("Types (mypy --strict)", [_BIN / "mypy"]),
        *([] if tests is Tests.QUICK else [templates]),
        *([build, collect] if tests is Tests.ALL else []),
        Check(
            "Imports (import-linter)", [_BIN / "lint-imports", "--no-logo"], {"PYTHONPATH": layer}
        ),
        Check("Lint (ruff check)", [_BIN / "ruff", "check", "."]),
        Check("Format (ruff format)", [_BIN / "ruff", "format", "--check", "."]),
    ]


class Tests(Enum):
    """Which tests run after the checks."""

    NONE = ()
    QUICK = (
        *("--numprocesses=2", "-m", "not slow and not proof"),
        *(f"--ignore=tests/{folder}" for folder in _NEED_MORE_THAN_THE_CODE),
    )
    # One process has the deployed stack, and waits for it at times; the others have all else.
    ALL = ("--numprocesses=3", "--no-loadscope-reorder")


def gate(progress: Progress, tests: Tests) -> int:
    """Run all checks, then tests. Gives the exit code, 0 only if all passed.

    A check that fails does not keep the others from running; the tests run only after all
    passed. The last line says what to do next.
    """
    every = checks(tests)
    # Two at a time: each uses one processor.
    with ThreadPoolExecutor(2) as pool:
        passed = pool.map(lambda check: _passes(progress, check), every)
        failed = [check for check, well in zip(every, passed, strict=True) if not well]
    if failed:
        names = ", ".join(check.name for check in failed)
        progress.say(
            f"failed: {names}"
            + ("" if tests is Tests.NONE else "; the tests were not run")
            + ". Fix what stands above; `make format` does what can be done by a tool."
        )
        return 1
    if tests is Tests.NONE:
        progress.say(f"All checks pass ({progress.total()}). Next: `make test`.")
        return 0
    progress.say("  .. Tests (pytest)")
    command: list[str | Path] = [_BIN / "python", "-m", "pytest", *tests.value]
    # By itself pytest keeps the folders of all of a user's runs in one place, and each run removes
    # old ones: two clones that are tested at once trip over each other there.
    with tempfile.TemporaryDirectory(prefix="ringpass-", ignore_cleanup_errors=True) as folder:
        command += ["--basetemp", Path(folder, "tests")]
        profile = {"HYPOTHESIS_PROFILE": "quick"} if tests is Tests.QUICK else {}
        # The whole of e2e says something only on a stack of its own.
        ours = {name: value for name, value in os.environ.items() if name != STACK_VARIABLE}
        code = subprocess.run(command, cwd=ROOT, env=ours | profile, check=False).returncode
    progress.say(_end_of_tests(code, tests, progress.total()))
    return code


def _end_of_tests(code: int, tests: "Tests", total: str) -> str:
    if code != 0:
        return (
            f"failed ({total}): pytest names the tests above; run one again with\n"
            "  .venv/bin/python -m pytest <its name>"
        )
    following = "commit, and `make test` before it is merged" if tests is Tests.QUICK else "commit"
    return f"All checks and tests pass ({total}). Next: {following}."


def _passes(progress: Progress, check: Check) -> bool:
    STATE.mkdir(exist_ok=True)
    started = time.monotonic()
    with tempfile.TemporaryFile(dir=STATE) as out:
        try:
            code = subprocess.run(
                check.command,
                cwd=ROOT,
                env={**os.environ, **check.env},
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=subprocess.STDOUT,
                check=False,
            ).returncode
        except FileNotFoundError as error:
            raise LocalStackError(f"{error.filename} is missing: run `make setup`") from error
        elapsed = time.monotonic() - started
        if code == 0:
            progress.say(f"  ok {check.name} ({elapsed:.1f} s)")
            return True
        out.seek(0)
        text = out.read().decode("utf-8", errors="replace").rstrip()
    progress.say(f"  !! {check.name} ({elapsed:.1f} s)\n{text}\n")
    return False
