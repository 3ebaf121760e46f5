from http import HTTPStatus
from typing import Any
from urllib.parse import quote

import httpx

from ...client import AsyncSender, Sender
from ...models.check_code import CheckCode
from ...models.checked_code import CheckedCode
from ...types import UNSET, Response, Unset


def _get_kwargs(
    id: str,
    *,
    body: CheckCode,
    idempotency_key: str | Unset = UNSET,
) -> dict[str, Any]:
    headers: dict[str, Any] = {}
    if not isinstance(idempotency_key, Unset):
        headers["Idempotency-Key"] = idempotency_key

    _kwargs: dict[str, Any] = {
        "method": "post",
        "url": "/v1/verifications/{id}/check".format(
            id=quote(str(id), safe=""),
        ),
    }
    _kwargs["json"] = body.to_dict()

    headers["Content-Type"] = "application/json"
    _kwargs["headers"] = headers
    return _kwargs


def _parse(response: httpx.Response) -> CheckedCode:
    response_200 = CheckedCode.from_dict(response.json())

    return response_200


def _whole(response: httpx.Response) -> Response[CheckedCode]:
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
    body: CheckCode,
    idempotency_key: str | Unset = UNSET,
) -> CheckedCode:
    """Say whether a code is the right one; `approved` is answered once.

    The API key needs the scope `send`.

    Args:
        client: Sends the request.
        id (str):
        idempotency_key (str | Unset):
        body (CheckCode): ``POST /v1/verifications/{id}/check``: what the person entered.

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
    body: CheckCode,
    idempotency_key: str | Unset = UNSET,
) -> Response[CheckedCode]:
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
    body: CheckCode,
    idempotency_key: str | Unset = UNSET,
) -> CheckedCode:
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
    body: CheckCode,
    idempotency_key: str | Unset = UNSET,
) -> Response[CheckedCode]:
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
