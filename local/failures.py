"""What can go wrong with the local stack or a deployment, as a person is told it."""

import errno
from collections.abc import Mapping
from pathlib import Path

_REMEDIES: Mapping[int, str] = {
    errno.ENOSPC: "make room on the disk",
    errno.EDQUOT: "make room on the disk",
    errno.EEXIST: "move it away, a folder is needed there",
    errno.ENOTDIR: "move it away, a folder is needed there",
    errno.ENOENT: "put it back (`git status` shows what is missing)",
}


class LocalStackError(Exception):
    """The local stack cannot go on.

    Its text is one line that says what is wrong and what to do; `log` is where all of it can be
    read, if anywhere.
    """

    def __init__(self, message: str, *, log: Path | None = None) -> None:
        super().__init__(message)
        self.log = log

    def __str__(self) -> str:
        message = super().__str__()
        return message if self.log is None else f"{message} (all of it: {self.log})"


NO_REGION = "no AWS region is set: export AWS_REGION=ap-southeast-1, for example"


class DeploymentError(Exception):
    """A deployment to AWS cannot go on; its text is one sentence that says what to do."""


def file_sentence(error: OSError, root: Path) -> str:
    """What is wrong with a file, and what to do, in one sentence."""
    remedy = _REMEDIES.get(error.errno or 0, "make it writable")
    return f"{error.filename or root}: {error.strerror}: {remedy}"


def program_sentence(program: str, root: Path) -> str:
    """That a program is missing, by its name, and what to do, in one sentence."""
    path = Path(program)
    if path.is_relative_to(root):
        folder = path.relative_to(root).parts[0]
        return f"{path.name} is missing in {folder}: remove that folder and run the command again"
    return f"{path.name} is missing: install it and have it on your PATH"
