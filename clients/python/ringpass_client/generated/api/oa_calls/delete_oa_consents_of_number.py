from http import HTTPStatus
from typing import Any
from urllib.parse import quote

import httpx

from ...client import AsyncSender, Sender
from ...models.oa_consent import OaConsent
from ...types import UNSET, Response, Unset


def _get_kwargs(
    oa_id: str,
    *,
    phone: str,
    region: str | Unset = UNSET,
) -> dict[str, Any]:

    params: dict[str, Any] = {}

    params["phone"] = phone

    params["region"] = region

    params = {k: v for k, v in params.items() if v is not UNSET and v is not None}

    _kwargs: dict[str, Any] = {
        "method": "delete",
        "url": "/v1/oa/{oa_id}/consents".format(
            oa_id=quote(str(oa_id), safe=""),
        ),
        "params": params,
    }
    return _kwargs


def _parse(response: httpx.Response) -> OaConsent:
    response_200 = OaConsent.from_dict(response.json())

    return response_200


def _whole(response: httpx.Response) -> Response[OaConsent]:
    return Response(
        status_code=HTTPStatus(response.status_code),
        content=response.content,
        headers=response.headers,
        parsed=_parse(response),
    )


def sync(
    oa_id: str,
    *,
    client: Sender,
    phone: str,
    region: str | Unset = UNSET,
) -> OaConsent:
    """Delete what is known of a number.

    The API key needs the scope `admin`.

    Args:
        client: Sends the request.
        oa_id (str):
        phone (str):
        region (str | Unset):

    Raises:
        ApiError: The request was refused, or failed.
    """
    return _parse(
        client.send(
            _get_kwargs(
                oa_id=oa_id,
                phone=phone,
                region=region,
            )
        )
    )


def sync_detailed(
    oa_id: str,
    *,
    client: Sender,
    phone: str,
    region: str | Unset = UNSET,
) -> Response[OaConsent]:
    """As ``sync``, with the answer's status and headers."""
    return _whole(
        client.send(
            _get_kwargs(
                oa_id=oa_id,
                phone=phone,
                region=region,
            )
        )
    )


async def asyncio(
    oa_id: str,
    *,
    client: AsyncSender,
    phone: str,
    region: str | Unset = UNSET,
) -> OaConsent:
    """As ``sync``, with async."""
    return _parse(
        await client.send(
            _get_kwargs(
                oa_id=oa_id,
                phone=phone,
                region=region,
            )
        )
    )


async def asyncio_detailed(
    oa_id: str,
    *,
    client: AsyncSender,
    phone: str,
    region: str | Unset = UNSET,
) -> Response[OaConsent]:
    """As ``sync_detailed``, with async."""
    return _whole(
        await client.send(
            _get_kwargs(
                oa_id=oa_id,
                phone=phone,
                region=region,
            )
        )
    )
