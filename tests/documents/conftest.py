"""One stack for all documents and examples, started by `make up` in a copy of the repository.

So they neither meet nor stop a stack of whoever runs the tests.
"""

import shutil
import subprocess
from collections.abc import Iterator
from typing import Final

import pytest

from tests.documents.blocks import ROOT
from tests.documents.clone import Clone

_ENVIRONMENTS: Final = (".venv", ".venv-cloud", ".venv-docs", ".venv-cli")
_BUILT: Final = ("builds", "uv", "sam-cli")


@pytest.fixture(scope="session")
def clone(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Clone]:
    """Environments and builds are those of the repository: they are not made a second time."""
    folder = tmp_path_factory.mktemp("clone")
    names = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],  # noqa: S607
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout.split("\0")
    for name in filter(None, names):
        if (ROOT / name).is_file():
            target = folder / name
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, target)
    (folder / ".local").mkdir()
    shared = [*_ENVIRONMENTS, *(f".local/{name}" for name in _BUILT)]
    for name in shared:
        if (ROOT / name).exists():
            (folder / name).symlink_to(ROOT / name, target_is_directory=True)
    logs, home = tmp_path_factory.mktemp("logs"), tmp_path_factory.mktemp("home")
    clone = Clone(folder, logs, home)
    clone.make("up")
    try:
        yield clone
    finally:
        clone.make("down")
