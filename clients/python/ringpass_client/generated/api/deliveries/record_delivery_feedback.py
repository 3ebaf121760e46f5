from http import HTTPStatus
from typing import Any
from urllib.parse import quote

import httpx

from ...client import AsyncSender, Sender
from ...models.delivery import Delivery
from ...models.record_delivery_feedback import RecordDeliveryFeedback
from ...types import UNSET, Response, Unset


def _get_kwargs(
    id: str,
    *,
    body: RecordDeliveryFeedback,
    idempotency_key: str | Unset = UNSET,
) -> dict[str, Any]:
    headers: dict[str, Any] = {}
    if not isinstance(idempotency_key, Unset):
        headers["Idempotency-Key"] = idempotency_key

    _kwargs: dict[str, Any] = {
        "method": "post",
        "url": "/v1/deliveries/{id}/feedback".format(
            id=quote(str(id), safe=""),
        ),
    }
    _kwargs["json"] = body.to_dict()

    headers["Content-Type"] = "application/json"
    _kwargs["headers"] = headers
    return _kwargs


def _parse(response: httpx.Response) -> Delivery:
    response_200 = Delivery.from_dict(response.json())

    return response_200


def _whole(response: httpx.Response) -> Response[Delivery]:
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
    body: RecordDeliveryFeedback,
    idempotency_key: str | Unset = UNSET,
) -> Delivery:
    """Say whether the code of a single send was verified.

    For single sends, whose codes the caller checks itself. A verified code counts in the
    statistics and in the fraud budget, once however often it is reported. `true` is final;
    `false` may be followed by `true`.

    The API key needs the scope `send`.

    Args:
        client: Sends the request.
        id (str):
        idempotency_key (str | Unset):
        body (RecordDeliveryFeedback): ``POST /v1/deliveries/{id}/feedback``: what became of the
            code of a single send.

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
    body: RecordDeliveryFeedback,
    idempotency_key: str | Unset = UNSET,
) -> Response[Delivery]:
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
    body: RecordDeliveryFeedback,
    idempotency_key: str | Unset = UNSET,
) -> Delivery:
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
    body: RecordDeliveryFeedback,
    idempotency_key: str | Unset = UNSET,
) -> Response[Delivery]:
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
