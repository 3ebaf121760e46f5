from http import HTTPStatus
from typing import Any

import httpx

from ...client import AsyncSender, Sender
from ...models.stack_health import StackHealth
from ...types import Response


def _get_kwargs() -> dict[str, Any]:

    _kwargs: dict[str, Any] = {
        "method": "get",
        "url": "/v1/health",
    }
    return _kwargs


def _parse(response: httpx.Response) -> StackHealth:
    response_200 = StackHealth.from_dict(response.json())

    return response_200


def _whole(response: httpx.Response) -> Response[StackHealth]:
    return Response(
        status_code=HTTPStatus(response.status_code),
        content=response.content,
        headers=response.headers,
        parsed=_parse(response),
    )


def sync(
    *,
    client: Sender,
) -> StackHealth:
    """200 when the table answers and the functions are set up right; else 503 as every problem.

    It asks no provider. 503 also where the layers were built for another processor, or where a
    parameter of the stack that is JSON cannot be read: `detail` says which.

    Raises:
        ApiError: The request was refused, or failed.
    """
    return _parse(client.send(_get_kwargs()))


def sync_detailed(
    *,
    client: Sender,
) -> Response[StackHealth]:
    """As ``sync``, with the answer's status and headers."""
    return _whole(client.send(_get_kwargs()))


async def asyncio(
    *,
    client: AsyncSender,
) -> StackHealth:
    """As ``sync``, with async."""
    return _parse(await client.send(_get_kwargs()))


async def asyncio_detailed(
    *,
    client: AsyncSender,
) -> Response[StackHealth]:
    """As ``sync_detailed``, with async."""
    return _whole(await client.send(_get_kwargs()))
