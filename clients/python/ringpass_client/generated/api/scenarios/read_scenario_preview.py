from http import HTTPStatus
from typing import Any
from urllib.parse import quote

import httpx

from ...client import AsyncSender, Sender
from ...models.scenario_preview import ScenarioPreview
from ...types import UNSET, Response, Unset


def _get_kwargs(
    id: str,
    *,
    code: str | Unset = UNSET,
) -> dict[str, Any]:

    params: dict[str, Any] = {}

    params["code"] = code

    params = {k: v for k, v in params.items() if v is not UNSET and v is not None}

    _kwargs: dict[str, Any] = {
        "method": "get",
        "url": "/v1/scenarios/{id}/preview".format(
            id=quote(str(id), safe=""),
        ),
        "params": params,
    }
    return _kwargs


def _parse(response: httpx.Response) -> ScenarioPreview:
    response_200 = ScenarioPreview.from_dict(response.json())

    return response_200


def _whole(response: httpx.Response) -> Response[ScenarioPreview]:
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
    code: str | Unset = UNSET,
) -> ScenarioPreview:
    """What a callee hears, second by second.

    The API key needs the scope `read`.

    Args:
        client: Sends the request.
        id (str):
        code (str | Unset):

    Raises:
        ApiError: The request was refused, or failed.
    """
    return _parse(
        client.send(
            _get_kwargs(
                id=id,
                code=code,
            )
        )
    )


def sync_detailed(
    id: str,
    *,
    client: Sender,
    code: str | Unset = UNSET,
) -> Response[ScenarioPreview]:
    """As ``sync``, with the answer's status and headers."""
    return _whole(
        client.send(
            _get_kwargs(
                id=id,
                code=code,
            )
        )
    )


async def asyncio(
    id: str,
    *,
    client: AsyncSender,
    code: str | Unset = UNSET,
) -> ScenarioPreview:
    """As ``sync``, with async."""
    return _parse(
        await client.send(
            _get_kwargs(
                id=id,
                code=code,
            )
        )
    )


async def asyncio_detailed(
    id: str,
    *,
    client: AsyncSender,
    code: str | Unset = UNSET,
) -> Response[ScenarioPreview]:
    """As ``sync_detailed``, with async."""
    return _whole(
        await client.send(
            _get_kwargs(
                id=id,
                code=code,
            )
        )
    )
