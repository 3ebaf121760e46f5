from http import HTTPStatus
from typing import Any
from urllib.parse import quote

import httpx

from ...client import AsyncSender, Sender
from ...models.replace_zns_template import ReplaceZnsTemplate
from ...models.zns_template import ZnsTemplate
from ...types import Response


def _get_kwargs(
    id: str,
    *,
    body: ReplaceZnsTemplate,
) -> dict[str, Any]:
    headers: dict[str, Any] = {}

    _kwargs: dict[str, Any] = {
        "method": "put",
        "url": "/v1/zns-templates/{id}".format(
            id=quote(str(id), safe=""),
        ),
    }
    _kwargs["json"] = body.to_dict()

    headers["Content-Type"] = "application/json"
    _kwargs["headers"] = headers
    return _kwargs


def _parse(response: httpx.Response) -> ZnsTemplate:
    response_200 = ZnsTemplate.from_dict(response.json())

    return response_200


def _whole(response: httpx.Response) -> Response[ZnsTemplate]:
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
    body: ReplaceZnsTemplate,
) -> ZnsTemplate:
    """Replace a template as a whole.

    The API key needs the scope `admin`.

    Args:
        client: Sends the request.
        id (str):
        body (ReplaceZnsTemplate): ``PUT /v1/zns-templates/{id}``: the whole template; what is
            left out has its default.

    Raises:
        ApiError: The request was refused, or failed.
    """
    return _parse(
        client.send(
            _get_kwargs(
                id=id,
                body=body,
            )
        )
    )


def sync_detailed(
    id: str,
    *,
    client: Sender,
    body: ReplaceZnsTemplate,
) -> Response[ZnsTemplate]:
    """As ``sync``, with the answer's status and headers."""
    return _whole(
        client.send(
            _get_kwargs(
                id=id,
                body=body,
            )
        )
    )


async def asyncio(
    id: str,
    *,
    client: AsyncSender,
    body: ReplaceZnsTemplate,
) -> ZnsTemplate:
    """As ``sync``, with async."""
    return _parse(
        await client.send(
            _get_kwargs(
                id=id,
                body=body,
            )
        )
    )


async def asyncio_detailed(
    id: str,
    *,
    client: AsyncSender,
    body: ReplaceZnsTemplate,
) -> Response[ZnsTemplate]:
    """As ``sync_detailed``, with async."""
    return _whole(
        await client.send(
            _get_kwargs(
                id=id,
                body=body,
            )
        )
    )
