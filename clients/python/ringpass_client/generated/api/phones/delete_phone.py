from http import HTTPStatus
from typing import Any
from urllib.parse import quote

import httpx

from ...client import AsyncSender, Sender
from ...models.phone_deletion import PhoneDeletion
from ...types import UNSET, Response, Unset


def _get_kwargs(
    phone: str,
    *,
    region: str | Unset = UNSET,
) -> dict[str, Any]:

    params: dict[str, Any] = {}

    params["region"] = region

    params = {k: v for k, v in params.items() if v is not UNSET and v is not None}

    _kwargs: dict[str, Any] = {
        "method": "delete",
        "url": "/v1/phones/{phone}".format(
            phone=quote(str(phone), safe=""),
        ),
        "params": params,
    }
    return _kwargs


def _parse(response: httpx.Response) -> PhoneDeletion:
    response_200 = PhoneDeletion.from_dict(response.json())

    return response_200


def _whole(response: httpx.Response) -> Response[PhoneDeletion]:
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
) -> PhoneDeletion:
    """Delete what is known of a number; the same request again goes on.

    While `complete` is false, the same request again goes on.

    The API key needs the scope `admin`.

    Args:
        client: Sends the request.
        phone (str):
        region (str | Unset):

    Raises:
        ApiError: The request was refused, or failed.
    """
    return _parse(
        client.send(
            _get_kwargs(
                phone=phone,
                region=region,
            )
        )
    )


def sync_detailed(
    phone: str,
    *,
    client: Sender,
    region: str | Unset = UNSET,
) -> Response[PhoneDeletion]:
    """As ``sync``, with the answer's status and headers."""
    return _whole(
        client.send(
            _get_kwargs(
                phone=phone,
                region=region,
            )
        )
    )


async def asyncio(
    phone: str,
    *,
    client: AsyncSender,
    region: str | Unset = UNSET,
) -> PhoneDeletion:
    """As ``sync``, with async."""
    return _parse(
        await client.send(
            _get_kwargs(
                phone=phone,
                region=region,
            )
        )
    )


async def asyncio_detailed(
    phone: str,
    *,
    client: AsyncSender,
    region: str | Unset = UNSET,
) -> Response[PhoneDeletion]:
    """As ``sync_detailed``, with async."""
    return _whole(
        await client.send(
            _get_kwargs(
                phone=phone,
                region=region,
            )
        )
    )
