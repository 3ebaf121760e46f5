from http import HTTPStatus
from typing import Any
from urllib.parse import quote

import httpx

from ...client import AsyncSender, Sender
from ...models.new_webhook_endpoint import NewWebhookEndpoint
from ...models.rotate_webhook_secret import RotateWebhookSecret
from ...types import UNSET, Response, Unset


def _get_kwargs(
    id: str,
    *,
    body: RotateWebhookSecret | Unset = UNSET,
    idempotency_key: str | Unset = UNSET,
) -> dict[str, Any]:
    headers: dict[str, Any] = {}
    if not isinstance(idempotency_key, Unset):
        headers["Idempotency-Key"] = idempotency_key

    _kwargs: dict[str, Any] = {
        "method": "post",
        "url": "/v1/webhook-endpoints/{id}/rotate-secret".format(
            id=quote(str(id), safe=""),
        ),
    }

    if not isinstance(body, Unset):
        _kwargs["json"] = body.to_dict()

    headers["Content-Type"] = "application/json"
    _kwargs["headers"] = headers
    return _kwargs


def _parse(response: httpx.Response) -> NewWebhookEndpoint:
    response_200 = NewWebhookEndpoint.from_dict(response.json())

    return response_200


def _whole(response: httpx.Response) -> Response[NewWebhookEndpoint]:
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
    body: RotateWebhookSecret | Unset = UNSET,
    idempotency_key: str | Unset = UNSET,
) -> NewWebhookEndpoint:
    """Make a new secret; the old one signs as well, a day long without a body.

    The API key needs the scope `admin`.

    Args:
        client: Sends the request.
        id (str):
        idempotency_key (str | Unset):
        body (RotateWebhookSecret | Unset): ``POST /v1/webhook-endpoints/{id}/rotate-secret``.

    Raises:
        ApiError: The request was refused, or failed.
    """
    return _parse(
        client.send(
            _get_kwargs(
                id=id,
                body=body,
                idempotency_key=idempotency_key,
            )
        )
    )


def sync_detailed(
    id: str,
    *,
    client: Sender,
    body: RotateWebhookSecret | Unset = UNSET,
    idempotency_key: str | Unset = UNSET,
) -> Response[NewWebhookEndpoint]:
    """As ``sync``, with the answer's status and headers."""
    return _whole(
        client.send(
            _get_kwargs(
                id=id,
                body=body,
                idempotency_key=idempotency_key,
            )
        )
    )


async def asyncio(
    id: str,
    *,
    client: AsyncSender,
    body: RotateWebhookSecret | Unset = UNSET,
    idempotency_key: str | Unset = UNSET,
) -> NewWebhookEndpoint:
    """As ``sync``, with async."""
    return _parse(
        await client.send(
            _get_kwargs(
                id=id,
                body=body,
                idempotency_key=idempotency_key,
            )
        )
    )


async def asyncio_detailed(
    id: str,
    *,
    client: AsyncSender,
    body: RotateWebhookSecret | Unset = UNSET,
    idempotency_key: str | Unset = UNSET,
) -> Response[NewWebhookEndpoint]:
    """As ``sync_detailed``, with async."""
    return _whole(
        await client.send(
            _get_kwargs(
                id=id,
                body=body,
                idempotency_key=idempotency_key,
            )
        )
    )
