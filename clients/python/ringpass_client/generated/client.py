"""What the functions of ``api`` send their requests with: ``Ringpass`` and ``AsyncRingpass``."""

from collections.abc import Mapping
from typing import Any, Protocol

import httpx


class Sender(Protocol):
    """Sends a request, whose fields are httpx's. An answer that is an error is an exception."""

    def send(self, request: Mapping[str, Any]) -> httpx.Response: ...


class AsyncSender(Protocol):
    """The same with async."""

    async def send(self, request: Mapping[str, Any]) -> httpx.Response: ...
