"""What can go wrong with the local stack or a deployment, as a person is told it."""

from pathlib import Path


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
