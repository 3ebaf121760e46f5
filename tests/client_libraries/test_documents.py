"""Examples of docs/clients.md and of the clients' own pages name what there is."""

import ast
import re
from importlib import import_module
from pathlib import Path
from typing import Final

import pytest

from local.client_libraries import PYTHON, TYPESCRIPT
from tests.template import ROOT

PAGES: Final = [ROOT / "docs" / "clients.md", PYTHON / "README.md", TYPESCRIPT / "README.md"]
every_page = pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))


def blocks(page: Path, language: str) -> list[str]:
    return re.findall(
        rf"^```{language}\n(.*?)^```$", page.read_text("utf-8"), re.MULTILINE | re.DOTALL
    )


@every_page
def test_python_that_is_shown_imports_what_there_is(page: Path) -> None:
    imports = [
        node
        for block in blocks(page, "python")
        for node in ast.walk(ast.parse(block))
        if isinstance(node, ast.ImportFrom)
    ]
    assert imports or page.parent == TYPESCRIPT
    for node in imports:
        module = import_module(str(node.module))
        for name in (one.name for one in node.names):
            # A module of the generated functions is imported by the example alone.
            if not hasattr(module, name):
                import_module(f"{node.module}.{name}")


@every_page
def test_typescript_that_is_shown_imports_what_there_is(page: Path) -> None:
    exports = set(re.findall(r"\w+", (TYPESCRIPT / "src" / "index.ts").read_text("utf-8")))
    names = [
        name
        for block in blocks(page, "ts")
        for imports in re.findall(r'import {(.*?)} from "@ringpass/client"', block)
        for name in re.findall(r"\w+", imports)
    ]
    assert names or page.parent == PYTHON
    assert set(names) <= exports


@every_page
def test_all_results_of_a_check_are_listed(page: Path) -> None:
    text = page.read_text("utf-8")
    kinds = re.findall(r'kind: "(\w+)"', (TYPESCRIPT / "src" / "states.ts").read_text("utf-8"))
    assert len(set(kinds)) > 8
    classes = [kind.title().replace("_", "") for kind in kinds]
    classes = ["OtherEnd" if name == "Other" else name for name in classes]
    for kind, name in zip(kinds, classes, strict=True):
        if kind == "pending":
            continue
        assert f"`{kind}`" in text or page.parent == PYTHON, kind
        assert re.search(rf"`{name}\b", text) or page.parent == TYPESCRIPT, name
