"""Response bodies about ZNS templates."""

from typing import NotRequired, TypedDict

from ringpass.clients.zns_templates.model import ParamSource, ParamType, Ticket
from ringpass.http.responses import Instant


class RegisteredParam(TypedDict):
    """A parameter of a template; it can be sent back as it is."""

    name: str
    type: ParamType
    max_length: int
    """In characters."""
    required: bool
    """Whether a send without it is refused."""
    source: ParamSource
    """Where the value comes from; `code`: in a verification its code, in a single send `params`."""
    value: NotRequired[str]
    """Of a `constant`."""
    key: NotRequired[str]
    """Of `metadata`: the name of its entry."""


class ZnsQuota(TypedDict):
    """What the OA may send on a day, as Zalo said it last."""

    daily: int | None
    """How many messages a day; null: Zalo has not said."""
    remaining: int | None
    """How many of them were left then."""
    used_up_until: Instant | None
    """Until when Zalo is not asked, because the OA's or the template's quota is used up."""
    heard_at: Instant
    """When Zalo said so."""


class RegisteredTemplate(TypedDict):
    """A ZNS template, as it is at Zalo and at CareSoft."""

    id: str
    name: str
    """What sends, steps and settings call it."""
    caresoft_id: int | None
    """CareSoft's id of the scenario; null: CareSoft cannot send it."""
    zns_id: str | None
    """Zalo's id of the template; null: Zalo cannot be asked directly."""
    oa_id: str | None
    """Zalo's id of the OA that the template belongs to."""
    approved: bool
    """Whether Zalo has approved it; until then it cannot be sent."""
    params: list[RegisteredParam]
    ticket: Ticket
    """Of a send that names no ticket: `new`, CareSoft makes one; `given`, it is refused."""
    code_param: str | None
    """The parameter that takes a verification's code; null: it cannot be a step."""
    quota: ZnsQuota | None
    """Null where nothing is known: of a template that the stack's OA has not sent, or cannot."""
    version: int
    """Counts the changes, from 1."""
    created_at: Instant
    updated_at: Instant


class TemplatePage(TypedDict):
    """A page of templates, newest first."""

    items: list[RegisteredTemplate]
    next_cursor: str | None
    """Where the next page starts; null at the end."""
