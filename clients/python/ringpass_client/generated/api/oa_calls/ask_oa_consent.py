from http import HTTPStatus
from typing import Any
from urllib.parse import quote

import httpx

from ...client import AsyncSender, Sender
from ...models.ask_oa_consent import AskOaConsent
from ...models.oa_consent import OaConsent
from ...types import UNSET, Response, Unset


def _get_kwargs(
    oa_id: str,
    *,
    body: AskOaConsent,
    idempotency_key: str | Unset = UNSET,
) -> dict[str, Any]:
    headers: dict[str, Any] = {}
    if not isinstance(idempotency_key, Unset):
        headers["Idempotency-Key"] = idempotency_key

    _kwargs: dict[str, Any] = {
        "method": "post",
        "url": "/v1/oa/{oa_id}/consents".format(
            oa_id=quote(str(oa_id), safe=""),
        ),
    }
    _kwargs["json"] = body.to_dict()

    headers["Content-Type"] = "application/json"
    _kwargs["headers"] = headers
    return _kwargs


def _parse(response: httpx.Response) -> OaConsent:
    response_202 = OaConsent.from_dict(response.json())

    return response_202


def _whole(response: httpx.Response) -> Response[OaConsent]:
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
    body: AskOaConsent,
    idempotency_key: str | Unset = UNSET,
) -> OaConsent:
    """Have a customer asked for a permission to be called.

    Zalo asks the customer, and charges a fee for it. It is asked once, whatever fails; a
    customer who is being asked, has allowed such calls or has blocked them is not asked again.
    The limit `zalo_consents` is Zalo's own: too many for this customer.

    The API key needs the scope `send`.

    Args:
        client: Sends the request.
        oa_id (str):
        idempotency_key (str | Unset):
        body (AskOaConsent): ``POST /v1/oa/{oa_id}/consents``: have a customer asked for a
            permission to call.

    Raises:
        ApiError: The request was refused, or failed.
    """
    return _parse(
        client.send(
            _get_kwargs(
                oa_id=oa_id,
                body=body,
                idempotency_key=idempotency_key,
            )
        )
    )


def sync_detailed(
    oa_id: str,
    *,
    client: Sender,
    body: AskOaConsent,
    idempotency_key: str | Unset = UNSET,
) -> Response[OaConsent]:
    """As ``sync``, with the answer's status and headers."""
    return _whole(
        client.send(
            _get_kwargs(
                oa_id=oa_id,
                body=body,
                idempotency_key=idempotency_key,
            )
        )
    )


async def asyncio(
    oa_id: str,
    *,
    client: AsyncSender,
    body: AskOaConsent,
    idempotency_key: str | Unset = UNSET,
) -> OaConsent:
    """As ``sync``, with async."""
    return _parse(
        await client.send(
            _get_kwargs(
                oa_id=oa_id,
                body=body,
                idempotency_key=idempotency_key,
            )
        )
    )


async def asyncio_detailed(
    oa_id: str,
    *,
    client: AsyncSender,
    body: AskOaConsent,
    idempotency_key: str | Unset = UNSET,
) -> Response[OaConsent]:
    """As ``sync_detailed``, with async."""
    return _whole(
        await client.send(
            _get_kwargs(
                oa_id=oa_id,
                body=body,
                idempotency_key=idempotency_key,
            )
        )
    )
