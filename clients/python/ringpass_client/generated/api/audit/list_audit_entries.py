import datetime
from http import HTTPStatus
from typing import Any

import httpx

from ...client import AsyncSender, Sender
from ...models.audit_entry_page import AuditEntryPage
from ...models.list_audit_entries_action import ListAuditEntriesAction
from ...models.list_audit_entries_resource import ListAuditEntriesResource
from ...types import UNSET, Response, Unset


def _get_kwargs(
    *,
    resource: ListAuditEntriesResource | Unset = UNSET,
    resource_id: str | Unset = UNSET,
    action: ListAuditEntriesAction | Unset = UNSET,
    key_id: str | Unset = UNSET,
    from_: datetime.datetime | Unset = UNSET,
    to: datetime.datetime | Unset = UNSET,
    limit: int | Unset = UNSET,
    cursor: str | Unset = UNSET,
) -> dict[str, Any]:

    params: dict[str, Any] = {}

    json_resource: str | Unset = UNSET
    if not isinstance(resource, Unset):
        json_resource = resource.value

    params["resource"] = json_resource

    params["resource_id"] = resource_id

    json_action: str | Unset = UNSET
    if not isinstance(action, Unset):
        json_action = action.value

    params["action"] = json_action

    params["key_id"] = key_id

    json_from_: str | Unset = UNSET
    if not isinstance(from_, Unset):
        json_from_ = from_.isoformat()
    params["from"] = json_from_

    json_to: str | Unset = UNSET
    if not isinstance(to, Unset):
        json_to = to.isoformat()
    params["to"] = json_to

    params["limit"] = limit

    params["cursor"] = cursor

    params = {k: v for k, v in params.items() if v is not UNSET and v is not None}

    _kwargs: dict[str, Any] = {
        "method": "get",
        "url": "/v1/audit",
        "params": params,
    }
    return _kwargs


def _parse(response: httpx.Response) -> AuditEntryPage:
    response_200 = AuditEntryPage.from_dict(response.json())

    return response_200


def _whole(response: httpx.Response) -> Response[AuditEntryPage]:
    return Response(
        status_code=HTTPStatus(response.status_code),
        content=response.content,
        headers=response.headers,
        parsed=_parse(response),
    )


def sync(
    *,
    client: Sender,
    resource: ListAuditEntriesResource | Unset = UNSET,
    resource_id: str | Unset = UNSET,
    action: ListAuditEntriesAction | Unset = UNSET,
    key_id: str | Unset = UNSET,
    from_: datetime.datetime | Unset = UNSET,
    to: datetime.datetime | Unset = UNSET,
    limit: int | Unset = UNSET,
    cursor: str | Unset = UNSET,
) -> AuditEntryPage:
    """Who changed which setting, key, scenario, template or endpoint, newest first.

    The API key needs the scope `admin`.

    Args:
        client: Sends the request.
        resource (ListAuditEntriesResource | Unset):
        resource_id (str | Unset):
        action (ListAuditEntriesAction | Unset):
        key_id (str | Unset):
        from_ (datetime.datetime | Unset):
        to (datetime.datetime | Unset):
        limit (int | Unset):
        cursor (str | Unset):

    Raises:
        ApiError: The request was refused, or failed.
    """
    return _parse(
        client.send(
            _get_kwargs(
                resource=resource,
                resource_id=resource_id,
                action=action,
                key_id=key_id,
                from_=from_,
                to=to,
                limit=limit,
                cursor=cursor,
            )
        )
    )


def sync_detailed(
    *,
    client: Sender,
    resource: ListAuditEntriesResource | Unset = UNSET,
    resource_id: str | Unset = UNSET,
    action: ListAuditEntriesAction | Unset = UNSET,
    key_id: str | Unset = UNSET,
    from_: datetime.datetime | Unset = UNSET,
    to: datetime.datetime | Unset = UNSET,
    limit: int | Unset = UNSET,
    cursor: str | Unset = UNSET,
) -> Response[AuditEntryPage]:
    """As ``sync``, with the answer's status and headers."""
    return _whole(
        client.send(
            _get_kwargs(
                resource=resource,
                resource_id=resource_id,
                action=action,
                key_id=key_id,
                from_=from_,
                to=to,
                limit=limit,
                cursor=cursor,
            )
        )
    )


async def asyncio(
    *,
    client: AsyncSender,
    resource: ListAuditEntriesResource | Unset = UNSET,
    resource_id: str | Unset = UNSET,
    action: ListAuditEntriesAction | Unset = UNSET,
    key_id: str | Unset = UNSET,
    from_: datetime.datetime | Unset = UNSET,
    to: datetime.datetime | Unset = UNSET,
    limit: int | Unset = UNSET,
    cursor: str | Unset = UNSET,
) -> AuditEntryPage:
    """As ``sync``, with async."""
    return _parse(
        await client.send(
            _get_kwargs(
                resource=resource,
                resource_id=resource_id,
                action=action,
                key_id=key_id,
                from_=from_,
                to=to,
                limit=limit,
                cursor=cursor,
            )
        )
    )


async def asyncio_detailed(
    *,
    client: AsyncSender,
    resource: ListAuditEntriesResource | Unset = UNSET,
    resource_id: str | Unset = UNSET,
    action: ListAuditEntriesAction | Unset = UNSET,
    key_id: str | Unset = UNSET,
    from_: datetime.datetime | Unset = UNSET,
    to: datetime.datetime | Unset = UNSET,
    limit: int | Unset = UNSET,
    cursor: str | Unset = UNSET,
) -> Response[AuditEntryPage]:
    """As ``sync_detailed``, with async."""
    return _whole(
        await client.send(
            _get_kwargs(
                resource=resource,
                resource_id=resource_id,
                action=action,
                key_id=key_id,
                from_=from_,
                to=to,
                limit=limit,
                cursor=cursor,
            )
        )
    )
