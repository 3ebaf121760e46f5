from http import HTTPStatus
from typing import Any
from urllib.parse import quote

import httpx

from ...client import AsyncSender, Sender
from ...models.list_oa_consents_state import ListOaConsentsState
from ...models.oa_consent_page import OaConsentPage
from ...types import UNSET, Response, Unset


def _get_kwargs(
    oa_id: str,
    *,
    phone: str | Unset = UNSET,
    region: str | Unset = UNSET,
    state: ListOaConsentsState | Unset = UNSET,
    limit: int | Unset = UNSET,
    cursor: str | Unset = UNSET,
) -> dict[str, Any]:

    params: dict[str, Any] = {}

    params["phone"] = phone

    params["region"] = region

    json_state: str | Unset = UNSET
    if not isinstance(state, Unset):
        json_state = state.value

    params["state"] = json_state

    params["limit"] = limit

    params["cursor"] = cursor

    params = {k: v for k, v in params.items() if v is not UNSET and v is not None}

    _kwargs: dict[str, Any] = {
        "method": "get",
        "url": "/v1/oa/{oa_id}/consents".format(
            oa_id=quote(str(oa_id), safe=""),
        ),
        "params": params,
    }
    return _kwargs


def _parse(response: httpx.Response) -> OaConsentPage:
    response_200 = OaConsentPage.from_dict(response.json())

    return response_200


def _whole(response: httpx.Response) -> Response[OaConsentPage]:
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
    phone: str | Unset = UNSET,
    region: str | Unset = UNSET,
    state: ListOaConsentsState | Unset = UNSET,
    limit: int | Unset = UNSET,
    cursor: str | Unset = UNSET,
) -> OaConsentPage:
    """The OA's permissions, newest first.

    The API key needs the scope `read`.

    Args:
        client: Sends the request.
        oa_id (str):
        phone (str | Unset):
        region (str | Unset):
        state (ListOaConsentsState | Unset):
        limit (int | Unset):
        cursor (str | Unset):

    Raises:
        ApiError: The request was refused, or failed.
    """
    return _parse(
        client.send(
            _get_kwargs(
                oa_id=oa_id,
                phone=phone,
                region=region,
                state=state,
                limit=limit,
                cursor=cursor,
            )
        )
    )


def sync_detailed(
    oa_id: str,
    *,
    client: Sender,
    phone: str | Unset = UNSET,
    region: str | Unset = UNSET,
    state: ListOaConsentsState | Unset = UNSET,
    limit: int | Unset = UNSET,
    cursor: str | Unset = UNSET,
) -> Response[OaConsentPage]:
    """As ``sync``, with the answer's status and headers."""
    return _whole(
        client.send(
            _get_kwargs(
                oa_id=oa_id,
                phone=phone,
                region=region,
                state=state,
                limit=limit,
                cursor=cursor,
            )
        )
    )


async def asyncio(
    oa_id: str,
    *,
    client: AsyncSender,
    phone: str | Unset = UNSET,
    region: str | Unset = UNSET,
    state: ListOaConsentsState | Unset = UNSET,
    limit: int | Unset = UNSET,
    cursor: str | Unset = UNSET,
) -> OaConsentPage:
    """As ``sync``, with async."""
    return _parse(
        await client.send(
            _get_kwargs(
                oa_id=oa_id,
                phone=phone,
                region=region,
                state=state,
                limit=limit,
                cursor=cursor,
            )
        )
    )


async def asyncio_detailed(
    oa_id: str,
    *,
    client: AsyncSender,
    phone: str | Unset = UNSET,
    region: str | Unset = UNSET,
    state: ListOaConsentsState | Unset = UNSET,
    limit: int | Unset = UNSET,
    cursor: str | Unset = UNSET,
) -> Response[OaConsentPage]:
    """As ``sync_detailed``, with async."""
    return _whole(
        await client.send(
            _get_kwargs(
                oa_id=oa_id,
                phone=phone,
                region=region,
                state=state,
                limit=limit,
                cursor=cursor,
            )
        )
    )
