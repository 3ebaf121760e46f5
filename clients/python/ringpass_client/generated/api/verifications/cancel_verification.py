from http import HTTPStatus
from typing import Any
from urllib.parse import quote

import httpx

from ...client import AsyncSender, Sender
from ...models.verification import Verification
from ...types import UNSET, Response, Unset


def _get_kwargs(
    id: str,
    *,
    idempotency_key: str | Unset = UNSET,
) -> dict[str, Any]:
    headers: dict[str, Any] = {}
    if not isinstance(idempotency_key, Unset):
        headers["Idempotency-Key"] = idempotency_key

    _kwargs: dict[str, Any] = {
        "method": "post",
        "url": "/v1/verifications/{id}/cancel".format(
            id=quote(str(id), safe=""),
        ),
    }
    _kwargs["headers"] = headers
    return _kwargs


def _parse(response: httpx.Response) -> Verification:
    response_200 = Verification.from_dict(response.json())

    return response_200


def _whole(response: httpx.Response) -> Response[Verification]:
    return Response(
        status_code=HTTPStatus(response.status_code),
        content=response.content,
        headers=response.headers,
        parsed=_parse(response),
    )


def sync(
    id: str,
    *,
    client: Sender,
    idempotency_key: str | Unset = UNSET,
) -> Verification:
    """End a verification: no code is accepted any more, and nothing more is sent.

    The API key needs the scope `send`.

    Args:
        client: Sends the request.
        id (str):
        idempotency_key (str | Unset):

    Raises:
        ApiError: The request was refused, or failed.
    """
    return _parse(
        client.send(
            _get_kwargs(
                id=id,
                idempotency_key=idempotency_key,
            )
        )
    )


def sync_detailed(
    id: str,
    *,
    client: Sender,
    idempotency_key: str | Unset = UNSET,
) -> Response[Verification]:
    """As ``sync``, with the answer's status and headers."""
    return _whole(
        client.send(
            _get_kwargs(
                id=id,
                idempotency_key=idempotency_key,
            )
        )
    )


async def asyncio(
    id: str,
    *,
    client: AsyncSender,
    idempotency_key: str | Unset = UNSET,
) -> Verification:
    """As ``sync``, with async."""
    return _parse(
        await client.send(
            _get_kwargs(
                id=id,
                idempotency_key=idempotency_key,
            )
        )
    )


async def asyncio_detailed(
    id: str,
    *,
    client: AsyncSender,
    idempotency_key: str | Unset = UNSET,
) -> Response[Verification]:
    """As ``sync_detailed``, with async."""
    return _whole(
        await client.send(
            _get_kwargs(
                id=id,
                idempotency_key=idempotency_key,
            )
        )
    )
