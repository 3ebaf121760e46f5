from http import HTTPStatus
from typing import Any

import httpx

from ...client import AsyncSender, Sender
from ...models.create_api_key import CreateApiKey
from ...models.new_api_key import NewApiKey
from ...types import UNSET, Response, Unset


def _get_kwargs(
    *,
    body: CreateApiKey,
    idempotency_key: str | Unset = UNSET,
) -> dict[str, Any]:
    headers: dict[str, Any] = {}
    if not isinstance(idempotency_key, Unset):
        headers["Idempotency-Key"] = idempotency_key

    _kwargs: dict[str, Any] = {
        "method": "post",
        "url": "/v1/keys",
    }
    _kwargs["json"] = body.to_dict()

    headers["Content-Type"] = "application/json"
    _kwargs["headers"] = headers
    return _kwargs


def _parse(response: httpx.Response) -> NewApiKey:
    response_201 = NewApiKey.from_dict(response.json())

    return response_201


def _whole(response: httpx.Response) -> Response[NewApiKey]:
    return Response(
        status_code=HTTPStatus(response.status_code),
        content=response.content,
        headers=response.headers,
        parsed=_parse(response),
    )


def sync(
    *,
    client: Sender,
    body: CreateApiKey,
    idempotency_key: str | Unset = UNSET,
) -> NewApiKey:
    """Make another key; this answer is the one time that it is seen.

    The API key needs the scope `admin`.

    Args:
        client: Sends the request.
        idempotency_key (str | Unset):
        body (CreateApiKey): ``POST /v1/keys``: another key for the same client.

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
    body: CreateApiKey,
    idempotency_key: str | Unset = UNSET,
) -> Response[NewApiKey]:
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
    body: CreateApiKey,
    idempotency_key: str | Unset = UNSET,
) -> NewApiKey:
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
    body: CreateApiKey,
    idempotency_key: str | Unset = UNSET,
) -> Response[NewApiKey]:
    """As ``sync_detailed``, with async."""
    return _whole(
        await client.send(
            _get_kwargs(
                body=body,
                idempotency_key=idempotency_key,
            )
        )
    )
