from http import HTTPStatus
from typing import Any
from urllib.parse import quote

import httpx

from ...client import AsyncSender, Sender
from ...models.export_oa_consents_format import ExportOaConsentsFormat
from ...types import UNSET, Response, Unset


def _get_kwargs(
    oa_id: str,
    *,
    format_: ExportOaConsentsFormat | Unset = UNSET,
    cursor: str | Unset = UNSET,
) -> dict[str, Any]:

    params: dict[str, Any] = {}

    json_format_: str | Unset = UNSET
    if not isinstance(format_, Unset):
        json_format_ = format_.value

    params["format"] = json_format_

    params["cursor"] = cursor

    params = {k: v for k, v in params.items() if v is not UNSET and v is not None}

    _kwargs: dict[str, Any] = {
        "method": "get",
        "url": "/v1/oa/{oa_id}/consents/export".format(
            oa_id=quote(str(oa_id), safe=""),
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
    oa_id: str,
    *,
    client: Sender,
    format_: ExportOaConsentsFormat | Unset = UNSET,
    cursor: str | Unset = UNSET,
) -> str:
    """All facts that permissions follow from, one in a line.

    The API key needs the scope `admin`.

    Args:
        client: Sends the request.
        oa_id (str):
        format_ (ExportOaConsentsFormat | Unset):
        cursor (str | Unset):

    Raises:
        ApiError: The request was refused, or failed.
    """
    return _parse(
        client.send(
            _get_kwargs(
                oa_id=oa_id,
                format_=format_,
                cursor=cursor,
            )
        )
    )


def sync_detailed(
    oa_id: str,
    *,
    client: Sender,
    format_: ExportOaConsentsFormat | Unset = UNSET,
    cursor: str | Unset = UNSET,
) -> Response[str]:
    """As ``sync``, with the answer's status and headers."""
    return _whole(
        client.send(
            _get_kwargs(
                oa_id=oa_id,
                format_=format_,
                cursor=cursor,
            )
        )
    )


async def asyncio(
    oa_id: str,
    *,
    client: AsyncSender,
    format_: ExportOaConsentsFormat | Unset = UNSET,
    cursor: str | Unset = UNSET,
) -> str:
    """As ``sync``, with async."""
    return _parse(
        await client.send(
            _get_kwargs(
                oa_id=oa_id,
                format_=format_,
                cursor=cursor,
            )
        )
    )


async def asyncio_detailed(
    oa_id: str,
    *,
    client: AsyncSender,
    format_: ExportOaConsentsFormat | Unset = UNSET,
    cursor: str | Unset = UNSET,
) -> Response[str]:
    """As ``sync_detailed``, with async."""
    return _whole(
        await client.send(
            _get_kwargs(
                oa_id=oa_id,
                format_=format_,
                cursor=cursor,
            )
        )
    )
