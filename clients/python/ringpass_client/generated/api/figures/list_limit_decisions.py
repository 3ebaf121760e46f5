import datetime
from http import HTTPStatus
from typing import Any

import httpx

from ...client import AsyncSender, Sender
from ...models.limit_decision_page import LimitDecisionPage
from ...types import UNSET, Response, Unset


def _get_kwargs(
    *,
    phone: str | Unset = UNSET,
    region: str | Unset = UNSET,
    refused: bool | Unset = UNSET,
    from_: datetime.datetime | Unset = UNSET,
    to: datetime.datetime | Unset = UNSET,
    limit: int | Unset = UNSET,
    cursor: str | Unset = UNSET,
) -> dict[str, Any]:

    params: dict[str, Any] = {}

    params["phone"] = phone

    params["region"] = region

    params["refused"] = refused

    json_from_: str | Unset = UNSET
    if not isinstance(from_, Unset):
        json_from_ = from_.isoformat()
    params["from"] = json_from_

    json_to: str | Unset = UNSET
    if not isinstance(to, Unset):
        json_to = to.isoformat()
    params["to"] = json_to

    params["limit"] = limit

    params["cursor"] = cursor

    params = {k: v for k, v in params.items() if v is not UNSET and v is not None}

    _kwargs: dict[str, Any] = {
        "method": "get",
        "url": "/v1/decisions",
        "params": params,
    }
    return _kwargs


def _parse(response: httpx.Response) -> LimitDecisionPage:
    response_200 = LimitDecisionPage.from_dict(response.json())

    return response_200


def _whole(response: httpx.Response) -> Response[LimitDecisionPage]:
    return Response(
        status_code=HTTPStatus(response.status_code),
        content=response.content,
        headers=response.headers,
        parsed=_parse(response),
    )


def sync(
    *,
    client: Sender,
    phone: str | Unset = UNSET,
    region: str | Unset = UNSET,
    refused: bool | Unset = UNSET,
    from_: datetime.datetime | Unset = UNSET,
    to: datetime.datetime | Unset = UNSET,
    limit: int | Unset = UNSET,
    cursor: str | Unset = UNSET,
) -> LimitDecisionPage:
    """What limits and lists refused, newest first.

    The API key needs the scope `read`.

    Args:
        client: Sends the request.
        phone (str | Unset):
        region (str | Unset):
        refused (bool | Unset):
        from_ (datetime.datetime | Unset):
        to (datetime.datetime | Unset):
        limit (int | Unset):
        cursor (str | Unset):

    Raises:
        ApiError: The request was refused, or failed.
    """
    return _parse(
        client.send(
            _get_kwargs(
                phone=phone,
                region=region,
                refused=refused,
                from_=from_,
                to=to,
                limit=limit,
                cursor=cursor,
            )
        )
    )


def sync_detailed(
    *,
    client: Sender,
    phone: str | Unset = UNSET,
    region: str | Unset = UNSET,
    refused: bool | Unset = UNSET,
    from_: datetime.datetime | Unset = UNSET,
    to: datetime.datetime | Unset = UNSET,
    limit: int | Unset = UNSET,
    cursor: str | Unset = UNSET,
) -> Response[LimitDecisionPage]:
    """As ``sync``, with the answer's status and headers."""
    return _whole(
        client.send(
            _get_kwargs(
                phone=phone,
                region=region,
                refused=refused,
                from_=from_,
                to=to,
                limit=limit,
                cursor=cursor,
            )
        )
    )


async def asyncio(
    *,
    client: AsyncSender,
    phone: str | Unset = UNSET,
    region: str | Unset = UNSET,
    refused: bool | Unset = UNSET,
    from_: datetime.datetime | Unset = UNSET,
    to: datetime.datetime | Unset = UNSET,
    limit: int | Unset = UNSET,
    cursor: str | Unset = UNSET,
) -> LimitDecisionPage:
    """As ``sync``, with async."""
    return _parse(
        await client.send(
            _get_kwargs(
                phone=phone,
                region=region,
                refused=refused,
                from_=from_,
                to=to,
                limit=limit,
                cursor=cursor,
            )
        )
    )


async def asyncio_detailed(
    *,
    client: AsyncSender,
    phone: str | Unset = UNSET,
    region: str | Unset = UNSET,
    refused: bool | Unset = UNSET,
    from_: datetime.datetime | Unset = UNSET,
    to: datetime.datetime | Unset = UNSET,
    limit: int | Unset = UNSET,
    cursor: str | Unset = UNSET,
) -> Response[LimitDecisionPage]:
    """As ``sync_detailed``, with async."""
    return _whole(
        await client.send(
            _get_kwargs(
                phone=phone,
                region=region,
                refused=refused,
                from_=from_,
                to=to,
                limit=limit,
                cursor=cursor,
            )
        )
    )
