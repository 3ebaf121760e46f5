"""Builds: made anew when the sources change, and only then; failures are told in one line."""

from pathlib import Path

import pytest

from local.build import fingerprint, reason_in
from local.failures import LocalStackError

SOURCES = (
    "template.yaml",
    "observability/template.yaml",
    "functions/health/app.py",
    "layers/ringpass/ringpass/phone.py",
)


@pytest.fixture
def sources(tmp_path: Path) -> Path:
    for name in SOURCES:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("x = 1\n")
    return tmp_path


def test_the_same_sources_have_the_same_fingerprint(sources: Path) -> None:
    before = fingerprint("arm64", sources)
    (sources / "README.md").write_text("not built")
    cache = sources / "functions" / "health" / "__pycache__"
    cache.mkdir()
    (cache / "app.cpython-313.pyc").write_text("not built")
    (sources / "template.yaml").touch()
    assert fingerprint("arm64", sources) == before


@pytest.mark.parametrize("name", SOURCES)
def test_a_change_changes_it(sources: Path, name: str) -> None:
    before = fingerprint("arm64", sources)
    (sources / name).write_text("x = 2\n")
    assert fingerprint("arm64", sources) != before


def test_so_does_another_name_or_processor(sources: Path) -> None:
    before = fingerprint("arm64", sources)
    assert fingerprint("x86_64", sources) != before
    (sources / "functions" / "health").rename(sources / "functions" / "healthy")
    assert fingerprint("arm64", sources) != before


@pytest.mark.parametrize(
    ("log", "reason"),
    [
        ("Building\nError: no such package: x==1\n", "Error: no such package: x==1"),
        ("Building\n\nkilled\n\n", "killed"),
        ("", "it said nothing"),
    ],
)
def test_the_reason_is_the_line_that_says_most(tmp_path: Path, log: str, reason: str) -> None:
    path = tmp_path / "build.log"
    path.write_text(log)
    assert reason_in(path) == reason


def test_an_error_is_one_line_that_names_the_log(tmp_path: Path) -> None:
    error = LocalStackError("the build failed: no such package", log=tmp_path / "build.log")
    expected = f"the build failed: no such package (all of it: {tmp_path / 'build.log'})"
    assert str(error) == expected
