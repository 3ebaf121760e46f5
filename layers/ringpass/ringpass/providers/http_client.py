"""HTTP client of all providers; the only module that imports httpx.

A request that places a call is sent once. Only a failed connect, when no byte has left us, is
retried. For the same reason no connection is reused: one that died while the function was frozen
would lose a request, and the call would be unknown.
"""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from concurrent.futures import TimeoutError as DeadlineExceeded
from typing import Final

import httpx

from ringpass.providers.base import HttpRequest, HttpResponse, NoResponse

MAX_BODY_BYTES: Final = 65_536
"""No provider's response comes near this; the rest is not read."""
_CONNECT_TIMEOUT_SECONDS: Final = 3.0
_CONNECT_ATTEMPTS: Final = 2


class Transport:
    """Sends provider requests, each over a connection of its own.

    Args:
        timeout_seconds: Limit of one request, from connecting to the last byte of the response.
        new_client: Makes the httpx client; tests pass one with another transport.
        max_body_bytes: What is read of a response.
    """

    def __init__(
        self,
        timeout_seconds: float,
        new_client: Callable[[httpx.Timeout], httpx.Client] | None = None,
        *,
        max_body_bytes: int = MAX_BODY_BYTES,
    ) -> None:
        self._timeout = timeout_seconds
        self._max_body_bytes = max_body_bytes
        self._new_client = new_client or _new_client
        self._client: httpx.Client | None = None

    def send(self, request: HttpRequest) -> HttpResponse | NoResponse:
        """Send a request; return the response, or why there is none. Raises no network errors."""
        client = self._client or self._new_client(
            httpx.Timeout(self._timeout, connect=_CONNECT_TIMEOUT_SECONDS)
        )
        self._client = client
        # httpx limits each read, not the whole exchange: a provider that drips bytes would hold
        # the function until it is killed. So the exchange runs in a thread, and its connection
        # is closed when time is up.
        executor = ThreadPoolExecutor(max_workers=1, thread_name_prefix="provider")
        try:
            return executor.submit(self._exchange, client, request).result(timeout=self._timeout)
        except DeadlineExceeded:
            self._client = None
            client.close()
            return NoResponse("timeout")
        finally:
            executor.shutdown(wait=False, cancel_futures=True)

    def _exchange(self, client: httpx.Client, request: HttpRequest) -> HttpResponse | NoResponse:
        for retries in reversed(range(_CONNECT_ATTEMPTS)):
            try:
                with client.stream(
                    request.method,
                    request.url,
                    headers=request.headers,
                    content=request.body,
                    extensions={"sni_hostname": request.server_name} if request.server_name else {},
                ) as response:
                    body = _read_body(response, self._max_body_bytes)
                    retry_after = response.headers.get("retry-after")
                    return HttpResponse(response.status_code, body, retry_after)
            except (httpx.ConnectError, httpx.ConnectTimeout):
                if not retries:
                    return NoResponse("connect_failed", sent=False)
            except httpx.TimeoutException:
                return NoResponse("timeout")
            except (httpx.HTTPError, httpx.StreamError):
                return NoResponse("connection_cut")
        raise AssertionError("every try returns")


def _read_body(response: httpx.Response, most: int) -> bytes:
    body = bytearray()
    for chunk in response.iter_bytes():
        body += chunk
        if len(body) > most:
            break
    return bytes(body[:most])


def _new_client(timeout: httpx.Timeout) -> httpx.Client:
    # trust_env off: a proxy or a .netrc of the environment must not see codes.
    return httpx.Client(
        timeout=timeout,
        follow_redirects=False,
        trust_env=False,
        limits=httpx.Limits(max_keepalive_connections=0),
    )
