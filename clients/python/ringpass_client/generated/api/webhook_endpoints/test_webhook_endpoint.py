from http import HTTPStatus
from typing import Any
from urllib.parse import quote

import httpx

from ...client import AsyncSender, Sender
from ...models.webhook_test_sent import WebhookTestSent
from ...types import Response


def _get_kwargs(
    id: str,
) -> dict[str, Any]:

    _kwargs: dict[str, Any] = {
        "method": "post",
        "url": "/v1/webhook-endpoints/{id}/test".format(
            id=quote(str(id), safe=""),
        ),
    }
    return _kwargs


def _parse(response: httpx.Response) -> WebhookTestSent:
    response_202 = WebhookTestSent.from_dict(response.json())

    return response_202


def _whole(response: httpx.Response) -> Response[WebhookTestSent]:
    return Response(
        status_code=HTTPStatus(response.status_code),
        content=response.content,
        headers=response.headers,
        parsed=_parse(response),
    )


def sync(
    id: str,
    *,
    client: Sender,
) -> WebhookTestSent:
    """Send a `ping`, once, also to an endpoint that is disabled.

    The API key needs the scope `admin`.

    Args:
        client: Sends the request.
        id (str):

    Raises:
        ApiError: The request was refused, or failed.
    """
    return _parse(
        client.send(
            _get_kwargs(
                id=id,
            )
        )
    )


def sync_detailed(
    id: str,
    *,
    client: Sender,
) -> Response[WebhookTestSent]:
    """As ``sync``, with the answer's status and headers."""
    return _whole(
        client.send(
            _get_kwargs(
                id=id,
            )
        )
    )


async def asyncio(
    id: str,
    *,
    client: AsyncSender,
) -> WebhookTestSent:
    """As ``sync``, with async."""
    return _parse(
        await client.send(
            _get_kwargs(
                id=id,
            )
        )
    )


async def asyncio_detailed(
    id: str,
    *,
    client: AsyncSender,
) -> Response[WebhookTestSent]:
    """As ``sync_detailed``, with async."""
    return _whole(
        await client.send(
            _get_kwargs(
                id=id,
            )
        )
    )
