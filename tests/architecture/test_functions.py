"""Functions stay small, import in an empty environment, and carry no more than they need."""

import ast
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from ringpass.config import PROVIDER_TIMEOUT_SECONDS, SEND_TIMEOUT_SECONDS
from tests.template import ROOT, resource

LAYER = ROOT / "layers" / "ringpass" / "ringpass"
FUNCTIONS = sorted(path.parent for path in (ROOT / "functions").glob("*/app.py"))
SENDERS = (
    "SendVoiceOtp",
    "SendPasswordCall",
    "SendZns",
    "StartVerification",
    "Advance",
    "RunCommands",
)
NEVER = {"aws_xray_sdk", "jinja2", "segno", "typer", "requests", "moto"}
HEAVY = NEVER | {"httpx", "pydantic", "phonenumbers"}
LIGHT_FUNCTIONS = (
    "advance",
    "authorizer",
    "describe_api",
    "health",
    "manage_providers",
    "outbox",
    "publish_events",
    "read_audit",
    "read_deliveries",
    "read_events",
    "read_figures",
    "read_webhook_endpoints",
    "read_scenarios",
    "read_verifications",
    "receive_bizfly",
    "receive_caresoft",
    "receive_cdr",
    "receive_zalo",
    "rotate_pepper",
    "schedule",
    "sweep",
)
_IMPORT = """
import importlib.util, json, sys
for path in sys.argv[1:]:
    spec = importlib.util.spec_from_file_location(path, path)
    spec.loader.exec_module(importlib.util.module_from_spec(spec))
print(json.dumps([name.split(".")[0] for name in sys.modules]))
"""


def imported_by(*files: Path) -> set[str]:
    """Top-level modules after importing these files in an empty environment."""
    process = subprocess.run(  # noqa: S603 - our own program
        [sys.executable, "-c", _IMPORT, *files],
        capture_output=True,
        text=True,
        check=False,
        env={"PYTHONPATH": str(ROOT / "layers" / "ringpass")},
    )
    assert process.returncode == 0, process.stderr
    return set(json.loads(process.stdout))


@pytest.mark.parametrize("function", FUNCTIONS, ids=lambda path: path.name)
def test_a_handler_has_at_most_40_lines(function: Path) -> None:
    lines = (function / "app.py").read_text().splitlines()
    assert len([line for line in lines if line.strip()]) <= 40
    assert [path.name for path in function.iterdir() if path.name != "__pycache__"] == ["app.py"]


@pytest.mark.slow
def test_light_functions_load_neither_httpx_nor_pydantic() -> None:
    """All in one process, in an environment without a single variable of theirs."""
    light = [function / "app.py" for function in FUNCTIONS if function.name in LIGHT_FUNCTIONS]
    assert len(light) == len(LIGHT_FUNCTIONS)
    assert imported_by(*light) & HEAVY == set()


@pytest.mark.slow
def test_the_steps_of_verifications_load_no_pydantic() -> None:
    """``advance`` loads them, and their channels, for a task that needs them; no request."""
    wiring = ROOT / "layers" / "ringpass" / "ringpass" / "wiring"
    modules = ("verification_steps", "voice_otp", "password_call", "zns")
    assert imported_by(*(wiring / f"{name}.py" for name in modules)) & HEAVY == {"httpx"}


@pytest.mark.slow
def test_only_the_function_that_draws_pictures_loads_segno() -> None:
    assert imported_by(ROOT / "functions" / "open_call" / "app.py") & HEAVY == {"segno"}


@pytest.mark.slow
def test_no_other_function_loads_what_no_function_needs() -> None:
    others = [f / "app.py" for f in FUNCTIONS if f.name not in (*LIGHT_FUNCTIONS, "open_call")]
    assert others
    assert imported_by(*others) & NEVER == set()


def test_a_sender_outlives_its_provider() -> None:
    for name in SENDERS:
        assert resource(f"{name}Function")["Timeout"] == SEND_TIMEOUT_SECONDS
    # A second request after a 401, and time to write what came of it.
    assert 2 * PROVIDER_TIMEOUT_SECONDS < SEND_TIMEOUT_SECONDS


def test_no_module_of_the_layer_reads_the_environment_while_it_is_imported() -> None:
    """The local stack imports the layer once, for all functions (local.fork_server)."""
    readers = [
        f"{path.relative_to(LAYER)}:{node.lineno}"
        for path in sorted(LAYER.rglob("*.py"))
        for node in _executed_by_import(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Attribute) and node.attr in ("environ", "getenv")
    ]
    assert readers == []


def _executed_by_import(node: ast.AST) -> Iterator[ast.AST]:
    """Nodes outside of functions' bodies."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.FunctionDef | ast.Lambda):
            continue
        yield child
        yield from _executed_by_import(child)
