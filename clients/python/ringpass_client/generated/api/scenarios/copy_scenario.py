from http import HTTPStatus
from typing import Any
from urllib.parse import quote

import httpx

from ...client import AsyncSender, Sender
from ...models.copy_scenario import CopyScenario
from ...models.scenario import Scenario
from ...types import UNSET, Response, Unset


def _get_kwargs(
    id: str,
    *,
    body: CopyScenario | Unset = UNSET,
    idempotency_key: str | Unset = UNSET,
) -> dict[str, Any]:
    headers: dict[str, Any] = {}
    if not isinstance(idempotency_key, Unset):
        headers["Idempotency-Key"] = idempotency_key

    _kwargs: dict[str, Any] = {
        "method": "post",
        "url": "/v1/scenarios/{id}/copy".format(
            id=quote(str(id), safe=""),
        ),
    }

    if not isinstance(body, Unset):
        _kwargs["json"] = body.to_dict()

    headers["Content-Type"] = "application/json"
    _kwargs["headers"] = headers
    return _kwargs


def _parse(response: httpx.Response) -> Scenario:
    response_201 = Scenario.from_dict(response.json())

    return response_201


def _whole(response: httpx.Response) -> Response[Scenario]:
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
    body: CopyScenario | Unset = UNSET,
    idempotency_key: str | Unset = UNSET,
) -> Scenario:
    """Register a scenario with the script of this one.

    The API key needs the scope `admin`.

    Args:
        client: Sends the request.
        id (str):
        idempotency_key (str | Unset):
        body (CopyScenario | Unset): ``POST /v1/scenarios/{id}/copy``: a new, inactive scenario
            with the same script.

    Raises:
        ApiError: The request was refused, or failed.
    """
    return _parse(
        client.send(
            _get_kwargs(
                id=id,
                body=body,
                idempotency_key=idempotency_key,
            )
        )
    )


def sync_detailed(
    id: str,
    *,
    client: Sender,
    body: CopyScenario | Unset = UNSET,
    idempotency_key: str | Unset = UNSET,
) -> Response[Scenario]:
    """As ``sync``, with the answer's status and headers."""
    return _whole(
        client.send(
            _get_kwargs(
                id=id,
                body=body,
                idempotency_key=idempotency_key,
            )
        )
    )


async def asyncio(
    id: str,
    *,
    client: AsyncSender,
    body: CopyScenario | Unset = UNSET,
    idempotency_key: str | Unset = UNSET,
) -> Scenario:
    """As ``sync``, with async."""
    return _parse(
        await client.send(
            _get_kwargs(
                id=id,
                body=body,
                idempotency_key=idempotency_key,
            )
        )
    )


async def asyncio_detailed(
    id: str,
    *,
    client: AsyncSender,
    body: CopyScenario | Unset = UNSET,
    idempotency_key: str | Unset = UNSET,
) -> Response[Scenario]:
    """As ``sync_detailed``, with async."""
    return _whole(
        await client.send(
            _get_kwargs(
                id=id,
                body=body,
                idempotency_key=idempotency_key,
            )
        )
    )
