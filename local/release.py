"""One version in every place that has it, and a changelog with dates."""

import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Final

from local.failures import LocalStackError
from local.paths import ROOT

PLACES: Final = {
    "layers/ringpass/ringpass/__init__.py": r'^__version__ = "(.+)"$',
    "pyproject.toml": r'^version = "(.+)"$',
    "cli/pyproject.toml": r'^version = "(.+)"$',
    "cli/ringpass_cli/__init__.py": r'^__version__ = "(.+)"$',
    "clients/python/pyproject.toml": r'^version = "(.+)"$',
    "clients/typescript/package.json": r'^  "version": "(.+)",$',
    "clients/typescript/package-lock.json": r'"name": "@ringpass/client",\n +"version": "(.+)",$',
    "docs/api.md": r'"status": "ok", "version": "(.+?)"',
    "docs/deploying.md": r'"status": "ok", "version": "(.+?)"',
}
"""File -> where its version is. The descriptions of the API take theirs from the code."""
_VERSION: Final = re.compile(r"\d+\.\d+\.\d+")
_CHANGELOG: Final = "CHANGELOG.md"
_UNRELEASED: Final = "## [Unreleased]\n"


def versions(root: Path = ROOT) -> dict[str, str]:
    """File -> the version in it.

    Raises:
        LocalStackError: a file has none, or several that differ.
    """
    return {name: matches[0][1] for name, matches in _matches(root)}


def write_version(version: str, today: date, root: Path = ROOT) -> None:
    """Write a version into every place, and date what is unreleased in the changelog.

    Raises:
        LocalStackError: it is no version, or there is nothing to release.
    """
    if not _VERSION.fullmatch(version):
        raise LocalStackError("give a version such as VERSION=0.3.0")
    changelog = root / _CHANGELOG
    before, unreleased, after = changelog.read_text("utf-8").partition(_UNRELEASED)
    if not unreleased or not re.match(r"\s*###? [A-Z]", after):
        raise LocalStackError(f"{_CHANGELOG} has nothing below `{_UNRELEASED.strip()}`")
    if f"## [{version}]" in after:
        raise LocalStackError(f"{_CHANGELOG} has {version} already")
    for name, matches in list(_matches(root)):
        text = matches[0].string
        for match in reversed(matches):
            text = text[: match.start(1)] + version + text[match.end(1) :]
        (root / name).write_text(text, encoding="utf-8")
    dated = f"{before}{unreleased}\n## [{version}] - {today:%Y-%m-%d}\n{after}"
    changelog.write_text(dated, encoding="utf-8")


def _matches(root: Path) -> Iterator[tuple[str, list[re.Match[str]]]]:
    for name, pattern in PLACES.items():
        text = (root / name).read_text(encoding="utf-8")
        matches = list(re.finditer(pattern, text, re.MULTILINE))
        if len({match[1] for match in matches}) != 1:
            raise LocalStackError(f"{name} has {len(matches)} versions, not one")
        yield name, matches
