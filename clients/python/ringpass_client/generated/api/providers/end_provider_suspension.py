from http import HTTPStatus
from typing import Any
from urllib.parse import quote

import httpx

from ...client import AsyncSender, Sender
from ...models.end_provider_suspension_name import EndProviderSuspensionName
from ...models.provider_suspension_ended import ProviderSuspensionEnded
from ...types import Response


def _get_kwargs(
    name: EndProviderSuspensionName,
) -> dict[str, Any]:

    _kwargs: dict[str, Any] = {
        "method": "delete",
        "url": "/v1/providers/{name}/suspension".format(
            name=quote(str(name), safe=""),
        ),
    }
    return _kwargs


def _parse(response: httpx.Response) -> ProviderSuspensionEnded:
    response_200 = ProviderSuspensionEnded.from_dict(response.json())

    return response_200


def _whole(response: httpx.Response) -> Response[ProviderSuspensionEnded]:
    return Response(
        status_code=HTTPStatus(response.status_code),
        content=response.content,
        headers=response.headers,
        parsed=_parse(response),
    )


def sync(
    name: EndProviderSuspensionName,
    *,
    client: Sender,
) -> ProviderSuspensionEnded:
    """Ask the provider again from now on.

    It ends for all clients of the stack; the operator may forbid it to a client.

    The API key needs the scope `admin`.

    Args:
        client: Sends the request.
        name (EndProviderSuspensionName):

    Raises:
        ApiError: The request was refused, or failed.
    """
    return _parse(
        client.send(
            _get_kwargs(
                name=name,
            )
        )
    )


def sync_detailed(
    name: EndProviderSuspensionName,
    *,
    client: Sender,
) -> Response[ProviderSuspensionEnded]:
    """As ``sync``, with the answer's status and headers."""
    return _whole(
        client.send(
            _get_kwargs(
                name=name,
            )
        )
    )


async def asyncio(
    name: EndProviderSuspensionName,
    *,
    client: AsyncSender,
) -> ProviderSuspensionEnded:
    """As ``sync``, with async."""
    return _parse(
        await client.send(
            _get_kwargs(
                name=name,
            )
        )
    )


async def asyncio_detailed(
    name: EndProviderSuspensionName,
    *,
    client: AsyncSender,
) -> Response[ProviderSuspensionEnded]:
    """As ``sync_detailed``, with async."""
    return _whole(
        await client.send(
            _get_kwargs(
                name=name,
            )
        )
    )
