from http import HTTPStatus
from typing import Any
from urllib.parse import quote

import httpx

from ...client import AsyncSender, Sender
from ...models.oa_call import OaCall
from ...types import Response


def _get_kwargs(
    oa_id: str,
    id: str,
) -> dict[str, Any]:

    _kwargs: dict[str, Any] = {
        "method": "get",
        "url": "/v1/oa/{oa_id}/calls/{id}".format(
            oa_id=quote(str(oa_id), safe=""),
            id=quote(str(id), safe=""),
        ),
    }
    return _kwargs


def _parse(response: httpx.Response) -> OaCall:
    response_200 = OaCall.from_dict(response.json())

    return response_200


def _whole(response: httpx.Response) -> Response[OaCall]:
    return Response(
        status_code=HTTPStatus(response.status_code),
        content=response.content,
        headers=response.headers,
        parsed=_parse(response),
    )


def sync(
    oa_id: str,
    id: str,
    *,
    client: Sender,
) -> OaCall:
    """One of the OA's calls.

    The API key needs the scope `read`.

    Args:
        client: Sends the request.
        oa_id (str):
        id (str):

    Raises:
        ApiError: The request was refused, or failed.
    """
    return _parse(
        client.send(
            _get_kwargs(
                oa_id=oa_id,
                id=id,
            )
        )
    )


def sync_detailed(
    oa_id: str,
    id: str,
    *,
    client: Sender,
) -> Response[OaCall]:
    """As ``sync``, with the answer's status and headers."""
    return _whole(
        client.send(
            _get_kwargs(
                oa_id=oa_id,
                id=id,
            )
        )
    )


async def asyncio(
    oa_id: str,
    id: str,
    *,
    client: AsyncSender,
) -> OaCall:
    """As ``sync``, with async."""
    return _parse(
        await client.send(
            _get_kwargs(
                oa_id=oa_id,
                id=id,
            )
        )
    )


async def asyncio_detailed(
    oa_id: str,
    id: str,
    *,
    client: AsyncSender,
) -> Response[OaCall]:
    """As ``sync_detailed``, with async."""
    return _whole(
        await client.send(
            _get_kwargs(
                oa_id=oa_id,
                id=id,
            )
        )
    )
