from http import HTTPStatus
from typing import Any
from urllib.parse import quote

import httpx

from ...client import AsyncSender, Sender
from ...models.oa_reply_preview import OaReplyPreview
from ...models.preview_oa_reply import PreviewOaReply
from ...types import UNSET, Response, Unset


def _get_kwargs(
    oa_id: str,
    *,
    body: PreviewOaReply,
    idempotency_key: str | Unset = UNSET,
) -> dict[str, Any]:
    headers: dict[str, Any] = {}
    if not isinstance(idempotency_key, Unset):
        headers["Idempotency-Key"] = idempotency_key

    _kwargs: dict[str, Any] = {
        "method": "post",
        "url": "/v1/oa/{oa_id}/settings/preview".format(
            oa_id=quote(str(oa_id), safe=""),
        ),
    }
    _kwargs["json"] = body.to_dict()

    headers["Content-Type"] = "application/json"
    _kwargs["headers"] = headers
    return _kwargs


def _parse(response: httpx.Response) -> OaReplyPreview:
    response_200 = OaReplyPreview.from_dict(response.json())

    return response_200


def _whole(response: httpx.Response) -> Response[OaReplyPreview]:
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
    body: PreviewOaReply,
    idempotency_key: str | Unset = UNSET,
) -> OaReplyPreview:
    """A reply as a customer would get it.

    The API key needs the scope `read`.

    Args:
        client: Sends the request.
        oa_id (str):
        idempotency_key (str | Unset):
        body (PreviewOaReply): ``POST /v1/oa/{oa_id}/settings/preview``: a reply as a customer
            would get it.

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
    body: PreviewOaReply,
    idempotency_key: str | Unset = UNSET,
) -> Response[OaReplyPreview]:
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
    body: PreviewOaReply,
    idempotency_key: str | Unset = UNSET,
) -> OaReplyPreview:
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
    body: PreviewOaReply,
    idempotency_key: str | Unset = UNSET,
) -> Response[OaReplyPreview]:
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
