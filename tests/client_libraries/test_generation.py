"""clients/ is what the generators make of docs/openapi.json, and two packages to install."""

import json
import subprocess
import tomllib
from pathlib import Path
from typing import Any

import pytest

from local import client_libraries
from local.client_libraries import PYTHON, TYPESCRIPT, for_clients, npm, run
from ringpass import __version__
from tests.described import description
from tests.template import ROOT


def test_they_are_what_the_generators_make(tmp_path: Path) -> None:
    made = client_libraries.generate(tmp_path)
    stale = [path for path, content in made.items() if client_libraries.content(path) != content]
    there = set(client_libraries.existing())
    names = sorted(str(path.relative_to(ROOT)) for path in {*stale, *(there - set(made))})
    assert names == [], "the API or src/ has changed: run `make clients`"
    assert len(made) > 300


def test_what_is_for_programs_is_in_them_and_nothing_else() -> None:
    document = for_clients(description())
    ids = {one["operationId"] for methods in document["paths"].values() for one in methods.values()}
    assert {"startVerification", "listDeliveries", "readHealth", "previewScenario"} <= ids
    assert [one for one in ids if one.startswith("receive") or one == "openOaCall"] == []
    schemas = document["components"]["schemas"]
    assert "VerificationApprovedEvent" in schemas
    assert {"McnCdr", "ZaloEvent", "SupabaseSms"} & set(schemas) == set()


def package(folder: Path) -> dict[str, Any]:
    content: dict[str, Any]
    if folder == PYTHON:
        content = tomllib.loads((folder / "pyproject.toml").read_text("utf-8"))["project"]
    else:
        content = json.loads((folder / "package.json").read_text("utf-8"))
    return content


@pytest.mark.parametrize("folder", [PYTHON, TYPESCRIPT], ids=["python", "typescript"])
def test_a_package_has_the_product_s_version_and_licence(folder: Path) -> None:
    content = package(folder)
    assert content["version"] == __version__
    assert content["license"] == "Apache-2.0"
    assert (folder / "LICENSE").read_text("utf-8") == (ROOT / "LICENSE").read_text("utf-8")
    assert (folder / "README.md").read_text("utf-8").startswith(f"# {content['name']}\n")


def test_npm_s_lock_says_what_and_not_from_where() -> None:
    lock = json.loads((TYPESCRIPT / "package-lock.json").read_text("utf-8"))
    assert lock["version"] == __version__
    packages = {name: one for name, one in lock["packages"].items() if name}
    assert packages
    assert [name for name, one in packages.items() if "resolved" in one] == []
    assert [name for name, one in packages.items() if "integrity" not in one] == []


def test_python_s_is_installed_from_its_folder(tmp_path: Path) -> None:
    target, python = tmp_path / "installed", client_libraries.VENV / "bin" / "python"
    uv = ROOT / ".local" / "uv" / "bin" / "uv"
    # The build back end is there; what the client needs is in the tests' own environment.
    run(
        [
            *(uv, "pip", "install", "--python", python, "--target", target, "--offline"),
            *("--no-deps", "--no-build-isolation", PYTHON),
        ],
        cwd=tmp_path,
    )
    files = {path.name for path in (target / "ringpass_client").iterdir()}
    assert {"py.typed", "client.py", "generated"} <= files
    [metadata] = target.glob("ringpass_client-*.dist-info/METADATA")
    text = metadata.read_text("utf-8")
    assert f"Version: {__version__}\n" in text
    assert "License-Expression: Apache-2.0\n" in text


def test_typescript_s_is_installed_from_its_folder(tmp_path: Path) -> None:
    files = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],  # noqa: S607 - of the PATH
        cwd=TYPESCRIPT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout.split()
    for file in files:
        copy = tmp_path / "clients" / "typescript" / file
        copy.parent.mkdir(parents=True, exist_ok=True)
        copy.write_bytes((TYPESCRIPT / file).read_bytes())
    service = tmp_path / "service"
    service.mkdir()
    # Without this option npm makes a link, and leaves out what the client needs.
    npm("install", "--install-links", "../clients/typescript", cwd=service)
    program = "import { Ringpass } from '@ringpass/client'; console.log(typeof Ringpass)"
    done = client_libraries.node("--input-type=module", "--eval", program, cwd=service)
    assert done.stdout == "function\n"
