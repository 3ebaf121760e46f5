from http import HTTPStatus
from typing import Any
from urllib.parse import quote

import httpx

from ...client import AsyncSender, Sender
from ...models.place_oa_call import PlaceOaCall
from ...models.placed_oa_call import PlacedOaCall
from ...types import UNSET, Response, Unset


def _get_kwargs(
    oa_id: str,
    *,
    body: PlaceOaCall,
    idempotency_key: str | Unset = UNSET,
) -> dict[str, Any]:
    headers: dict[str, Any] = {}
    if not isinstance(idempotency_key, Unset):
        headers["Idempotency-Key"] = idempotency_key

    _kwargs: dict[str, Any] = {
        "method": "post",
        "url": "/v1/oa/{oa_id}/calls".format(
            oa_id=quote(str(oa_id), safe=""),
        ),
    }
    _kwargs["json"] = body.to_dict()

    headers["Content-Type"] = "application/json"
    _kwargs["headers"] = headers
    return _kwargs


def _parse(response: httpx.Response) -> PlacedOaCall:
    response_201 = PlacedOaCall.from_dict(response.json())

    return response_201


def _whole(response: httpx.Response) -> Response[PlacedOaCall]:
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
    body: PlaceOaCall,
    idempotency_key: str | Unset = UNSET,
) -> PlacedOaCall:
    """Make a call ready: a link, and its QR code, for an agent to open.

    All checks are made, and all that do not hold are named in `checks`. Where the customer's
    consent alone is in doubt, Zalo is asked about it first.

    The API key needs the scope `send`.

    Args:
        client: Sends the request.
        oa_id (str):
        idempotency_key (str | Unset):
        body (PlaceOaCall): ``POST /v1/oa/{oa_id}/calls``: an agent's call to a customer who has
            allowed it.

    Raises:
        ApiError: The request was refused, or failed.
    """
    return _parse(
        client.send(
            _get_kwargs(
                oa_id=oa_id,
                body=body,
                idempotency_key=idempotency_key,
            )
        )
    )


def sync_detailed(
    oa_id: str,
    *,
    client: Sender,
    body: PlaceOaCall,
    idempotency_key: str | Unset = UNSET,
) -> Response[PlacedOaCall]:
    """As ``sync``, with the answer's status and headers."""
    return _whole(
        client.send(
            _get_kwargs(
                oa_id=oa_id,
                body=body,
                idempotency_key=idempotency_key,
            )
        )
    )


async def asyncio(
    oa_id: str,
    *,
    client: AsyncSender,
    body: PlaceOaCall,
    idempotency_key: str | Unset = UNSET,
) -> PlacedOaCall:
    """As ``sync``, with async."""
    return _parse(
        await client.send(
            _get_kwargs(
                oa_id=oa_id,
                body=body,
                idempotency_key=idempotency_key,
            )
        )
    )


async def asyncio_detailed(
    oa_id: str,
    *,
    client: AsyncSender,
    body: PlaceOaCall,
    idempotency_key: str | Unset = UNSET,
) -> Response[PlacedOaCall]:
    """As ``sync_detailed``, with async."""
    return _whole(
        await client.send(
            _get_kwargs(
                oa_id=oa_id,
                body=body,
                idempotency_key=idempotency_key,
            )
        )
    )
