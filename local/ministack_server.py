"""Runs ministack, in its own virtual environment, with one thing changed.

ministack unpacks a function and its layers anew for each worker, thousands of files each time,
and does so for many workers at once in one Python process: 40 parallel requests then wait half a
minute. Here they are unpacked once and linked. As in Lambda, all workers of a function see the
same `/opt` and code, which nobody writes to.
"""

import hashlib
import importlib
import sys
import tempfile
import threading
import types
import zipfile
from pathlib import Path
from typing import Any, Self

_lock = threading.Lock()


class UnpackedOnce:
    """Stands in for `zipfile.ZipFile` where ministack reads a function's archives.

    Archives with the same content are unpacked once; `extractall` makes its (empty) target a
    link to that.
    """

    def __init__(self, path: str) -> None:
        self._path = Path(path)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        return None

    def namelist(self) -> list[str]:
        """Nothing to be checked: archives are ours, and `zipfile` keeps them in their folder."""
        return []

    def extractall(self, target: str) -> None:
        """Make `target` the content of the archive."""
        digest = hashlib.sha256(self._path.read_bytes()).hexdigest()[:32]
        unpacked = Path(tempfile.gettempdir()) / "unpacked" / digest
        with _lock:
            if not unpacked.exists():
                unfinished = unpacked.with_suffix(".unfinished")
                with zipfile.ZipFile(self._path) as archive:
                    archive.extractall(unfinished)
                unfinished.rename(unpacked)
        link = Path(target)
        link.rmdir()
        link.symlink_to(unpacked)
        self._path.unlink()


def main() -> None:
    """Run ministack until it is told to stop."""
    runtime: Any = importlib.import_module("ministack.core.lambda_runtime")
    changed = types.SimpleNamespace(**vars(zipfile))
    changed.ZipFile = UnpackedOnce
    runtime.zipfile = changed
    server: Any = importlib.import_module("ministack.app")
    sys.argv = ["ministack"]
    server.main()


if __name__ == "__main__":
    main()
