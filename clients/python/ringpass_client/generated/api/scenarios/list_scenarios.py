from http import HTTPStatus
from typing import Any

import httpx

from ...client import AsyncSender, Sender
from ...models.list_scenarios_status import ListScenariosStatus
from ...models.scenario_page import ScenarioPage
from ...types import UNSET, Response, Unset


def _get_kwargs(
    *,
    status: ListScenariosStatus | Unset = UNSET,
    limit: int | Unset = UNSET,
    cursor: str | Unset = UNSET,
) -> dict[str, Any]:

    params: dict[str, Any] = {}

    json_status: str | Unset = UNSET
    if not isinstance(status, Unset):
        json_status = status.value

    params["status"] = json_status

    params["limit"] = limit

    params["cursor"] = cursor

    params = {k: v for k, v in params.items() if v is not UNSET and v is not None}

    _kwargs: dict[str, Any] = {
        "method": "get",
        "url": "/v1/scenarios",
        "params": params,
    }
    return _kwargs


def _parse(response: httpx.Response) -> ScenarioPage:
    response_200 = ScenarioPage.from_dict(response.json())

    return response_200


def _whole(response: httpx.Response) -> Response[ScenarioPage]:
    return Response(
        status_code=HTTPStatus(response.status_code),
        content=response.content,
        headers=response.headers,
        parsed=_parse(response),
    )


def sync(
    *,
    client: Sender,
    status: ListScenariosStatus | Unset = UNSET,
    limit: int | Unset = UNSET,
    cursor: str | Unset = UNSET,
) -> ScenarioPage:
    """The client's scenarios, newest first.

    The API key needs the scope `read`.

    Args:
        client: Sends the request.
        status (ListScenariosStatus | Unset):
        limit (int | Unset):
        cursor (str | Unset):

    Raises:
        ApiError: The request was refused, or failed.
    """
    return _parse(
        client.send(
            _get_kwargs(
                status=status,
                limit=limit,
                cursor=cursor,
            )
        )
    )


def sync_detailed(
    *,
    client: Sender,
    status: ListScenariosStatus | Unset = UNSET,
    limit: int | Unset = UNSET,
    cursor: str | Unset = UNSET,
) -> Response[ScenarioPage]:
    """As ``sync``, with the answer's status and headers."""
    return _whole(
        client.send(
            _get_kwargs(
                status=status,
                limit=limit,
                cursor=cursor,
            )
        )
    )


async def asyncio(
    *,
    client: AsyncSender,
    status: ListScenariosStatus | Unset = UNSET,
    limit: int | Unset = UNSET,
    cursor: str | Unset = UNSET,
) -> ScenarioPage:
    """As ``sync``, with async."""
    return _parse(
        await client.send(
            _get_kwargs(
                status=status,
                limit=limit,
                cursor=cursor,
            )
        )
    )


async def asyncio_detailed(
    *,
    client: AsyncSender,
    status: ListScenariosStatus | Unset = UNSET,
    limit: int | Unset = UNSET,
    cursor: str | Unset = UNSET,
) -> Response[ScenarioPage]:
    """As ``sync_detailed``, with async."""
    return _whole(
        await client.send(
            _get_kwargs(
                status=status,
                limit=limit,
                cursor=cursor,
            )
        )
    )
