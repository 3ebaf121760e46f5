from http import HTTPStatus
from typing import Any

import httpx

from ...client import AsyncSender, Sender
from ...models.client_settings import ClientSettings
from ...models.replace_client_settings import ReplaceClientSettings
from ...types import Response


def _get_kwargs(
    *,
    body: ReplaceClientSettings,
) -> dict[str, Any]:
    headers: dict[str, Any] = {}

    _kwargs: dict[str, Any] = {
        "method": "put",
        "url": "/v1/settings",
    }
    _kwargs["json"] = body.to_dict()

    headers["Content-Type"] = "application/json"
    _kwargs["headers"] = headers
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
    body: ReplaceClientSettings,
) -> ClientSettings:
    """Replace all settings of the client but its cause table.

    A limit above the ceiling that the stack's operator has set for the client is refused
    (`above_ceiling`).

    The API key needs the scope `admin`.

    Args:
        client: Sends the request.
        body (ReplaceClientSettings): ``PUT /v1/settings``: all settings of the client; what is
            left out is as if never set.

    Raises:
        ApiError: The request was refused, or failed.
    """
    return _parse(
        client.send(
            _get_kwargs(
                body=body,
            )
        )
    )


def sync_detailed(
    *,
    client: Sender,
    body: ReplaceClientSettings,
) -> Response[ClientSettings]:
    """As ``sync``, with the answer's status and headers."""
    return _whole(
        client.send(
            _get_kwargs(
                body=body,
            )
        )
    )


async def asyncio(
    *,
    client: AsyncSender,
    body: ReplaceClientSettings,
) -> ClientSettings:
    """As ``sync``, with async."""
    return _parse(
        await client.send(
            _get_kwargs(
                body=body,
            )
        )
    )


async def asyncio_detailed(
    *,
    client: AsyncSender,
    body: ReplaceClientSettings,
) -> Response[ClientSettings]:
    """As ``sync_detailed``, with async."""
    return _whole(
        await client.send(
            _get_kwargs(
                body=body,
            )
        )
    )
