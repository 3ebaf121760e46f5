"""A copy of the repository with a local stack of its own."""

import json
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.documents.blocks import ROOT
from tests.documents.session import clean_environment


@dataclass(frozen=True)
class Clone:
    """A copy of the repository with a local stack."""

    folder: Path
    logs: Path
    home: Path

    def stack(self) -> dict[str, Any]:
        text = (self.folder / ".local" / "stack.json").read_text(encoding="utf-8")
        stack: dict[str, Any] = json.loads(text)
        return stack

    def programs(self) -> Path:
        """A folder with the AWS CLI alone, which reaches the local cloud or nothing.

        Version 1 has fixed addresses of some services (SQS), whatever `AWS_ENDPOINT_URL` says.
        """
        program = self.home / "bin" / "aws"
        program.parent.mkdir(exist_ok=True)
        program.write_text(
            f'#!/bin/sh\nexec {ROOT}/.venv-docs/bin/aws --endpoint-url "$AWS_ENDPOINT_URL" "$@"\n'
        )
        program.chmod(0o755)
        return program.parent

    def make(self, target: str) -> None:
        """Run a target, with what a newcomer has."""
        path = self.logs / f"make-{target}.log"
        with path.open("wb") as log:
            code = subprocess.run(  # noqa: S603 - our own targets
                ["make", target],  # noqa: S607
                cwd=self.folder,
                env=clean_environment(self.home),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                check=False,
            ).returncode
        assert code == 0, path.read_text(encoding="utf-8", errors="replace")[-3_000:]
