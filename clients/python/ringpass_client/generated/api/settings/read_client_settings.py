from http import HTTPStatus
from typing import Any

import httpx

from ...client import AsyncSender, Sender
from ...models.client_settings import ClientSettings
from ...types import Response


def _get_kwargs() -> dict[str, Any]:

    _kwargs: dict[str, Any] = {
        "method": "get",
        "url": "/v1/settings",
    }
    return _kwargs


def _parse(response: httpx.Response) -> ClientSettings:
    response_200 = ClientSettings.from_dict(response.json())

    return response_200


def _whole(response: httpx.Response) -> Response[ClientSettings]:
    return Response(
        status_code=HTTPStatus(response.status_code),
        content=response.content,
        headers=response.headers,
        parsed=_parse(response),
    )


def sync(
    *,
    client: Sender,
) -> ClientSettings:
    """What the client has set.

    The API key needs the scope `read`.

    Raises:
        ApiError: The request was refused, or failed.
    """
    return _parse(client.send(_get_kwargs()))


def sync_detailed(
    *,
    client: Sender,
) -> Response[ClientSettings]:
    """As ``sync``, with the answer's status and headers."""
    return _whole(client.send(_get_kwargs()))


async def asyncio(
    *,
    client: AsyncSender,
) -> ClientSettings:
    """As ``sync``, with async."""
    return _parse(await client.send(_get_kwargs()))


async def asyncio_detailed(
    *,
    client: AsyncSender,
) -> Response[ClientSettings]:
    """As ``sync_detailed``, with async."""
    return _whole(await client.send(_get_kwargs()))
