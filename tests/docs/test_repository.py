"""What hosts and newcomers look for: an index of pages, templates, a workflow for tests."""

import re
import tomllib
from pathlib import Path
from typing import Any, Final

import pytest
import yaml

from tests.documents.blocks import ROOT

GITHUB: Final = ROOT / ".github"
FORMS: Final = sorted((GITHUB / "ISSUE_TEMPLATE").glob("*.yaml"))


def parsed(path: Path) -> Any:  # noqa: ANN401 - any YAML
    return yaml.safe_load(path.read_text(encoding="utf-8"))


def test_each_page_has_its_row_in_the_index() -> None:
    index = (ROOT / "docs" / "README.md").read_text(encoding="utf-8")
    listed = {link.partition("#")[0] for link in re.findall(r"\]\(([^)]+)\)", index)}
    pages = {page.name for page in (ROOT / "docs").glob("*.md")} - {"README.md"}
    assert pages - listed == set()


@pytest.mark.parametrize("path", FORMS, ids=lambda path: path.stem)
def test_a_form_for_issues_can_be_used(path: Path) -> None:
    """GitHub ignores a form without these, and shows none of its fields."""
    form = parsed(path)
    assert {"name", "description", "body"} <= form.keys()
    fields = [field for field in form["body"] if field["type"] != "markdown"]
    assert all(field["attributes"]["label"] for field in fields)
    ids = [field["id"] for field in fields]
    assert len(ids) == len(set(ids))


def test_the_workflow_runs_what_anybody_runs() -> None:
    workflow = parsed(GITHUB / "workflows" / "ci.yaml")
    [job] = workflow["jobs"].values()
    assert [step["run"] for step in job["steps"] if "run" in step] == [".ci/run"]
    assert workflow["permissions"] == {"contents": "read"}
    assert "exec make test" in (ROOT / ".ci" / "run").read_text(encoding="utf-8")


def test_the_python_is_the_one_that_is_pinned() -> None:
    pinned = (ROOT / ".python-version").read_text(encoding="utf-8").strip()
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert project["requires-python"] == f"=={pinned}.*"
    for path in (GITHUB / "workflows" / "ci.yaml", ROOT / "docs/examples/github-actions.yaml"):
        text = path.read_text(encoding="utf-8")
        assert set(re.findall(r'python-version: "(.+?)"', text)) <= {pinned}


def test_the_readme_fits_on_a_screen_or_two() -> None:
    assert len((ROOT / "README.md").read_text(encoding="utf-8").splitlines()) <= 110
