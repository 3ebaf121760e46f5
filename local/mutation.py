"""Mutation testing: small faults are put into a copy of the code, each must be seen by a test.

`make mutation`. The tool is mutmut: it changes what functions do (an operator, a constant, an
argument), one thing at a time, and runs the tests that call the changed function. A change that no
test sees is shown. What runs at import (tables, decorators, fields of classes) is not changed.
"""

import ast
import os
import re
import shutil
import subprocess
import sysconfig
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from local.failures import LocalStackError
from local.paths import ROOT, STATE
from local.progress import Progress

_MUTMUT: Final = ROOT / ".venv-mutation" / "bin" / "mutmut"
_LAYER: Final = ROOT / "layers" / "ringpass" / "ringpass"
_WORK: Final = STATE / "mutation"
# Measured: about 0.7 changes a line, 0.27 s of a core for each, and the start.
_CORE_SECONDS_PER_LINE: Final = 0.2
_START_SECONDS: Final = 8.0

TESTS: Final[Mapping[str, Sequence[str]]] = {
    "verifications/model": ("tests/verifications/test_decide.py",),
    "clients/settings/cause_table": (
        "tests/clients/settings/test_cause_table.py",
        "tests/verifications/test_decide.py",
    ),
    "verifications/codes": ("tests/verifications/test_codes.py",),
    "limits/arithmetic": ("tests/limits/test_arithmetic.py",),
    "limits/circuit": ("tests/limits/test_circuit.py",),
    "deliveries/model": ("tests/deliveries/test_model.py",),
    "limits/settings": ("tests/limits/test_settings.py",),
    "clients/ceilings/model": ("tests/clients/ceilings/test_model.py",),
    "phone": ("tests/test_phone.py",),
    "http/addresses": ("tests/http/test_addresses.py",),
    "redaction": ("tests/test_redaction.py",),
    "limits/rate": ("tests/limits/test_rate.py",),
    "clients/settings/model": ("tests/clients/settings/test_model.py",),
    "reporting/contributions": ("tests/reporting/test_contributions.py",),
    "reporting/periods": ("tests/reporting/test_periods.py",),
    "costs": ("tests/test_costs.py",),
    "ids": ("tests/test_ids.py",),
    "http/pagination": ("tests/http/test_pagination.py",),
    "aws/sealing": ("tests/aws/test_sealing.py",),
    "deliveries/receipts/call_report_matcher": (
        "tests/deliveries/receipts/test_call_report_matcher.py",
    ),
    "providers/voice_gateway/client": ("tests/providers/voice_gateway/test_client.py",),
    "providers/voice_gateway/webhook": ("tests/providers/voice_gateway/test_webhook.py",),
    "oa/consents/model": ("tests/oa/consents/test_model.py",),
    "oa/desk/hours": ("tests/oa/desk/test_hours.py",),
    "events/model": ("tests/events/test_model.py",),
    "webhook_endpoints/retry_schedule": ("tests/webhook_endpoints/test_retry_schedule.py",),
    "webhook_endpoints/signing": ("tests/webhook_endpoints/test_signing.py",),
    "webhook_endpoints/address_guard": ("tests/webhook_endpoints/test_address_guard.py",),
    "commands/message": ("tests/commands/test_runner.py",),
    "commands/dead_letter": ("tests/commands/test_runner.py",),
    "sign_in/cognito/challenge": ("tests/sign_in/test_challenge.py",),
    "sign_in/hooks/supabase": ("tests/sign_in/test_hooks.py",),
    "sign_in/hooks/logto": ("tests/sign_in/test_hooks.py",),
    "sign_in/hooks/zitadel": ("tests/sign_in/test_hooks.py",),
}
"""The modules that neither read nor write anything, with the fast tests of each."""


@dataclass(frozen=True, slots=True)
class Survivor:
    """A change that no test saw.

    Attributes:
        path: The file, from the root of the repository.
        line: Its line, counted from 1.
        function: The function that was changed.
        diff: The lines taken out (``-``) and put in (``+``); none if no test calls the function.
    """

    path: Path
    line: int
    function: str
    diff: tuple[str, ...] = ()

    def __str__(self) -> str:
        """As a person reads it: the place, and what was changed."""
        what = "" if self.diff else ": no test of the module calls it"
        return "\n    ".join((f"{self.path}:{self.line} {self.function}{what}", *self.diff))


def mutate(progress: Progress, modules: Sequence[str]) -> int:
    """Change modules (all of `TESTS`, if none is named) and show what no test saw.

    Gives the exit code: 0 if it ran, whatever it found.

    Raises:
        LocalStackError: A module is not known, or the tool could not run.
    """
    chosen = chosen_modules(modules)
    progress.say(
        f"{len(chosen)} modules: about {_minutes(chosen)} on {os.cpu_count()} cores that are free."
    )
    survivors: list[Survivor] = []
    changes = 0
    for module in chosen:
        with progress.step(f"{module} ({', '.join(TESTS[module])})"):
            statuses = _run(module)
            survivors += survivors_of(module, statuses)
        changes += len(statuses)
    progress.say("")
    for survivor in survivors:
        progress.say(f"{survivor}\n")
    progress.say(
        f"{changes} changes, {len(survivors)} places to look at ({progress.total()}).\n"
        "Next: for each place ask whether the change makes a difference to anybody. If so, write\n"
        "the test that fails with it. If not (the text of an error, a value that is never used),\n"
        "leave it, or make the code simpler so that the change is no longer possible."
    )
    return 0


def chosen_modules(modules: Sequence[str]) -> list[str]:
    """The modules to change; `oa.hours` is `oa/hours`.

    Raises:
        LocalStackError: One of them has no tests here.
    """
    names = [module.replace(".", "/") for module in modules]
    unknown = [name for name in names if name not in TESTS]
    if unknown:
        raise LocalStackError(
            f"MODULES: {' '.join(unknown)} is not known: choose of {' '.join(TESTS)}"
        )
    return names or list(TESTS)


def configuration(module: str) -> str:
    """What mutmut is told, as a part of pyproject.toml."""
    return f"""
[tool.mutmut]
source_paths = ["src"]
only_mutate = ["src/ringpass/{module}.py"]
pytest_add_cli_args = ["-p", "no:cacheprovider"]
pytest_add_cli_args_test_selection = {list(TESTS[module])}
track_dependencies = false
use_git_change_detection = false
use_setproctitle = false
also_copy = ["local", "docs", "events", "template.yaml"]
"""


def _minutes(modules: Sequence[str]) -> str:
    lines = sum(
        len((_LAYER / f"{module}.py").read_text("utf-8").splitlines()) for module in modules
    )
    seconds = lines * _CORE_SECONDS_PER_LINE / (os.cpu_count() or 1)
    return f"{max(1, round((seconds + len(modules) * _START_SECONDS) / 60))} min"


def _run(module: str) -> dict[str, str]:
    """What became of each change of a module: its name in mutmut -> killed, survived, ..."""
    shutil.rmtree(_WORK, ignore_errors=True)
    # mutmut knows a package in src/ by the name that the tests import it with.
    shutil.copytree(_LAYER, _WORK / "src" / "ringpass")
    for folder in ("tests", "local", "docs", "events"):
        shutil.copytree(ROOT / folder, _WORK / folder)
    shutil.copy(ROOT / "template.yaml", _WORK)
    settings = (ROOT / "pyproject.toml").read_text("utf-8") + configuration(module)
    (_WORK / "pyproject.toml").write_text(settings, encoding="utf-8")
    log = STATE / "mutation.log"
    with log.open("wb") as out:
        process = subprocess.run(
            [_MUTMUT, "run"],
            cwd=_WORK,
            env=_environment(),
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=subprocess.STDOUT,
            check=False,
        )
    if process.returncode != 0:
        raise LocalStackError(
            f"{module} could not be changed: its tests must pass before, in a copy", log=log
        )
    return statuses_in(_mutmut("results", "--all", "true"))


def _mutmut(*arguments: str) -> str:
    return subprocess.run(
        [_MUTMUT, *arguments],
        cwd=_WORK,
        env=_environment(),
        capture_output=True,
        encoding="utf-8",
        check=True,
    ).stdout


def _environment() -> dict[str, str]:
    """The tool has an environment of its own; what the tests import is in ours."""
    return {**os.environ, "PYTHONPATH": sysconfig.get_path("purelib"), "PYTHONUTF8": "1"}


def statuses_in(results: str) -> dict[str, str]:
    """What ``mutmut results`` prints: a change's name -> what became of it."""
    return dict(re.findall(r"(?m)^\s+(\S+): (.+)$", results))


def survivors_of(module: str, statuses: Mapping[str, str]) -> Iterator[Survivor]:
    """What no test saw: each change that survived, and once each function that no test calls."""
    path = _LAYER / f"{module}.py"
    source = path.read_text("utf-8")
    untested: set[str] = set()
    for name, status in statuses.items():
        function = function_of(name)
        place = line_of(source, function)
        if status == "survived":
            line, diff = changed_line(source, place, _mutmut("show", name))
            yield Survivor(path.relative_to(ROOT), line, function, diff)
        elif status == "no tests" and function not in untested:
            untested.add(function)
            yield Survivor(path.relative_to(ROOT), place, function)


def function_of(name: str) -> str:
    """The function that mutmut's name of a change is about, such as ``CauseTable.action_for``."""
    mangled = name.rpartition(".")[2].rpartition("__mutmut_")[0]
    return mangled[2:].replace("ǁ", ".") if mangled.startswith("xǁ") else mangled[2:]


def line_of(source: str, function: str) -> int:
    """The line, counted from 1, in which a function or a method of a class begins."""
    nodes: Sequence[ast.AST] = ast.parse(source).body
    line = 1
    for part in function.split("."):
        for node in nodes:
            if isinstance(node, ast.ClassDef | ast.FunctionDef) and node.name == part:
                line, nodes = node.lineno, node.body
                break
    return line


def changed_line(source: str, begin: int, diff: str) -> tuple[int, tuple[str, ...]]:
    """The first line that a diff of a function takes out, and the lines it takes out and puts in.

    Args:
        source: The whole file.
        begin: The line in which the function begins.
        diff: What ``mutmut show`` prints: its lines are counted from the function's first.
    """
    hunk = diff.partition("\n@@ ")[2].splitlines()
    marked_lines = tuple(line for line in hunk[1:] if line.startswith(("-", "+")))
    before = next((line[1:].strip() for line in marked_lines if line.startswith("-")), "")
    lines = source.splitlines()[begin - 1 :]
    offset = next((at for at, line in enumerate(lines) if line.strip() == before), 0)
    return begin + offset, tuple(f"{line[0]} {line[1:].strip()}" for line in marked_lines)
