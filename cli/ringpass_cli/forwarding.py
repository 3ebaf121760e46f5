"""Signed webhooks to a server of the user's own, as a stack sends them (Standard Webhooks 1.0)."""

import base64
import json
import secrets
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

import httpx
from standardwebhooks.webhooks import Webhook

from ringpass_cli.errors import usage
from ringpass_cli.stacks import is_loopback

_TIMEOUT_SECONDS: Final = 15.0
"""As long as a stack waits."""
_SECRET_BYTES: Final = 24
_SHOWN: Final = 300
"""Characters of a reply that are shown."""


@dataclass(frozen=True)
class Reply:
    """What the server answered.

    Attributes:
        status: The HTTP status; None: nobody answered.
        milliseconds: How long it took.
        text: The beginning of the body, or why nobody answered.
    """

    status: int | None
    milliseconds: int
    text: str

    @property
    def is_success(self) -> bool:
        """Whether the server has taken the event."""
        return self.status is not None and self.status // 100 == 2  # noqa: PLR2004 - 2xx


class Forwarder:
    """Posts events to an address, signed.

    Raises:
        CliError: the address or the secret is none.
    """

    def __init__(self, url: str, secret: str) -> None:
        if not is_secret(secret):
            raise usage("This is no signing secret", "It begins with whsec_.")
        self._url = checked_target(url)
        self._webhook = Webhook(secret)
        self._http = httpx.Client(timeout=_TIMEOUT_SECONDS, trust_env=not is_loopback(url))

    def forward(self, event: Mapping[str, Any]) -> Reply:
        """Post an event once. A redirect is not followed."""
        body = json.dumps(event, ensure_ascii=False, separators=(",", ":"))
        now = datetime.now(UTC)
        headers = {
            "Content-Type": "application/json",
            "User-Agent": "ringpass-cli",
            "webhook-id": event["id"],
            "webhook-timestamp": str(int(now.timestamp())),
            "webhook-signature": self._webhook.sign(event["id"], now, body),
        }
        started = time.monotonic()
        try:
            answer = self._http.post(self._url, content=body.encode(), headers=headers)
        except httpx.TransportError as error:
            return Reply(None, _elapsed(started), str(error) or type(error).__name__)
        return Reply(answer.status_code, _elapsed(started), answer.text[:_SHOWN])


def checked_target(url: str) -> str:
    """An address that webhooks can be sent to.

    Raises:
        CliError: it is none.
    """
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise usage(f"{url!r} is no address", "It looks like http://127.0.0.1:3000/webhooks.")
    return url


def new_secret() -> str:
    """A signing secret, in the form of Standard Webhooks."""
    return f"whsec_{base64.b64encode(secrets.token_bytes(_SECRET_BYTES)).decode()}"


def kept_secret(path: Path) -> tuple[str, bool]:
    """The secret in a file, and whether it is new: then the file is made, for its owner alone.

    Raises:
        CliError: the file cannot be read or written, or holds no secret.
    """
    try:
        if path.exists():
            secret, is_new = path.read_text(encoding="ascii").strip(), False
        else:
            secret, is_new = new_secret(), True
            path.touch(mode=0o600)
            path.write_text(f"{secret}\n", encoding="ascii")
    except (OSError, UnicodeDecodeError) as error:
        raise usage(f"{path} cannot be used: {getattr(error, 'strerror', None) or error}") from None
    if not is_secret(secret):
        raise usage(f"{path} holds no signing secret", "Delete it: it is made anew.")
    return secret, is_new


def is_secret(text: str) -> bool:
    """Whether a text is a signing secret, in the form of Standard Webhooks."""
    prefix, _, key = text.partition("_")
    try:
        return prefix == "whsec" and bool(base64.b64decode(key, validate=True))
    except ValueError:
        return False


def _elapsed(started: float) -> int:
    return round((time.monotonic() - started) * 1000)
