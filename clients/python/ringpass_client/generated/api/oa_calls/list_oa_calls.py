import datetime
from http import HTTPStatus
from typing import Any
from urllib.parse import quote

import httpx

from ...client import AsyncSender, Sender
from ...models.list_oa_calls_direction import ListOaCallsDirection
from ...models.list_oa_calls_result import ListOaCallsResult
from ...models.oa_call_page import OaCallPage
from ...types import UNSET, Response, Unset


def _get_kwargs(
    oa_id: str,
    *,
    q: str | Unset = UNSET,
    result: ListOaCallsResult | Unset = UNSET,
    agent_id: str | Unset = UNSET,
    direction: ListOaCallsDirection | Unset = UNSET,
    from_: datetime.datetime | Unset = UNSET,
    to: datetime.datetime | Unset = UNSET,
    limit: int | Unset = UNSET,
    cursor: str | Unset = UNSET,
) -> dict[str, Any]:

    params: dict[str, Any] = {}

    params["q"] = q

    json_result: str | Unset = UNSET
    if not isinstance(result, Unset):
        json_result = result.value

    params["result"] = json_result

    params["agent_id"] = agent_id

    json_direction: str | Unset = UNSET
    if not isinstance(direction, Unset):
        json_direction = direction.value

    params["direction"] = json_direction

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
        "url": "/v1/oa/{oa_id}/calls".format(
            oa_id=quote(str(oa_id), safe=""),
        ),
        "params": params,
    }
    return _kwargs


def _parse(response: httpx.Response) -> OaCallPage:
    response_200 = OaCallPage.from_dict(response.json())

    return response_200


def _whole(response: httpx.Response) -> Response[OaCallPage]:
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
    q: str | Unset = UNSET,
    result: ListOaCallsResult | Unset = UNSET,
    agent_id: str | Unset = UNSET,
    direction: ListOaCallsDirection | Unset = UNSET,
    from_: datetime.datetime | Unset = UNSET,
    to: datetime.datetime | Unset = UNSET,
    limit: int | Unset = UNSET,
    cursor: str | Unset = UNSET,
) -> OaCallPage:
    """The OA's calls in both directions, newest first.

    The API key needs the scope `read`.

    Args:
        client: Sends the request.
        oa_id (str):
        q (str | Unset):
        result (ListOaCallsResult | Unset):
        agent_id (str | Unset):
        direction (ListOaCallsDirection | Unset):
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
                oa_id=oa_id,
                q=q,
                result=result,
                agent_id=agent_id,
                direction=direction,
                from_=from_,
                to=to,
                limit=limit,
                cursor=cursor,
            )
        )
    )


def sync_detailed(
    oa_id: str,
    *,
    client: Sender,
    q: str | Unset = UNSET,
    result: ListOaCallsResult | Unset = UNSET,
    agent_id: str | Unset = UNSET,
    direction: ListOaCallsDirection | Unset = UNSET,
    from_: datetime.datetime | Unset = UNSET,
    to: datetime.datetime | Unset = UNSET,
    limit: int | Unset = UNSET,
    cursor: str | Unset = UNSET,
) -> Response[OaCallPage]:
    """As ``sync``, with the answer's status and headers."""
    return _whole(
        client.send(
            _get_kwargs(
                oa_id=oa_id,
                q=q,
                result=result,
                agent_id=agent_id,
                direction=direction,
                from_=from_,
                to=to,
                limit=limit,
                cursor=cursor,
            )
        )
    )


async def asyncio(
    oa_id: str,
    *,
    client: AsyncSender,
    q: str | Unset = UNSET,
    result: ListOaCallsResult | Unset = UNSET,
    agent_id: str | Unset = UNSET,
    direction: ListOaCallsDirection | Unset = UNSET,
    from_: datetime.datetime | Unset = UNSET,
    to: datetime.datetime | Unset = UNSET,
    limit: int | Unset = UNSET,
    cursor: str | Unset = UNSET,
) -> OaCallPage:
    """As ``sync``, with async."""
    return _parse(
        await client.send(
            _get_kwargs(
                oa_id=oa_id,
                q=q,
                result=result,
                agent_id=agent_id,
                direction=direction,
                from_=from_,
                to=to,
                limit=limit,
                cursor=cursor,
            )
        )
    )


async def asyncio_detailed(
    oa_id: str,
    *,
    client: AsyncSender,
    q: str | Unset = UNSET,
    result: ListOaCallsResult | Unset = UNSET,
    agent_id: str | Unset = UNSET,
    direction: ListOaCallsDirection | Unset = UNSET,
    from_: datetime.datetime | Unset = UNSET,
    to: datetime.datetime | Unset = UNSET,
    limit: int | Unset = UNSET,
    cursor: str | Unset = UNSET,
) -> Response[OaCallPage]:
    """As ``sync_detailed``, with async."""
    return _whole(
        await client.send(
            _get_kwargs(
                oa_id=oa_id,
                q=q,
                result=result,
                agent_id=agent_id,
                direction=direction,
                from_=from_,
                to=to,
                limit=limit,
                cursor=cursor,
            )
        )
    )
