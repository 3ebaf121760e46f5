from http import HTTPStatus
from typing import Any

import httpx

from ...client import AsyncSender, Sender
from ...models.create_scenario import CreateScenario
from ...models.scenario import Scenario
from ...types import UNSET, Response, Unset


def _get_kwargs(
    *,
    body: CreateScenario,
    idempotency_key: str | Unset = UNSET,
) -> dict[str, Any]:
    headers: dict[str, Any] = {}
    if not isinstance(idempotency_key, Unset):
        headers["Idempotency-Key"] = idempotency_key

    _kwargs: dict[str, Any] = {
        "method": "post",
        "url": "/v1/scenarios",
    }
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
    *,
    client: Sender,
    body: CreateScenario,
    idempotency_key: str | Unset = UNSET,
) -> Scenario:
    """Register a scenario as Bizfly's console has it.

    Bizfly is not told: it mirrors what is set up in Bizfly's console.

    The API key needs the scope `admin`.

    Args:
        client: Sends the request.
        idempotency_key (str | Unset):
        body (CreateScenario): ``POST /v1/scenarios``: a scenario as Bizfly's console has it,
            inactive at first.

    Raises:
        ApiError: The request was refused, or failed.
    """
    return _parse(
        client.send(
            _get_kwargs(
                body=body,
                idempotency_key=idempotency_key,
            )
        )
    )


def sync_detailed(
    *,
    client: Sender,
    body: CreateScenario,
    idempotency_key: str | Unset = UNSET,
) -> Response[Scenario]:
    """As ``sync``, with the answer's status and headers."""
    return _whole(
        client.send(
            _get_kwargs(
                body=body,
                idempotency_key=idempotency_key,
            )
        )
    )


async def asyncio(
    *,
    client: AsyncSender,
    body: CreateScenario,
    idempotency_key: str | Unset = UNSET,
) -> Scenario:
    """As ``sync``, with async."""
    return _parse(
        await client.send(
            _get_kwargs(
                body=body,
                idempotency_key=idempotency_key,
            )
        )
    )


async def asyncio_detailed(
    *,
    client: AsyncSender,
    body: CreateScenario,
    idempotency_key: str | Unset = UNSET,
) -> Response[Scenario]:
    """As ``sync_detailed``, with async."""
    return _whole(
        await client.send(
            _get_kwargs(
                body=body,
                idempotency_key=idempotency_key,
            )
        )
    )
