from http import HTTPStatus
from typing import Any

import httpx

from ...client import AsyncSender, Sender
from ...models.statistics import Statistics
from ...types import UNSET, Response, Unset


def _get_kwargs(
    *,
    from_: str | Unset = UNSET,
    to: str | Unset = UNSET,
    by: str | Unset = UNSET,
) -> dict[str, Any]:

    params: dict[str, Any] = {}

    params["from"] = from_

    params["to"] = to

    params["by"] = by

    params = {k: v for k, v in params.items() if v is not UNSET and v is not None}

    _kwargs: dict[str, Any] = {
        "method": "get",
        "url": "/v1/statistics",
        "params": params,
    }
    return _kwargs


def _parse(response: httpx.Response) -> Statistics:
    response_200 = Statistics.from_dict(response.json())

    return response_200


def _whole(response: httpx.Response) -> Response[Statistics]:
    return Response(
        status_code=HTTPStatus(response.status_code),
        content=response.content,
        headers=response.headers,
        parsed=_parse(response),
    )


def sync(
    *,
    client: Sender,
    from_: str | Unset = UNSET,
    to: str | Unset = UNSET,
    by: str | Unset = UNSET,
) -> Statistics:
    """Sends, verifications, conversion and cost, by what is asked for.

    The API key needs the scope `read`.

    Args:
        client: Sends the request.
        from_ (str | Unset):
        to (str | Unset):
        by (str | Unset):

    Raises:
        ApiError: The request was refused, or failed.
    """
    return _parse(
        client.send(
            _get_kwargs(
                from_=from_,
                to=to,
                by=by,
            )
        )
    )


def sync_detailed(
    *,
    client: Sender,
    from_: str | Unset = UNSET,
    to: str | Unset = UNSET,
    by: str | Unset = UNSET,
) -> Response[Statistics]:
    """As ``sync``, with the answer's status and headers."""
    return _whole(
        client.send(
            _get_kwargs(
                from_=from_,
                to=to,
                by=by,
            )
        )
    )


async def asyncio(
    *,
    client: AsyncSender,
    from_: str | Unset = UNSET,
    to: str | Unset = UNSET,
    by: str | Unset = UNSET,
) -> Statistics:
    """As ``sync``, with async."""
    return _parse(
        await client.send(
            _get_kwargs(
                from_=from_,
                to=to,
                by=by,
            )
        )
    )


async def asyncio_detailed(
    *,
    client: AsyncSender,
    from_: str | Unset = UNSET,
    to: str | Unset = UNSET,
    by: str | Unset = UNSET,
) -> Response[Statistics]:
    """As ``sync_detailed``, with async."""
    return _whole(
        await client.send(
            _get_kwargs(
                from_=from_,
                to=to,
                by=by,
            )
        )
    )
