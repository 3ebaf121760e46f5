from http import HTTPStatus
from typing import Any
from urllib.parse import quote

import httpx

from ...client import AsyncSender, Sender
from ...models.add_oa_agent import AddOaAgent
from ...models.added_oa_agent import AddedOaAgent
from ...types import UNSET, Response, Unset


def _get_kwargs(
    oa_id: str,
    *,
    body: AddOaAgent,
    idempotency_key: str | Unset = UNSET,
) -> dict[str, Any]:
    headers: dict[str, Any] = {}
    if not isinstance(idempotency_key, Unset):
        headers["Idempotency-Key"] = idempotency_key

    _kwargs: dict[str, Any] = {
        "method": "post",
        "url": "/v1/oa/{oa_id}/agents".format(
            oa_id=quote(str(oa_id), safe=""),
        ),
    }
    _kwargs["json"] = body.to_dict()

    headers["Content-Type"] = "application/json"
    _kwargs["headers"] = headers
    return _kwargs


def _parse(response: httpx.Response) -> AddedOaAgent:
    response_201 = AddedOaAgent.from_dict(response.json())

    return response_201


def _whole(response: httpx.Response) -> Response[AddedOaAgent]:
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
    body: AddOaAgent,
    idempotency_key: str | Unset = UNSET,
) -> AddedOaAgent:
    """Add an agent.

    There are five at most. Zalo is not told: it has no API for it.

    The API key needs the scope `admin`.

    Args:
        client: Sends the request.
        oa_id (str):
        idempotency_key (str | Unset):
        body (AddOaAgent): ``POST /v1/oa/{oa_id}/agents``: one who makes and takes calls.

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
    body: AddOaAgent,
    idempotency_key: str | Unset = UNSET,
) -> Response[AddedOaAgent]:
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
    body: AddOaAgent,
    idempotency_key: str | Unset = UNSET,
) -> AddedOaAgent:
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
    body: AddOaAgent,
    idempotency_key: str | Unset = UNSET,
) -> Response[AddedOaAgent]:
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
