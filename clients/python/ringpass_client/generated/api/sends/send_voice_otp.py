from http import HTTPStatus
from typing import Any

import httpx

from ...client import AsyncSender, Sender
from ...models.delivery import Delivery
from ...models.send_voice_otp import SendVoiceOtp
from ...types import UNSET, Response, Unset


def _get_kwargs(
    *,
    body: SendVoiceOtp,
    idempotency_key: str | Unset = UNSET,
) -> dict[str, Any]:
    headers: dict[str, Any] = {}
    if not isinstance(idempotency_key, Unset):
        headers["Idempotency-Key"] = idempotency_key

    _kwargs: dict[str, Any] = {
        "method": "post",
        "url": "/v1/voice-otp",
    }
    _kwargs["json"] = body.to_dict()

    headers["Content-Type"] = "application/json"
    _kwargs["headers"] = headers
    return _kwargs


def _parse(response: httpx.Response) -> Delivery:
    response_202 = Delivery.from_dict(response.json())

    return response_202


def _whole(response: httpx.Response) -> Response[Delivery]:
    return Response(
        status_code=HTTPStatus(response.status_code),
        content=response.content,
        headers=response.headers,
        parsed=_parse(response),
    )


def sync(
    *,
    client: Sender,
    body: SendVoiceOtp,
    idempotency_key: str | Unset = UNSET,
) -> Delivery:
    """Have the code read out over the phone.

    Vietnamese numbers only, through Bizfly.

    The API key needs the scope `send`.

    Args:
        client: Sends the request.
        idempotency_key (str | Unset):
        body (SendVoiceOtp): ``POST /v1/voice-otp``: a call that reads a code out.

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
    body: SendVoiceOtp,
    idempotency_key: str | Unset = UNSET,
) -> Response[Delivery]:
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
    body: SendVoiceOtp,
    idempotency_key: str | Unset = UNSET,
) -> Delivery:
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
    body: SendVoiceOtp,
    idempotency_key: str | Unset = UNSET,
) -> Response[Delivery]:
    """As ``sync_detailed``, with async."""
    return _whole(
        await client.send(
            _get_kwargs(
                body=body,
                idempotency_key=idempotency_key,
            )
        )
    )
