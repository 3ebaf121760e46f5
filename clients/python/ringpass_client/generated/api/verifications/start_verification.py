from http import HTTPStatus
from typing import Any

import httpx

from ...client import AsyncSender, Sender
from ...models.start_verification import StartVerification
from ...models.verification import Verification
from ...types import UNSET, Response, Unset


def _get_kwargs(
    *,
    body: StartVerification,
    idempotency_key: str | Unset = UNSET,
) -> dict[str, Any]:
    headers: dict[str, Any] = {}
    if not isinstance(idempotency_key, Unset):
        headers["Idempotency-Key"] = idempotency_key

    _kwargs: dict[str, Any] = {
        "method": "post",
        "url": "/v1/verifications",
    }
    _kwargs["json"] = body.to_dict()

    headers["Content-Type"] = "application/json"
    _kwargs["headers"] = headers
    return _kwargs


def _parse(response: httpx.Response) -> Verification:
    response_201 = Verification.from_dict(response.json())

    return response_201


def _whole(response: httpx.Response) -> Response[Verification]:
    return Response(
        status_code=HTTPStatus(response.status_code),
        content=response.content,
        headers=response.headers,
        parsed=_parse(response),
    )


def sync(
    *,
    client: Sender,
    body: StartVerification,
    idempotency_key: str | Unset = UNSET,
) -> Verification:
    """Send a code over the first channel of a workflow.

    A bare `phone` is enough where the client's settings say the rest. Another one that is open
    for the same phone is canceled: the newest code is the only one that works.

    The API key needs the scope `send`.

    Args:
        client: Sends the request.
        idempotency_key (str | Unset):
        body (StartVerification): ``POST /v1/verifications``; what is left out comes from the
            client's settings.

    Raises:
        ApiError: The request was refused, or failed.
    """
    return _parse(
        client.send(
            _get_kwargs(
                body=body,
                idempotency_key=idempotency_key,
            )
        )
    )


def sync_detailed(
    *,
    client: Sender,
    body: StartVerification,
    idempotency_key: str | Unset = UNSET,
) -> Response[Verification]:
    """As ``sync``, with the answer's status and headers."""
    return _whole(
        client.send(
            _get_kwargs(
                body=body,
                idempotency_key=idempotency_key,
            )
        )
    )


async def asyncio(
    *,
    client: AsyncSender,
    body: StartVerification,
    idempotency_key: str | Unset = UNSET,
) -> Verification:
    """As ``sync``, with async."""
    return _parse(
        await client.send(
            _get_kwargs(
                body=body,
                idempotency_key=idempotency_key,
            )
        )
    )


async def asyncio_detailed(
    *,
    client: AsyncSender,
    body: StartVerification,
    idempotency_key: str | Unset = UNSET,
) -> Response[Verification]:
    """As ``sync_detailed``, with async."""
    return _whole(
        await client.send(
            _get_kwargs(
                body=body,
                idempotency_key=idempotency_key,
            )
        )
    )
