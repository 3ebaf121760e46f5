from http import HTTPStatus
from typing import Any
from urllib.parse import quote

import httpx

from ...client import AsyncSender, Sender
from ...types import UNSET, Response, Unset


def _get_kwargs(
    phone: str,
    *,
    region: str | Unset = UNSET,
    cursor: str | Unset = UNSET,
) -> dict[str, Any]:

    params: dict[str, Any] = {}

    params["region"] = region

    params["cursor"] = cursor

    params = {k: v for k, v in params.items() if v is not UNSET and v is not None}

    _kwargs: dict[str, Any] = {
        "method": "get",
        "url": "/v1/phones/{phone}".format(
            phone=quote(str(phone), safe=""),
        ),
        "params": params,
    }
    return _kwargs


def _parse(response: httpx.Response) -> str:
    response_200 = response.text
    return response_200


def _whole(response: httpx.Response) -> Response[str]:
    return Response(
        status_code=HTTPStatus(response.status_code),
        content=response.content,
        headers=response.headers,
        parsed=_parse(response),
    )


def sync(
    phone: str,
    *,
    client: Sender,
    region: str | Unset = UNSET,
    cursor: str | Unset = UNSET,
) -> str:
    """All that is known of a number, one record in a line.

    Codes are nowhere stored, so none is in it.

    The API key needs the scope `admin`.

    Args:
        client: Sends the request.
        phone (str):
        region (str | Unset):
        cursor (str | Unset):

    Raises:
        ApiError: The request was refused, or failed.
    """
    return _parse(
        client.send(
            _get_kwargs(
                phone=phone,
                region=region,
                cursor=cursor,
            )
        )
    )


def sync_detailed(
    phone: str,
    *,
    client: Sender,
    region: str | Unset = UNSET,
    cursor: str | Unset = UNSET,
) -> Response[str]:
    """As ``sync``, with the answer's status and headers."""
    return _whole(
        client.send(
            _get_kwargs(
                phone=phone,
                region=region,
                cursor=cursor,
            )
        )
    )


async def asyncio(
    phone: str,
    *,
    client: AsyncSender,
    region: str | Unset = UNSET,
    cursor: str | Unset = UNSET,
) -> str:
    """As ``sync``, with async."""
    return _parse(
        await client.send(
            _get_kwargs(
                phone=phone,
                region=region,
                cursor=cursor,
            )
        )
    )


async def asyncio_detailed(
    phone: str,
    *,
    client: AsyncSender,
    region: str | Unset = UNSET,
    cursor: str | Unset = UNSET,
) -> Response[str]:
    """As ``sync_detailed``, with async."""
    return _whole(
        await client.send(
            _get_kwargs(
                phone=phone,
                region=region,
                cursor=cursor,
            )
        )
    )
