"""A release: one version everywhere, a changelog with dates."""

import json
import re
import shutil
from datetime import date
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from local.failures import LocalStackError
from local.paths import ROOT
from local.release import PLACES, versions, write_version
from ringpass import __version__

TODAY = date(2027, 1, 31)


def released() -> list[tuple[str, str]]:
    """Version and date of each release in the changelog, the newest first."""
    text = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    headings = re.findall(r"^## (.+)$", text, re.MULTILINE)
    assert headings[0] == "[Unreleased]"
    matches = [
        re.fullmatch(r"\[(\d+\.\d+\.\d+)\] - (\d{4}-\d\d-\d\d)", one) for one in headings[1:]
    ]
    assert all(matches), headings
    return [(match[1], match[2]) for match in matches if match]


def described(name: str) -> str:
    document: Any = json.loads((ROOT / "docs" / name).read_text(encoding="utf-8"))
    return str(document["info"]["version"])


def test_all_places_have_one_version() -> None:
    known = versions() | {name: described(name) for name in ("openapi.json", "asyncapi.json")}
    assert set(known.values()) == {__version__}, known
    assert released()[0][0] == __version__


def test_the_changelog_has_dates_in_their_order() -> None:
    dates = [date.fromisoformat(day) for _, day in released()]
    numbers = [tuple(map(int, version.split("."))) for version, _ in released()]
    assert dates == sorted(dates, reverse=True)
    assert numbers == sorted(numbers, reverse=True)


def test_upgrading_has_a_part_for_each_release() -> None:
    page = (ROOT / "docs" / "upgrading.md").read_text(encoding="utf-8")
    names = [version for version, _ in released()]
    for later, earlier in pairwise(names):
        assert f"## From {earlier} to {later}" in page


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    for name in [*PLACES, "CHANGELOG.md"]:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, tmp_path / name)
    text = (tmp_path / "CHANGELOG.md").read_text(encoding="utf-8")
    _, _, after = text.partition("## [Unreleased]\n")
    later = "## [Unreleased]\n\n### Added\n\n- Something.\n\n" + after[after.index("## [") :]
    (tmp_path / "CHANGELOG.md").write_text(later, encoding="utf-8")
    return tmp_path


def test_a_release_writes_its_version_everywhere(copy: Path) -> None:
    write_version("7.8.9", TODAY, copy)
    assert set(versions(copy).values()) == {"7.8.9"}
    changelog = (copy / "CHANGELOG.md").read_text(encoding="utf-8")
    head = "## [Unreleased]\n\n## [7.8.9] - 2027-01-31\n\n### Added\n\n- Something.\n"
    assert changelog.startswith(head)


@pytest.mark.parametrize("version", ["", "1.2", "v1.2.3", "1.2.3-rc1"])
def test_what_is_no_version_is_refused(copy: Path, version: str) -> None:
    with pytest.raises(LocalStackError, match="VERSION="):
        write_version(version, TODAY, copy)
    assert set(versions(copy).values()) == {__version__}


def test_nothing_is_released_twice_or_empty(copy: Path) -> None:
    write_version("7.8.9", TODAY, copy)
    with pytest.raises(LocalStackError, match="nothing below"):
        write_version("7.9.0", TODAY, copy)
