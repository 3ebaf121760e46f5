"""Runs ministack, in its own virtual environment, with two things changed.

It unpacks a function and its layers anew for each worker, thousands of files each time, and does
so for many workers at once in one Python process. Here they are unpacked once and linked. As in
Lambda, all workers of a function see the same `/opt` and code, which nobody writes to.

It enforces the functions' roles, but for the condition `dynamodb:LeadingKeys`, which it does not
know and takes for met. Here a request names the keys that it touches, as in AWS.
"""

import hashlib
import importlib
import json
import sys
import tempfile
import threading
import types
import zipfile
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, Self

PARTITION_KEY = "PK"
"""Of the table in template.yaml."""

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


def leading_keys(body: bytes) -> list[str]:
    """The partition keys of the items that a DynamoDB request touches; none for a query or scan."""
    try:
        request = json.loads(body)
    except ValueError:
        return []
    return list(_keys_in(request)) if isinstance(request, dict) else []


def _keys_in(request: Mapping[str, Any]) -> Iterator[str]:
    for member in ("Key", "Item"):
        value = request.get(member, {}).get(PARTITION_KEY, {})
        yield from value.values()
    for actions in request.get("TransactItems", []):
        for action in actions.values():
            yield from _keys_in(action)
    for asked in request.get("RequestItems", {}).values():
        for key in asked.get("Keys", []) if isinstance(asked, dict) else []:
            yield from key.get(PARTITION_KEY, {}).values()


def main() -> None:
    """Run ministack until it is told to stop."""
    actions: Any = importlib.import_module("ministack.core.iam_actions")
    context_of: Callable[[bytes], dict[str, Any]] = actions.dynamodb_service_context

    def with_leading_keys(body: bytes) -> dict[str, Any]:
        keys = leading_keys(body)
        return context_of(body) | ({"dynamodb:LeadingKeys": keys} if keys else {})

    actions.dynamodb_service_context = with_leading_keys

    runtime: Any = importlib.import_module("ministack.core.lambda_runtime")
    changed = types.SimpleNamespace(**vars(zipfile))
    changed.ZipFile = UnpackedOnce
    runtime.zipfile = changed
    server: Any = importlib.import_module("ministack.app")
    sys.argv = ["ministack"]
    server.main()


if __name__ == "__main__":
    main()
