from http import HTTPStatus
from typing import Any

import httpx

from ...client import AsyncSender, Sender
from ...models.provider_page import ProviderPage
from ...types import Response


def _get_kwargs() -> dict[str, Any]:

    _kwargs: dict[str, Any] = {
        "method": "get",
        "url": "/v1/providers",
    }
    return _kwargs


def _parse(response: httpx.Response) -> ProviderPage:
    response_200 = ProviderPage.from_dict(response.json())

    return response_200


def _whole(response: httpx.Response) -> Response[ProviderPage]:
    return Response(
        status_code=HTTPStatus(response.status_code),
        content=response.content,
        headers=response.headers,
        parsed=_parse(response),
    )


def sync(
    *,
    client: Sender,
) -> ProviderPage:
    """Every provider, its channel, and whether it is asked at present.

    The API key needs the scope `read`.

    Raises:
        ApiError: The request was refused, or failed.
    """
    return _parse(client.send(_get_kwargs()))


def sync_detailed(
    *,
    client: Sender,
) -> Response[ProviderPage]:
    """As ``sync``, with the answer's status and headers."""
    return _whole(client.send(_get_kwargs()))


async def asyncio(
    *,
    client: AsyncSender,
) -> ProviderPage:
    """As ``sync``, with async."""
    return _parse(await client.send(_get_kwargs()))


async def asyncio_detailed(
    *,
    client: AsyncSender,
) -> Response[ProviderPage]:
    """As ``sync_detailed``, with async."""
    return _whole(await client.send(_get_kwargs()))
