from http import HTTPStatus
from typing import Any
from urllib.parse import quote

import httpx

from ...client import AsyncSender, Sender
from ...models.oa_settings import OaSettings
from ...types import Response


def _get_kwargs(
    oa_id: str,
) -> dict[str, Any]:

    _kwargs: dict[str, Any] = {
        "method": "get",
        "url": "/v1/oa/{oa_id}/settings".format(
            oa_id=quote(str(oa_id), safe=""),
        ),
    }
    return _kwargs


def _parse(response: httpx.Response) -> OaSettings:
    response_200 = OaSettings.from_dict(response.json())

    return response_200


def _whole(response: httpx.Response) -> Response[OaSettings]:
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
) -> OaSettings:
    """The settings of the OA's call desk.

    The API key needs the scope `read`.

    Args:
        client: Sends the request.
        oa_id (str):

    Raises:
        ApiError: The request was refused, or failed.
    """
    return _parse(
        client.send(
            _get_kwargs(
                oa_id=oa_id,
            )
        )
    )


def sync_detailed(
    oa_id: str,
    *,
    client: Sender,
) -> Response[OaSettings]:
    """As ``sync``, with the answer's status and headers."""
    return _whole(
        client.send(
            _get_kwargs(
                oa_id=oa_id,
            )
        )
    )


async def asyncio(
    oa_id: str,
    *,
    client: AsyncSender,
) -> OaSettings:
    """As ``sync``, with async."""
    return _parse(
        await client.send(
            _get_kwargs(
                oa_id=oa_id,
            )
        )
    )


async def asyncio_detailed(
    oa_id: str,
    *,
    client: AsyncSender,
) -> Response[OaSettings]:
    """As ``sync_detailed``, with async."""
    return _whole(
        await client.send(
            _get_kwargs(
                oa_id=oa_id,
            )
        )
    )
