from http import HTTPStatus
from typing import Any

import httpx

from ...client import AsyncSender, Sender
from ...models.new_webhook_endpoint import NewWebhookEndpoint
from ...models.register_webhook_endpoint import RegisterWebhookEndpoint
from ...types import UNSET, Response, Unset


def _get_kwargs(
    *,
    body: RegisterWebhookEndpoint,
    idempotency_key: str | Unset = UNSET,
) -> dict[str, Any]:
    headers: dict[str, Any] = {}
    if not isinstance(idempotency_key, Unset):
        headers["Idempotency-Key"] = idempotency_key

    _kwargs: dict[str, Any] = {
        "method": "post",
        "url": "/v1/webhook-endpoints",
    }
    _kwargs["json"] = body.to_dict()

    headers["Content-Type"] = "application/json"
    _kwargs["headers"] = headers
    return _kwargs


def _parse(response: httpx.Response) -> NewWebhookEndpoint:
    response_201 = NewWebhookEndpoint.from_dict(response.json())

    return response_201


def _whole(response: httpx.Response) -> Response[NewWebhookEndpoint]:
    return Response(
        status_code=HTTPStatus(response.status_code),
        content=response.content,
        headers=response.headers,
        parsed=_parse(response),
    )


def sync(
    *,
    client: Sender,
    body: RegisterWebhookEndpoint,
    idempotency_key: str | Unset = UNSET,
) -> NewWebhookEndpoint:
    """Register where events are posted; this answer is the one time that its secret is seen.

    An endpoint gets what happens from now on.

    The API key needs the scope `admin`.

    Args:
        client: Sends the request.
        idempotency_key (str | Unset):
        body (RegisterWebhookEndpoint): ``POST /v1/webhook-endpoints``.

    Raises:
        ApiError: The request was refused, or failed.
    """
    return _parse(
        client.send(
            _get_kwargs(
                body=body,
                idempotency_key=idempotency_key,
            )
        )
    )


def sync_detailed(
    *,
    client: Sender,
    body: RegisterWebhookEndpoint,
    idempotency_key: str | Unset = UNSET,
) -> Response[NewWebhookEndpoint]:
    """As ``sync``, with the answer's status and headers."""
    return _whole(
        client.send(
            _get_kwargs(
                body=body,
                idempotency_key=idempotency_key,
            )
        )
    )


async def asyncio(
    *,
    client: AsyncSender,
    body: RegisterWebhookEndpoint,
    idempotency_key: str | Unset = UNSET,
) -> NewWebhookEndpoint:
    """As ``sync``, with async."""
    return _parse(
        await client.send(
            _get_kwargs(
                body=body,
                idempotency_key=idempotency_key,
            )
        )
    )


async def asyncio_detailed(
    *,
    client: AsyncSender,
    body: RegisterWebhookEndpoint,
    idempotency_key: str | Unset = UNSET,
) -> Response[NewWebhookEndpoint]:
    """As ``sync_detailed``, with async."""
    return _whole(
        await client.send(
            _get_kwargs(
                body=body,
                idempotency_key=idempotency_key,
            )
        )
    )
