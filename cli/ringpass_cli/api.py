"""The API of a stack, as the commands use it."""

import time
import uuid
from collections.abc import Iterator, Mapping
from typing import Any, Final

import httpx

from ringpass_cli.errors import ApiError, CliError, ExitCode
from ringpass_cli.stacks import Stack, is_loopback

# API Gateway gives up after 30 s.
_TIMEOUT: Final = httpx.Timeout(35.0, connect=5.0)
_TRIES: Final = 3
_PAGE: Final = 100
_ERRORS: Final = 400


class Api:
    """Requests with one key. Every POST of a command has one ``Idempotency-Key``.

    A request without an answer is sent again: GET, PUT and DELETE change nothing more then, and a
    POST is recognized by its key.
    """

    def __init__(self, stack: Stack, *, idempotency_key: str | None = None) -> None:
        self._stack = stack
        self._idempotency_key = idempotency_key or str(uuid.uuid4())
        self._http = httpx.Client(
            base_url=stack.url,
            timeout=_TIMEOUT,
            headers={"Authorization": f"Bearer {stack.key}", "User-Agent": "ringpass-cli"},
            # No proxy reaches this machine.
            trust_env=not is_loopback(stack.url),
        )

    def get(self, path: str, query: Mapping[str, object] | None = None) -> dict[str, Any]:
        """GET; entries of the query that are None are left out.

        Raises:
            CliError: the API refuses, fails, or does not answer.
        """
        body: dict[str, Any] = self._send("GET", path, query=query).json()
        return body

    def text(self, path: str, query: Mapping[str, object]) -> str:
        """GET of something that is not JSON."""
        return self._send("GET", path, query=query).text

    def post(self, path: str, body: object = None) -> dict[str, Any]:
        """POST."""
        answer: dict[str, Any] = self._send("POST", path, body=body).json()
        return answer

    def put(self, path: str, body: object) -> dict[str, Any]:
        """PUT."""
        answer: dict[str, Any] = self._send("PUT", path, body=body).json()
        return answer

    def delete(self, path: str) -> dict[str, Any]:
        """DELETE."""
        answer: dict[str, Any] = self._send("DELETE", path).json()
        return answer

    def items(
        self, path: str, query: Mapping[str, object] | None = None, *, most: int | None = None
    ) -> Iterator[dict[str, Any]]:
        """The items of a list, page after page; `most` of them, None: all."""
        cursor: object = None
        left = most
        while left is None or left > 0:
            limit = _PAGE if left is None else min(left, _PAGE)
            page = self.get(path, {**(query or {}), "limit": limit, "cursor": cursor})
            for item in page["items"]:
                yield item
                left = None if left is None else left - 1
            cursor = page["next_cursor"]
            if cursor is None:
                return

    def _send(
        self,
        method: str,
        path: str,
        *,
        query: Mapping[str, object] | None = None,
        body: object = None,
    ) -> httpx.Response:
        headers = {"Idempotency-Key": self._idempotency_key} if method == "POST" else {}
        params = {name: str(value) for name, value in (query or {}).items() if value is not None}
        request = self._http.build_request(method, path, params=params, json=body, headers=headers)
        for last in (False,) * (_TRIES - 1) + (True,):
            try:
                answer = self._http.send(request)
            except httpx.TransportError as error:
                if last or isinstance(error, httpx.UnsupportedProtocol):
                    raise self._unreachable(error) from error
                continue
            wait = answer.headers.get("Retry-After", "")
            if answer.status_code < _ERRORS:
                return self._checked(answer)
            problem = _problem(answer)
            if problem.get("code") == "in_progress" and not last:
                time.sleep(float(wait or 1))
                continue
            raise ApiError(answer.status_code, problem, wait)
        raise AssertionError("the last try returns or raises")

    def _checked(self, answer: httpx.Response) -> httpx.Response:
        kind = answer.headers.get("Content-Type", "")
        if answer.is_redirect or kind.startswith("text/html"):
            raise CliError(
                f"{self._stack.url} is not the API of a Ringpass stack",
                advice="Check the address: it is the stack's output ApiUrl.",
                exit_code=ExitCode.UNREACHABLE,
            )
        return answer

    def _unreachable(self, error: httpx.TransportError) -> CliError:
        advice = (
            "Start it with `make up`."
            if self._stack.local
            else "Check the address, and the connection of this machine."
        )
        return CliError(
            f"{self._stack.name} does not answer at {self._stack.url}: {_reason(error)}",
            advice=advice,
            exit_code=ExitCode.UNREACHABLE,
        )


def _problem(answer: httpx.Response) -> dict[str, Any]:
    try:
        problem = answer.json()
    except ValueError:
        problem = None
    return problem if isinstance(problem, dict) else {"title": answer.reason_phrase}


def _reason(error: httpx.TransportError) -> str:
    return "no answer in time" if isinstance(error, httpx.TimeoutException) else str(error)
