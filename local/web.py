"""Asks servers on this machine, over HTTP, with the standard library alone."""

import http.client
import json
import urllib.error
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

TIMEOUT_SECONDS = 40.0
"""Longer than the longest function."""


@dataclass(frozen=True)
class Answer:
    """What a server said, whatever its status."""

    status: int
    headers: Mapping[str, str]
    text: str

    def json(self) -> Any:  # noqa: ANN401
        """The body as JSON; `{}` if there is none."""
        return json.loads(self.text) if self.text else {}


def ask(
    method: str,
    url: str,
    *,
    body: object = None,
    headers: Mapping[str, str] | None = None,
    timeout: float = TIMEOUT_SECONDS,
) -> Answer:
    """Send one request, with a JSON body if there is a `body`.

    Raises:
        OSError: nobody answered.
    """
    data = None if body is None else json.dumps(body).encode()
    body_headers = {"Content-Type": "application/json"} if data is not None else {}
    request = urllib.request.Request(  # noqa: S310
        url, data=data, method=method, headers={**body_headers, **(headers or {})}
    )
    try:
        with urllib.request.urlopen(request, timeout=timeout) as response:  # noqa: S310
            return _answer(response)
    except urllib.error.HTTPError as error:
        with error:
            return _answer(error)
    except http.client.HTTPException as error:
        raise ConnectionError(str(error)) from error


def _answer(response: http.client.HTTPResponse | urllib.error.HTTPError) -> Answer:
    status = response.status or 0
    headers = {name.lower(): value for name, value in response.headers.items()}
    return Answer(status, headers, response.read().decode("utf-8", errors="replace"))
