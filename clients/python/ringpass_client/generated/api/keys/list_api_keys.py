from http import HTTPStatus
from typing import Any

import httpx

from ...client import AsyncSender, Sender
from ...models.api_key_page import ApiKeyPage
from ...types import UNSET, Response, Unset


def _get_kwargs(
    *,
    limit: int | Unset = UNSET,
    cursor: str | Unset = UNSET,
) -> dict[str, Any]:

    params: dict[str, Any] = {}

    params["limit"] = limit

    params["cursor"] = cursor

    params = {k: v for k, v in params.items() if v is not UNSET and v is not None}

    _kwargs: dict[str, Any] = {
        "method": "get",
        "url": "/v1/keys",
        "params": params,
    }
    return _kwargs


def _parse(response: httpx.Response) -> ApiKeyPage:
    response_200 = ApiKeyPage.from_dict(response.json())

    return response_200


def _whole(response: httpx.Response) -> Response[ApiKeyPage]:
    return Response(
        status_code=HTTPStatus(response.status_code),
        content=response.content,
        headers=response.headers,
        parsed=_parse(response),
    )


def sync(
    *,
    client: Sender,
    limit: int | Unset = UNSET,
    cursor: str | Unset = UNSET,
) -> ApiKeyPage:
    """The client's keys, newest first, without their secrets.

    The API key needs the scope `admin`.

    Args:
        client: Sends the request.
        limit (int | Unset):
        cursor (str | Unset):

    Raises:
        ApiError: The request was refused, or failed.
    """
    return _parse(
        client.send(
            _get_kwargs(
                limit=limit,
                cursor=cursor,
            )
        )
    )


def sync_detailed(
    *,
    client: Sender,
    limit: int | Unset = UNSET,
    cursor: str | Unset = UNSET,
) -> Response[ApiKeyPage]:
    """As ``sync``, with the answer's status and headers."""
    return _whole(
        client.send(
            _get_kwargs(
                limit=limit,
                cursor=cursor,
            )
        )
    )


async def asyncio(
    *,
    client: AsyncSender,
    limit: int | Unset = UNSET,
    cursor: str | Unset = UNSET,
) -> ApiKeyPage:
    """As ``sync``, with async."""
    return _parse(
        await client.send(
            _get_kwargs(
                limit=limit,
                cursor=cursor,
            )
        )
    )


async def asyncio_detailed(
    *,
    client: AsyncSender,
    limit: int | Unset = UNSET,
    cursor: str | Unset = UNSET,
) -> Response[ApiKeyPage]:
    """As ``sync_detailed``, with async."""
    return _whole(
        await client.send(
            _get_kwargs(
                limit=limit,
                cursor=cursor,
            )
        )
    )
