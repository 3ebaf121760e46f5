"""What a request raises that was refused, or failed."""

from collections.abc import Mapping
from typing import Any, cast

import httpx


class ApiError(Exception):
    """A refusal or a failure of the API, or of what stands before it.

    Attributes:
        status: The HTTP status.
        code: What is wrong, for programs: ``limit_reached``; empty if the API itself did not
            answer.
        detail: What is wrong, for people.
        errors: The fields at fault, each with ``loc``, ``type`` and ``msg``.
        retry_after: Seconds until it is worth another try; None if that is not known.
        problem: The whole problem document (RFC 9457).
    """

    def __init__(
        self, status: int, problem: Mapping[str, Any], *, retry_after: int | None = None
    ) -> None:
        self.status = status
        self.problem = problem
        self.code = str(problem.get("code", ""))
        self.detail = str(problem.get("detail") or problem.get("message") or "")
        errors = problem.get("errors")
        self.errors: list[Mapping[str, Any]] = errors if isinstance(errors, list) else []
        self.retry_after = retry_after
        super().__init__(f"{status} {self.code or 'error'}: {self.detail}")


def raise_for(response: httpx.Response) -> None:
    """Do nothing for a success.

    Raises:
        ApiError: The response, which is read, is none.
    """
    if response.is_success:
        return
    raise ApiError(response.status_code, problem_in(response), retry_after=seconds_of(response))


def problem_in(response: httpx.Response) -> Mapping[str, Any]:
    """The JSON object of a response that is read; an empty one if it has another body."""
    try:
        problem = response.json()
    except ValueError:
        return {}
    return cast("dict[str, Any]", problem) if isinstance(problem, dict) else {}


def seconds_of(response: httpx.Response) -> int | None:
    """The header ``Retry-After``; None if there is none that is a number."""
    text = response.headers.get("Retry-After", "")
    return int(text) if text.isascii() and text.isdigit() else None
