import datetime
from http import HTTPStatus
from typing import Any

import httpx

from ...client import AsyncSender, Sender
from ...models.cost_report import CostReport
from ...models.read_costs_format import ReadCostsFormat
from ...types import UNSET, Response, Unset


def _get_kwargs(
    *,
    month: str | Unset = UNSET,
    from_: datetime.date | Unset = UNSET,
    to: datetime.date | Unset = UNSET,
    tz: str | Unset = UNSET,
    by: str | Unset = UNSET,
    format_: ReadCostsFormat | Unset = UNSET,
) -> dict[str, Any]:

    params: dict[str, Any] = {}

    params["month"] = month

    json_from_: str | Unset = UNSET
    if not isinstance(from_, Unset):
        json_from_ = from_.isoformat()
    params["from"] = json_from_

    json_to: str | Unset = UNSET
    if not isinstance(to, Unset):
        json_to = to.isoformat()
    params["to"] = json_to

    params["tz"] = tz

    params["by"] = by

    json_format_: str | Unset = UNSET
    if not isinstance(format_, Unset):
        json_format_ = format_.value

    params["format"] = json_format_

    params = {k: v for k, v in params.items() if v is not UNSET and v is not None}

    _kwargs: dict[str, Any] = {
        "method": "get",
        "url": "/v1/costs",
        "params": params,
    }
    return _kwargs


def _parse(response: httpx.Response) -> CostReport:
    response_200 = CostReport.from_dict(response.json())

    return response_200


def _whole(response: httpx.Response) -> Response[CostReport]:
    return Response(
        status_code=HTTPStatus(response.status_code),
        content=response.content,
        headers=response.headers,
        parsed=_parse(response),
    )


def sync(
    *,
    client: Sender,
    month: str | Unset = UNSET,
    from_: datetime.date | Unset = UNSET,
    to: datetime.date | Unset = UNSET,
    tz: str | Unset = UNSET,
    by: str | Unset = UNSET,
    format_: ReadCostsFormat | Unset = UNSET,
) -> CostReport:
    """What a month or days cost, by channel and provider, and what was left of each day's cap.

    The API key needs the scope `read`.

    Args:
        client: Sends the request.
        month (str | Unset):
        from_ (datetime.date | Unset):
        to (datetime.date | Unset):
        tz (str | Unset):
        by (str | Unset):
        format_ (ReadCostsFormat | Unset):

    Raises:
        ApiError: The request was refused, or failed.
    """
    return _parse(
        client.send(
            _get_kwargs(
                month=month,
                from_=from_,
                to=to,
                tz=tz,
                by=by,
                format_=format_,
            )
        )
    )


def sync_detailed(
    *,
    client: Sender,
    month: str | Unset = UNSET,
    from_: datetime.date | Unset = UNSET,
    to: datetime.date | Unset = UNSET,
    tz: str | Unset = UNSET,
    by: str | Unset = UNSET,
    format_: ReadCostsFormat | Unset = UNSET,
) -> Response[CostReport]:
    """As ``sync``, with the answer's status and headers."""
    return _whole(
        client.send(
            _get_kwargs(
                month=month,
                from_=from_,
                to=to,
                tz=tz,
                by=by,
                format_=format_,
            )
        )
    )


async def asyncio(
    *,
    client: AsyncSender,
    month: str | Unset = UNSET,
    from_: datetime.date | Unset = UNSET,
    to: datetime.date | Unset = UNSET,
    tz: str | Unset = UNSET,
    by: str | Unset = UNSET,
    format_: ReadCostsFormat | Unset = UNSET,
) -> CostReport:
    """As ``sync``, with async."""
    return _parse(
        await client.send(
            _get_kwargs(
                month=month,
                from_=from_,
                to=to,
                tz=tz,
                by=by,
                format_=format_,
            )
        )
    )


async def asyncio_detailed(
    *,
    client: AsyncSender,
    month: str | Unset = UNSET,
    from_: datetime.date | Unset = UNSET,
    to: datetime.date | Unset = UNSET,
    tz: str | Unset = UNSET,
    by: str | Unset = UNSET,
    format_: ReadCostsFormat | Unset = UNSET,
) -> Response[CostReport]:
    """As ``sync_detailed``, with async."""
    return _whole(
        await client.send(
            _get_kwargs(
                month=month,
                from_=from_,
                to=to,
                tz=tz,
                by=by,
                format_=format_,
            )
        )
    )
