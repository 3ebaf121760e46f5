"""How MCN's CDR is written: the "Password call" event in each form an account may choose.

MCN's documentation: the account writes the body as a list of variables inside a JSON array; it
carries ``verification_call_uuid``, ``q931_status`` and ``final_status``. Ringpass's documented
template adds ``called_number``, which joins a CDR whose reply was lost.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlencode

from sandbox.endings import McnResult
from sandbox.ledger import McnCall
from sandbox.settings import CdrForm
from sandbox.wire import Json

FIELDS = ("verification_call_uuid", "q931_status", "final_status", "called_number")

_JSON = "application/json"
_FORM = "application/x-www-form-urlencoded"
_TEXT = "text/plain; charset=utf-8"


@dataclass(frozen=True, slots=True)
class Message:
    """One HTTP request to the webhook. A query is added to the webhook's own."""

    method: str
    content_type: str | None
    body: str
    query: str = ""


def fields_of(call: McnCall, result: McnResult) -> dict[str, Json]:
    """Give the variables of a call's CDR."""
    return {
        "verification_call_uuid": call.verification_call_uuid,
        "q931_status": result.q931_status,
        "final_status": result.final_status,
        "called_number": call.called_number,
    }


def write(fields: Mapping[str, Json], form: CdrForm) -> Message:
    """Write the variables in one of the forms."""
    if form is CdrForm.GET:
        return Message("GET", None, "", query=urlencode(dict(fields)))
    if form is CdrForm.FORM:
        return Message("POST", _FORM, urlencode(dict(fields)))
    content_type = _TEXT if form is CdrForm.TEXT else _JSON
    return Message("POST", content_type, _dump(_shape(dict(fields), form)))


def _shape(fields: dict[str, Json], form: CdrForm) -> Json:
    match form:
        case CdrForm.OBJECT:
            return fields
        case CdrForm.PAIRS:
            return [{name: value} for name, value in fields.items()]
        case CdrForm.NAME_VALUE:
            return [{"name": name, "value": value} for name, value in fields.items()]
        case _:
            return [fields]


def _dump(value: Json) -> str:
    return json.dumps(value, separators=(",", ":"))
