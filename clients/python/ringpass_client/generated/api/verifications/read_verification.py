from http import HTTPStatus
from typing import Any
from urllib.parse import quote

import httpx

from ...client import AsyncSender, Sender
from ...models.verification import Verification
from ...types import UNSET, Response, Unset


def _get_kwargs(
    id: str,
    *,
    wait: int | Unset = UNSET,
    step: int | Unset = UNSET,
) -> dict[str, Any]:

    params: dict[str, Any] = {}

    params["wait"] = wait

    params["step"] = step

    params = {k: v for k, v in params.items() if v is not UNSET and v is not None}

    _kwargs: dict[str, Any] = {
        "method": "get",
        "url": "/v1/verifications/{id}".format(
            id=quote(str(id), safe=""),
        ),
        "params": params,
    }
    return _kwargs


def _parse(response: httpx.Response) -> Verification:
    response_200 = Verification.from_dict(response.json())

    return response_200


def _whole(response: httpx.Response) -> Response[Verification]:
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
    wait: int | Unset = UNSET,
    step: int | Unset = UNSET,
) -> Verification:
    """One verification, with its deliveries and its story; also once it has ended.

    The API key needs the scope `read`.

    Args:
        client: Sends the request.
        id (str):
        wait (int | Unset):
        step (int | Unset):

    Raises:
        ApiError: The request was refused, or failed.
    """
    return _parse(
        client.send(
            _get_kwargs(
                id=id,
                wait=wait,
                step=step,
            )
        )
    )


def sync_detailed(
    id: str,
    *,
    client: Sender,
    wait: int | Unset = UNSET,
    step: int | Unset = UNSET,
) -> Response[Verification]:
    """As ``sync``, with the answer's status and headers."""
    return _whole(
        client.send(
            _get_kwargs(
                id=id,
                wait=wait,
                step=step,
            )
        )
    )


async def asyncio(
    id: str,
    *,
    client: AsyncSender,
    wait: int | Unset = UNSET,
    step: int | Unset = UNSET,
) -> Verification:
    """As ``sync``, with async."""
    return _parse(
        await client.send(
            _get_kwargs(
                id=id,
                wait=wait,
                step=step,
            )
        )
    )


async def asyncio_detailed(
    id: str,
    *,
    client: AsyncSender,
    wait: int | Unset = UNSET,
    step: int | Unset = UNSET,
) -> Response[Verification]:
    """As ``sync_detailed``, with async."""
    return _whole(
        await client.send(
            _get_kwargs(
                id=id,
                wait=wait,
                step=step,
            )
        )
    )
