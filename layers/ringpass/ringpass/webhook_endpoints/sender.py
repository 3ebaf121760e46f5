"""Sends one event to one endpoint, once."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from http import HTTPStatus
from ipaddress import IPv6Address
from typing import Final
from urllib.parse import urlsplit

from ringpass.clock import Clock
from ringpass.events.model import Event, to_json
from ringpass.providers.base import HttpRequest, NoResponse
from ringpass.providers.http_client import Transport
from ringpass.redaction import Secret
from ringpass.webhook_endpoints.address_guard import (
    NotPublic,
    NotResolved,
    Resolve,
    public_address,
)
from ringpass.webhook_endpoints.signing import signed_headers

TIMEOUT_SECONDS: Final = 15.0
MAX_REPLY_BYTES: Final = 16_384
_HTTPS_PORT: Final = 443


@dataclass(frozen=True, slots=True)
class TryResult:
    """What came of a try.

    Attributes:
        at: When it began.
        duration_ms: How long it took.
        http_status: The status of the response; None: there was none.
        error: Why it failed, in a word; None: it did not.
        retry_after: The header ``Retry-After`` of the response.
    """

    at: datetime
    duration_ms: int
    http_status: int | None = None
    error: str | None = None
    retry_after: str | None = None

    @property
    def is_success(self) -> bool:
        """Whether the endpoint took the event."""
        return self.error is None

    @property
    def is_gone(self) -> bool:
        """Whether the endpoint wants no event any more."""
        return self.http_status == HTTPStatus.GONE


@dataclass(frozen=True, slots=True)
class WebhookSender:
    """Sends events.

    Attributes:
        transport: Sends one request, within ``TIMEOUT_SECONDS``.
        clock: Returns the current time.
        public_only: Whether only public addresses are connected to.
        resolve: Resolves names; None: the system does.
        timer: Returns seconds of a clock that never jumps.
    """

    transport: Transport
    clock: Clock
    public_only: bool = True
    resolve: Resolve | None = field(default=None, repr=False)
    timer: Callable[[], float] = field(default=time.monotonic, repr=False)

    def send(
        self, url: str, secrets: Sequence[Secret], event: Event, *, replay: bool = False
    ) -> TryResult:
        """Send an event; 2xx is a success. A redirect is not followed, and fails.

        Args:
            url: Where to.
            secrets: They sign.
            event: The event.
            replay: Whether it was sent before, and is sent again because the client asked for it.
        """
        at, started = self.clock(), self.timer()
        body = to_json(event.body)
        headers = {
            "Content-Type": "application/json",
            "User-Agent": "Ringpass-Webhooks/1.0",
            **signed_headers(secrets, event.id, at, body),
            **({"ringpass-replay": "true"} if replay else {}),
        }
        status, error, retry_after = self._post(url, headers, body.encode())
        return TryResult(at, round((self.timer() - started) * 1000), status, error, retry_after)

    def _post(
        self, url: str, headers: dict[str, str], body: bytes
    ) -> tuple[int | None, str | None, str | None]:
        try:
            request = self._request(url, headers, body)
        except NotResolved:
            return None, "name_not_resolved", None
        except NotPublic:
            return None, "address_not_public", None
        response = self.transport.send(request)
        if isinstance(response, NoResponse):
            return None, response.reason, None
        error = None if response.is_success else f"http_{response.status}"
        return response.status, error, response.retry_after

    def _request(self, url: str, headers: dict[str, str], body: bytes) -> HttpRequest:
        """Returns the request: to the address that was checked, in the name of the URL's host."""
        if not self.public_only:
            return HttpRequest(url, headers, body)
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port or _HTTPS_PORT
        address = public_address(host, port, self.resolve)
        literal = f"[{address}]" if isinstance(address, IPv6Address) else str(address)
        to_address = parts._replace(netloc=f"{literal}:{port}").geturl()
        return HttpRequest(to_address, {**headers, "Host": parts.netloc}, body, server_name=host)
