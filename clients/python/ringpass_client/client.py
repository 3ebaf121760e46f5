"""Clients of one stack, with one API key: ``Ringpass``, and with async ``AsyncRingpass``.

Both send what the functions of ``ringpass_client.generated.api`` ask for:
``list_deliveries.sync(client=ringpass, status=...)``.
"""

import asyncio
import time
from collections.abc import Mapping
from types import TracebackType
from typing import Any, Final, Self

import httpx

from ringpass_client.errors import ApiError, raise_for
from ringpass_client.generated.api.verifications import (
    cancel_verification,
    check_code,
    read_verification,
    start_verification,
    take_next_step,
)
from ringpass_client.generated.models.check_code import CheckCode
from ringpass_client.generated.models.start_verification import StartVerification
from ringpass_client.generated.models.verification import Verification
from ringpass_client.generated.types import UNSET, Unset
from ringpass_client.retries import Retries, with_key
from ringpass_client.states import CheckResult, check_result, ended_before

# The stack itself answers within 30.
_TIMEOUT_SECONDS: Final = 35.0


class Ringpass:
    """Client of one stack, with one API key.

    Args:
        base_url: Where the stack answers, without ``/v1``.
        api_key: ``rp_...``.
        timeout: Seconds for one try.
        retries: How often a request is sent.
        transport: Sends requests, in place of httpx's own.

    Its methods raise ``ApiError`` for a refusal, and ``httpx.TransportError`` where no answer came.
    """

    def __init__(
        self,
        base_url: str,
        api_key: str,
        *,
        timeout: float = _TIMEOUT_SECONDS,
        retries: Retries | None = None,
        transport: httpx.BaseTransport | None = None,
    ) -> None:
        self._retries = retries or Retries()
        self._http = httpx.Client(
            base_url=base_url, headers=_headers(api_key), timeout=timeout, transport=transport
        )

    def send(self, request: Mapping[str, Any]) -> httpx.Response:
        """Send a request, whose fields are those of ``httpx.Client.request``."""
        prepared = with_key(self._http.build_request(**request))
        attempt = 1
        while True:
            try:
                response = self._http.send(prepared)
            except httpx.TransportError:
                pause = self._retries.pause_after_failure(prepared, attempt)
                if pause is None:
                    raise
            else:
                pause = self._retries.pause_after(response, attempt)
                if pause is None:
                    raise_for(response)
                    return response
            time.sleep(pause)
            attempt += 1

    def start_verification(
        self, body: StartVerification, *, idempotency_key: str | None = None
    ) -> Verification:
        """Start a verification: a message or a call takes a code to the phone."""
        return start_verification.sync(
            client=self, body=body, idempotency_key=_key(idempotency_key)
        )

    def check_code(
        self, verification_id: str, code: str, *, idempotency_key: str | None = None
    ) -> CheckResult:
        """Check the code that the person entered; each way that it can go has its type."""
        key = _key(idempotency_key)
        try:
            return check_result(
                check_code.sync(
                    verification_id, client=self, body=CheckCode(code), idempotency_key=key
                )
            )
        except ApiError as error:
            return _ended(error)

    def take_next_step(
        self, verification_id: str, *, idempotency_key: str | None = None
    ) -> Verification:
        """Take the workflow's next step at once: the person asks for another way."""
        return take_next_step.sync(
            verification_id, client=self, idempotency_key=_key(idempotency_key)
        )

    def cancel_verification(
        self, verification_id: str, *, idempotency_key: str | None = None
    ) -> Verification:
        """Cancel a verification."""
        return cancel_verification.sync(
            verification_id, client=self, idempotency_key=_key(idempotency_key)
        )

    def read_verification(
        self, verification_id: str, *, wait: int | None = None, step: int | None = None
    ) -> Verification:
        """Read a verification, also one that has ended; see ``state_of``.

        Args:
            verification_id: The verification's id.
            wait: Seconds, 25 at most, until it has ended or has another step.
            step: The step that you know; that of the first reading if left out.
        """
        return read_verification.sync(
            verification_id,
            client=self,
            wait=UNSET if wait is None else wait,
            step=UNSET if step is None else step,
        )

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()


class AsyncRingpass:
    """The same with async; ``transport`` is one of httpx's for that."""

    def __init__(
        self,
        base_url: str,
        api_key: str,
        *,
        timeout: float = _TIMEOUT_SECONDS,
        retries: Retries | None = None,
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        self._retries = retries or Retries()
        self._http = httpx.AsyncClient(
            base_url=base_url, headers=_headers(api_key), timeout=timeout, transport=transport
        )

    async def send(self, request: Mapping[str, Any]) -> httpx.Response:
        """Send a request, whose fields are those of ``httpx.AsyncClient.request``."""
        prepared = with_key(self._http.build_request(**request))
        attempt = 1
        while True:
            try:
                response = await self._http.send(prepared)
            except httpx.TransportError:
                pause = self._retries.pause_after_failure(prepared, attempt)
                if pause is None:
                    raise
            else:
                pause = self._retries.pause_after(response, attempt)
                if pause is None:
                    raise_for(response)
                    return response
            await asyncio.sleep(pause)
            attempt += 1

    async def start_verification(
        self, body: StartVerification, *, idempotency_key: str | None = None
    ) -> Verification:
        """Start a verification: a message or a call takes a code to the phone."""
        return await start_verification.asyncio(
            client=self, body=body, idempotency_key=_key(idempotency_key)
        )

    async def check_code(
        self, verification_id: str, code: str, *, idempotency_key: str | None = None
    ) -> CheckResult:
        """Check the code that the person entered; each way that it can go has its type."""
        key = _key(idempotency_key)
        try:
            return check_result(
                await check_code.asyncio(
                    verification_id, client=self, body=CheckCode(code), idempotency_key=key
                )
            )
        except ApiError as error:
            return _ended(error)

    async def take_next_step(
        self, verification_id: str, *, idempotency_key: str | None = None
    ) -> Verification:
        """Take the workflow's next step at once: the person asks for another way."""
        return await take_next_step.asyncio(
            verification_id, client=self, idempotency_key=_key(idempotency_key)
        )

    async def cancel_verification(
        self, verification_id: str, *, idempotency_key: str | None = None
    ) -> Verification:
        """Cancel a verification."""
        return await cancel_verification.asyncio(
            verification_id, client=self, idempotency_key=_key(idempotency_key)
        )

    async def read_verification(
        self, verification_id: str, *, wait: int | None = None, step: int | None = None
    ) -> Verification:
        """Read a verification, also one that has ended; see ``state_of``.

        Args:
            verification_id: The verification's id.
            wait: Seconds, 25 at most, until it has ended or has another step.
            step: The step that you know; that of the first reading if left out.
        """
        return await read_verification.asyncio(
            verification_id,
            client=self,
            wait=UNSET if wait is None else wait,
            step=UNSET if step is None else step,
        )

    async def aclose(self) -> None:
        """Close the connections."""
        await self._http.aclose()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self.aclose()


def _headers(api_key: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {api_key}"}


def _key(idempotency_key: str | None) -> str | Unset:
    return UNSET if idempotency_key is None else idempotency_key


def _ended(error: ApiError) -> CheckResult:
    if error.code != "verification_ended":
        raise error
    return ended_before(error.problem)
