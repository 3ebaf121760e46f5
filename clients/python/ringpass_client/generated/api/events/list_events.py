import datetime
from http import HTTPStatus
from typing import Any

import httpx

from ...client import AsyncSender, Sender
from ...models.event_page import EventPage
from ...types import UNSET, Response, Unset


def _get_kwargs(
    *,
    type_: str | Unset = UNSET,
    subject: str | Unset = UNSET,
    from_: datetime.datetime | Unset = UNSET,
    to: datetime.datetime | Unset = UNSET,
    limit: int | Unset = UNSET,
    cursor: str | Unset = UNSET,
) -> dict[str, Any]:

    params: dict[str, Any] = {}

    params["type"] = type_

    params["subject"] = subject

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
        "url": "/v1/events",
        "params": params,
    }
    return _kwargs


def _parse(response: httpx.Response) -> EventPage:
    response_200 = EventPage.from_dict(response.json())

    return response_200


def _whole(response: httpx.Response) -> Response[EventPage]:
    return Response(
        status_code=HTTPStatus(response.status_code),
        content=response.content,
        headers=response.headers,
        parsed=_parse(response),
    )


def sync(
    *,
    client: Sender,
    type_: str | Unset = UNSET,
    subject: str | Unset = UNSET,
    from_: datetime.datetime | Unset = UNSET,
    to: datetime.datetime | Unset = UNSET,
    limit: int | Unset = UNSET,
    cursor: str | Unset = UNSET,
) -> EventPage:
    """The client's events and those of the whole stack, newest first.

    The API key needs the scope `read`.

    Args:
        client: Sends the request.
        type_ (str | Unset):
        subject (str | Unset):
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
                type_=type_,
                subject=subject,
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
    type_: str | Unset = UNSET,
    subject: str | Unset = UNSET,
    from_: datetime.datetime | Unset = UNSET,
    to: datetime.datetime | Unset = UNSET,
    limit: int | Unset = UNSET,
    cursor: str | Unset = UNSET,
) -> Response[EventPage]:
    """As ``sync``, with the answer's status and headers."""
    return _whole(
        client.send(
            _get_kwargs(
                type_=type_,
                subject=subject,
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
    type_: str | Unset = UNSET,
    subject: str | Unset = UNSET,
    from_: datetime.datetime | Unset = UNSET,
    to: datetime.datetime | Unset = UNSET,
    limit: int | Unset = UNSET,
    cursor: str | Unset = UNSET,
) -> EventPage:
    """As ``sync``, with async."""
    return _parse(
        await client.send(
            _get_kwargs(
                type_=type_,
                subject=subject,
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
    type_: str | Unset = UNSET,
    subject: str | Unset = UNSET,
    from_: datetime.datetime | Unset = UNSET,
    to: datetime.datetime | Unset = UNSET,
    limit: int | Unset = UNSET,
    cursor: str | Unset = UNSET,
) -> Response[EventPage]:
    """As ``sync_detailed``, with async."""
    return _whole(
        await client.send(
            _get_kwargs(
                type_=type_,
                subject=subject,
                from_=from_,
                to=to,
                limit=limit,
                cursor=cursor,
            )
        )
    )
