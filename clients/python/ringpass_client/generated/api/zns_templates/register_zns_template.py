from http import HTTPStatus
from typing import Any

import httpx

from ...client import AsyncSender, Sender
from ...models.register_zns_template import RegisterZnsTemplate
from ...models.zns_template import ZnsTemplate
from ...types import UNSET, Response, Unset


def _get_kwargs(
    *,
    body: RegisterZnsTemplate,
    idempotency_key: str | Unset = UNSET,
) -> dict[str, Any]:
    headers: dict[str, Any] = {}
    if not isinstance(idempotency_key, Unset):
        headers["Idempotency-Key"] = idempotency_key

    _kwargs: dict[str, Any] = {
        "method": "post",
        "url": "/v1/zns-templates",
    }
    _kwargs["json"] = body.to_dict()

    headers["Content-Type"] = "application/json"
    _kwargs["headers"] = headers
    return _kwargs


def _parse(response: httpx.Response) -> ZnsTemplate:
    response_201 = ZnsTemplate.from_dict(response.json())

    return response_201


def _whole(response: httpx.Response) -> Response[ZnsTemplate]:
    return Response(
        status_code=HTTPStatus(response.status_code),
        content=response.content,
        headers=response.headers,
        parsed=_parse(response),
    )


def sync(
    *,
    client: Sender,
    body: RegisterZnsTemplate,
    idempotency_key: str | Unset = UNSET,
) -> ZnsTemplate:
    """Register a template as it is at Zalo and at CareSoft.

    Neither Zalo nor CareSoft is told: it mirrors what is set up there.

    The API key needs the scope `admin`.

    Args:
        client: Sends the request.
        idempotency_key (str | Unset):
        body (RegisterZnsTemplate): ``POST /v1/zns-templates``: a template, as it is at Zalo and
            at CareSoft.

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
    body: RegisterZnsTemplate,
    idempotency_key: str | Unset = UNSET,
) -> Response[ZnsTemplate]:
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
    body: RegisterZnsTemplate,
    idempotency_key: str | Unset = UNSET,
) -> ZnsTemplate:
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
    body: RegisterZnsTemplate,
    idempotency_key: str | Unset = UNSET,
) -> Response[ZnsTemplate]:
    """As ``sync_detailed``, with async."""
    return _whole(
        await client.send(
            _get_kwargs(
                body=body,
                idempotency_key=idempotency_key,
            )
        )
    )
