"""What ends a command before its work is done, and the exit codes of all commands."""

from collections.abc import Mapping
from enum import IntEnum
from functools import cache
from importlib.resources import files
from typing import Any

import yaml


class ExitCode(IntEnum):
    """Exit codes. docs/cli.md has the same table."""

    DONE = 0
    NEGATIVE = 1
    """The command has worked, and its result is negative: a wrong code, a finding."""
    USAGE = 2
    REFUSED = 3
    """The API refused the request (4xx)."""
    UNREACHABLE = 4
    """The API did not answer, or failed (5xx)."""
    NOT_SET_UP = 5
    """Something is missing on this machine: a stack, a key, a package."""
    INTERRUPTED = 130


class CliError(Exception):
    """Ends a command; its text is one sentence.

    Args:
        message: What is wrong.
        advice: What to do; empty where there is nothing to add.
        exit_code: The command's.
        details: Further lines, such as the fields at fault.
        document: The API's problem document, for ``--json``.
    """

    def __init__(
        self,
        message: str,
        *,
        exit_code: ExitCode,
        advice: str = "",
        details: tuple[str, ...] = (),
        document: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(message)
        self.exit_code = exit_code
        self.advice = advice
        self.details = details
        self.document = document


def usage(message: str, advice: str = "") -> CliError:
    """The command was called in a wrong way."""
    return CliError(message, advice=advice, exit_code=ExitCode.USAGE)


def not_set_up(message: str, advice: str) -> CliError:
    """Something is missing on this machine."""
    return CliError(message, advice=advice, exit_code=ExitCode.NOT_SET_UP)


class ApiError(CliError):
    """The API has answered with an error.

    Attributes:
        status: The HTTP status.
        code: The problem's code; empty: the answer is none of the API's own.
        fields: The fields at fault: its path, and what is wrong with it.
    """

    def __init__(self, status: int, problem: Mapping[str, Any], retry_after: str = "") -> None:
        self.status = status
        self.code = str(problem.get("code", ""))
        self.fields = [_field(error) for error in problem.get("errors", [])]
        title = problem.get("title") or problem.get("message") or "The API gave no reason"
        detail = str(problem.get("detail", ""))
        details = [detail] if detail else []
        details += [f"{name}: {text}" for name, text in self.fields]
        details += [f"{check['code']}: {check['detail']}" for check in problem.get("checks", [])]
        if retry_after:
            details.append(f"Room again in {retry_after} s at the latest.")
        super().__init__(
            f"{title} ({status}{' ' if self.code else ''}{self.code})",
            exit_code=ExitCode.REFUSED if status < 500 else ExitCode.UNREACHABLE,  # noqa: PLR2004
            advice=advice_for(status, self.code),
            details=tuple(details),
            document=problem,
        )


def _field(error: Mapping[str, Any]) -> tuple[str, str]:
    """A field's path, such as ``workflow[0].channel``, and what is wrong with it."""
    path = ""
    for part in error.get("loc", []):
        path += f"[{part}]" if isinstance(part, int) else f".{part}" if path else str(part)
    return path or "the body", f"{error.get('msg', '')} ({error.get('type', '')})".strip()


def advice_for(status: int, code: str) -> str:
    """What to do about an error of the API; empty if nothing is known of it."""
    table = _advice()
    return table["codes"].get(code) or table["statuses"].get(status, "")


@cache
def _advice() -> dict[str, dict[Any, str]]:
    text = files("ringpass_cli").joinpath("advice.yaml").read_text(encoding="utf-8")
    table: dict[str, dict[Any, str]] = yaml.safe_load(text)
    return table
