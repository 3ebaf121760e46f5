"""The package: its entry point, its pinned environment, its place apart from the layers."""

import importlib
import re
import tomllib
from typing import Any, Final

from packaging.requirements import Requirement

import ringpass_cli
from tests.template import ROOT

PROJECT: Final[dict[str, Any]] = tomllib.loads((ROOT / "cli/pyproject.toml").read_text("utf-8"))[
    "project"
]


def test_the_entry_point_is_there() -> None:
    module, _, name = PROJECT["scripts"]["ringpass"].partition(":")
    assert callable(getattr(importlib.import_module(module), name))


def test_its_version_is_that_of_the_stack() -> None:
    stack = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    assert ringpass_cli.__version__ == PROJECT["version"] == stack["version"]


def test_its_environment_has_what_it_needs() -> None:
    text = (ROOT / "requirements/cli.txt").read_text("utf-8")
    pinned = dict(re.findall(r"^([\w.-]+)==(\S+)", text, re.MULTILINE))
    wanted = [*PROJECT["dependencies"], *PROJECT["optional-dependencies"]["aws"]]
    for requirement in map(Requirement, wanted):
        assert requirement.specifier.contains(pinned[requirement.name.lower()])


def test_no_layer_holds_any_of_it() -> None:
    for path in (ROOT / "layers/dependencies").glob("*.txt"):
        assert not re.search(r"^(typer|rich|keyring)==", path.read_text("utf-8"), re.MULTILINE)
    for path in (ROOT / "layers/ringpass").rglob("*.py"):
        assert "ringpass_cli" not in path.read_text("utf-8"), path


def test_it_imports_nothing_of_the_layer() -> None:
    for path in (ROOT / "cli/ringpass_cli").rglob("*.py"):
        text = path.read_text("utf-8")
        assert not re.search(r"^\s*(from|import) (ringpass|local|sandbox)\b", text, re.MULTILINE), (
            path
        )
