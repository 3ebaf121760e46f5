from http import HTTPStatus
from typing import Any

import httpx

from ...client import AsyncSender, Sender
from ...models.cause_table import CauseTable
from ...models.replace_cause_table import ReplaceCauseTable
from ...types import Response


def _get_kwargs(
    *,
    body: ReplaceCauseTable,
) -> dict[str, Any]:
    headers: dict[str, Any] = {}

    _kwargs: dict[str, Any] = {
        "method": "put",
        "url": "/v1/cause-table",
    }
    _kwargs["json"] = body.to_dict()

    headers["Content-Type"] = "application/json"
    _kwargs["headers"] = headers
    return _kwargs


def _parse(response: httpx.Response) -> CauseTable:
    response_200 = CauseTable.from_dict(response.json())

    return response_200


def _whole(response: httpx.Response) -> Response[CauseTable]:
    return Response(
        status_code=HTTPStatus(response.status_code),
        content=response.content,
        headers=response.headers,
        parsed=_parse(response),
    )


def sync(
    *,
    client: Sender,
    body: ReplaceCauseTable,
) -> CauseTable:
    """Replace all that the client changes of the default table.

    Rows that are not sent are those of the default table.

    The API key needs the scope `admin`.

    Args:
        client: Sends the request.
        body (ReplaceCauseTable): ``PUT /v1/cause-table``: all changes that the client makes to
            the defaults.

    Raises:
        ApiError: The request was refused, or failed.
    """
    return _parse(
        client.send(
            _get_kwargs(
                body=body,
            )
        )
    )


def sync_detailed(
    *,
    client: Sender,
    body: ReplaceCauseTable,
) -> Response[CauseTable]:
    """As ``sync``, with the answer's status and headers."""
    return _whole(
        client.send(
            _get_kwargs(
                body=body,
            )
        )
    )


async def asyncio(
    *,
    client: AsyncSender,
    body: ReplaceCauseTable,
) -> CauseTable:
    """As ``sync``, with async."""
    return _parse(
        await client.send(
            _get_kwargs(
                body=body,
            )
        )
    )


async def asyncio_detailed(
    *,
    client: AsyncSender,
    body: ReplaceCauseTable,
) -> Response[CauseTable]:
    """As ``sync_detailed``, with async."""
    return _whole(
        await client.send(
            _get_kwargs(
                body=body,
            )
        )
    )
