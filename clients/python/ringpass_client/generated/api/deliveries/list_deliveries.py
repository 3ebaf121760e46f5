import datetime
from http import HTTPStatus
from typing import Any

import httpx

from ...client import AsyncSender, Sender
from ...models.delivery_page import DeliveryPage
from ...models.list_deliveries_channel import ListDeliveriesChannel
from ...models.list_deliveries_status import ListDeliveriesStatus
from ...types import UNSET, Response, Unset


def _get_kwargs(
    *,
    phone: str | Unset = UNSET,
    region: str | Unset = UNSET,
    status: ListDeliveriesStatus | Unset = UNSET,
    channel: ListDeliveriesChannel | Unset = UNSET,
    from_: datetime.datetime | Unset = UNSET,
    to: datetime.datetime | Unset = UNSET,
    updated_since: datetime.datetime | Unset = UNSET,
    limit: int | Unset = UNSET,
    cursor: str | Unset = UNSET,
) -> dict[str, Any]:

    params: dict[str, Any] = {}

    params["phone"] = phone

    params["region"] = region

    json_status: str | Unset = UNSET
    if not isinstance(status, Unset):
        json_status = status.value

    params["status"] = json_status

    json_channel: str | Unset = UNSET
    if not isinstance(channel, Unset):
        json_channel = channel.value

    params["channel"] = json_channel

    json_from_: str | Unset = UNSET
    if not isinstance(from_, Unset):
        json_from_ = from_.isoformat()
    params["from"] = json_from_

    json_to: str | Unset = UNSET
    if not isinstance(to, Unset):
        json_to = to.isoformat()
    params["to"] = json_to

    json_updated_since: str | Unset = UNSET
    if not isinstance(updated_since, Unset):
        json_updated_since = updated_since.isoformat()
    params["updated_since"] = json_updated_since

    params["limit"] = limit

    params["cursor"] = cursor

    params = {k: v for k, v in params.items() if v is not UNSET and v is not None}

    _kwargs: dict[str, Any] = {
        "method": "get",
        "url": "/v1/deliveries",
        "params": params,
    }
    return _kwargs


def _parse(response: httpx.Response) -> DeliveryPage:
    response_200 = DeliveryPage.from_dict(response.json())

    return response_200


def _whole(response: httpx.Response) -> Response[DeliveryPage]:
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
    status: ListDeliveriesStatus | Unset = UNSET,
    channel: ListDeliveriesChannel | Unset = UNSET,
    from_: datetime.datetime | Unset = UNSET,
    to: datetime.datetime | Unset = UNSET,
    updated_since: datetime.datetime | Unset = UNSET,
    limit: int | Unset = UNSET,
    cursor: str | Unset = UNSET,
) -> DeliveryPage:
    """The client's deliveries, newest first.

    The API key needs the scope `read`.

    Args:
        client: Sends the request.
        phone (str | Unset):
        region (str | Unset):
        status (ListDeliveriesStatus | Unset):
        channel (ListDeliveriesChannel | Unset):
        from_ (datetime.datetime | Unset):
        to (datetime.datetime | Unset):
        updated_since (datetime.datetime | Unset):
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
                status=status,
                channel=channel,
                from_=from_,
                to=to,
                updated_since=updated_since,
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
    status: ListDeliveriesStatus | Unset = UNSET,
    channel: ListDeliveriesChannel | Unset = UNSET,
    from_: datetime.datetime | Unset = UNSET,
    to: datetime.datetime | Unset = UNSET,
    updated_since: datetime.datetime | Unset = UNSET,
    limit: int | Unset = UNSET,
    cursor: str | Unset = UNSET,
) -> Response[DeliveryPage]:
    """As ``sync``, with the answer's status and headers."""
    return _whole(
        client.send(
            _get_kwargs(
                phone=phone,
                region=region,
                status=status,
                channel=channel,
                from_=from_,
                to=to,
                updated_since=updated_since,
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
    status: ListDeliveriesStatus | Unset = UNSET,
    channel: ListDeliveriesChannel | Unset = UNSET,
    from_: datetime.datetime | Unset = UNSET,
    to: datetime.datetime | Unset = UNSET,
    updated_since: datetime.datetime | Unset = UNSET,
    limit: int | Unset = UNSET,
    cursor: str | Unset = UNSET,
) -> DeliveryPage:
    """As ``sync``, with async."""
    return _parse(
        await client.send(
            _get_kwargs(
                phone=phone,
                region=region,
                status=status,
                channel=channel,
                from_=from_,
                to=to,
                updated_since=updated_since,
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
    status: ListDeliveriesStatus | Unset = UNSET,
    channel: ListDeliveriesChannel | Unset = UNSET,
    from_: datetime.datetime | Unset = UNSET,
    to: datetime.datetime | Unset = UNSET,
    updated_since: datetime.datetime | Unset = UNSET,
    limit: int | Unset = UNSET,
    cursor: str | Unset = UNSET,
) -> Response[DeliveryPage]:
    """As ``sync_detailed``, with async."""
    return _whole(
        await client.send(
            _get_kwargs(
                phone=phone,
                region=region,
                status=status,
                channel=channel,
                from_=from_,
                to=to,
                updated_since=updated_since,
                limit=limit,
                cursor=cursor,
            )
        )
    )
