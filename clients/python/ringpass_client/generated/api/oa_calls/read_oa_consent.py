from http import HTTPStatus
from typing import Any
from urllib.parse import quote

import httpx

from ...client import AsyncSender, Sender
from ...models.oa_consent_with_evidence import OaConsentWithEvidence
from ...types import Response


def _get_kwargs(
    oa_id: str,
    id: str,
) -> dict[str, Any]:

    _kwargs: dict[str, Any] = {
        "method": "get",
        "url": "/v1/oa/{oa_id}/consents/{id}".format(
            oa_id=quote(str(oa_id), safe=""),
            id=quote(str(id), safe=""),
        ),
    }
    return _kwargs


def _parse(response: httpx.Response) -> OaConsentWithEvidence:
    response_200 = OaConsentWithEvidence.from_dict(response.json())

    return response_200


def _whole(response: httpx.Response) -> Response[OaConsentWithEvidence]:
    return Response(
        status_code=HTTPStatus(response.status_code),
        content=response.content,
        headers=response.headers,
        parsed=_parse(response),
    )


def sync(
    oa_id: str,
    id: str,
    *,
    client: Sender,
) -> OaConsentWithEvidence:
    """One permission, with all that it follows from.

    The API key needs the scope `read`.

    Args:
        client: Sends the request.
        oa_id (str):
        id (str):

    Raises:
        ApiError: The request was refused, or failed.
    """
    return _parse(
        client.send(
            _get_kwargs(
                oa_id=oa_id,
                id=id,
            )
        )
    )


def sync_detailed(
    oa_id: str,
    id: str,
    *,
    client: Sender,
) -> Response[OaConsentWithEvidence]:
    """As ``sync``, with the answer's status and headers."""
    return _whole(
        client.send(
            _get_kwargs(
                oa_id=oa_id,
                id=id,
            )
        )
    )


async def asyncio(
    oa_id: str,
    id: str,
    *,
    client: AsyncSender,
) -> OaConsentWithEvidence:
    """As ``sync``, with async."""
    return _parse(
        await client.send(
            _get_kwargs(
                oa_id=oa_id,
                id=id,
            )
        )
    )


async def asyncio_detailed(
    oa_id: str,
    id: str,
    *,
    client: AsyncSender,
) -> Response[OaConsentWithEvidence]:
    """As ``sync_detailed``, with async."""
    return _whole(
        await client.send(
            _get_kwargs(
                oa_id=oa_id,
                id=id,
            )
        )
    )
