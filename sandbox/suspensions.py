"""Ends the suspensions of the stack that uses this sandbox: part of forgetting all."""

import http.client
import json
from urllib.parse import urlsplit

from sandbox import log
from sandbox.settings import Settings

_TIMEOUT_SECONDS = 30.0


def end_suspensions(settings: Settings) -> None:
    """Ask the stack for its providers, and to ask each of them again from now on.

    Without `api_url` and `admin_key` there is no such stack. One that does not answer is told in
    the log: the sandbox has forgotten all the same.
    """
    if settings.api_url is None or settings.admin_key is None:
        return
    try:
        items = json.loads(_ask(settings, "GET", "/v1/providers"))["items"]
        for item in items:
            _ask(settings, "DELETE", f"/v1/providers/{item['name']}/suspension")
    except (OSError, http.client.HTTPException, ValueError, KeyError) as error:
        log.line("sandbox", f"suspensions not ended: {error}")


def _ask(settings: Settings, method: str, path: str) -> bytes:
    parts = urlsplit(settings.api_url or "")
    secure = parts.scheme == "https"
    connection = (http.client.HTTPSConnection if secure else http.client.HTTPConnection)(
        parts.hostname or "", parts.port, timeout=_TIMEOUT_SECONDS
    )
    try:
        headers = {"Authorization": f"Bearer {settings.admin_key}"}
        connection.request(method, f"{parts.path}{path}", headers=headers)
        answer = connection.getresponse()
        body = answer.read()
        if answer.status >= 300:  # noqa: PLR2004 - HTTP
            raise ValueError(f"{method} {path} answers {answer.status}")
        return body
    finally:
        connection.close()
