from http import HTTPStatus
from typing import Any
from urllib.parse import quote

import httpx

from ...client import AsyncSender, Sender
from ...models.replay_events import ReplayEvents
from ...models.webhook_replay_started import WebhookReplayStarted
from ...types import UNSET, Response, Unset


def _get_kwargs(
    id: str,
    *,
    body: ReplayEvents,
    idempotency_key: str | Unset = UNSET,
) -> dict[str, Any]:
    headers: dict[str, Any] = {}
    if not isinstance(idempotency_key, Unset):
        headers["Idempotency-Key"] = idempotency_key

    _kwargs: dict[str, Any] = {
        "method": "post",
        "url": "/v1/webhook-endpoints/{id}/replay".format(
            id=quote(str(id), safe=""),
        ),
    }
    _kwargs["json"] = body.to_dict()

    headers["Content-Type"] = "application/json"
    _kwargs["headers"] = headers
    return _kwargs


def _parse(response: httpx.Response) -> WebhookReplayStarted:
    response_202 = WebhookReplayStarted.from_dict(response.json())

    return response_202


def _whole(response: httpx.Response) -> Response[WebhookReplayStarted]:
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
    body: ReplayEvents,
    idempotency_key: str | Unset = UNSET,
) -> WebhookReplayStarted:
    """Send events again, each once, also to an endpoint that is disabled.

    The API key needs the scope `admin`.

    Args:
        client: Sends the request.
        id (str):
        idempotency_key (str | Unset):
        body (ReplayEvents): ``POST /v1/webhook-endpoints/{id}/replay``: which events are sent
            again.

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
    body: ReplayEvents,
    idempotency_key: str | Unset = UNSET,
) -> Response[WebhookReplayStarted]:
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
    body: ReplayEvents,
    idempotency_key: str | Unset = UNSET,
) -> WebhookReplayStarted:
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
    body: ReplayEvents,
    idempotency_key: str | Unset = UNSET,
) -> Response[WebhookReplayStarted]:
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
