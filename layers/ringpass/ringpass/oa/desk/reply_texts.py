"""Templates of the auto-reply to a customer whose call nobody takes.

Zalo's guide of its call feature has a spoken announcement for each case; over the API an OA answers
with a text message.
"""

import re
from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import Final

from ringpass.oa.desk.hours import Hours

LONGEST_TEXT: Final = 2_000
"""The maximum of characters in a text message to Zalo."""

_OPENS_AT: Final = "opens_at"
_PLACEHOLDER: Final = re.compile(r"\{([^{}]*)\}")
# The time, then the date in the Vietnamese format.
_INSTANT: Final = "%H:%M %d/%m/%Y"
_INSTANT_LENGTH: Final = len("08:00 24/11/2026")


class Reply(StrEnum):
    """Why nobody takes a call."""

    OUT_OF_HOURS = "out_of_hours"
    BUSY = "busy"


PLACEHOLDERS: Final[Mapping[Reply, frozenset[str]]] = {
    Reply.OUT_OF_HOURS: frozenset({_OPENS_AT}),
    # Within the hours there is no next opening.
    Reply.BUSY: frozenset(),
}


def template_error(reply: Reply, text: str, hours: Hours) -> tuple[str, str] | None:
    """Returns why a template cannot be used, as a type and a sentence; None: it can.

    Both hold nothing of the template.
    """
    placeholders = set(_PLACEHOLDER.findall(text))
    if placeholders - PLACEHOLDERS[reply]:
        allowed = ", ".join(f"{{{name}}}" for name in sorted(PLACEHOLDERS[reply])) or "none"
        return "placeholder_unknown", f"placeholders of this text: {allowed}"
    if placeholders and hours.never_open:
        return "never_open", "there are no hours that {opens_at} could tell"
    if len(_PLACEHOLDER.sub("x" * _INSTANT_LENGTH, text)) > LONGEST_TEXT:
        return "string_too_long", f"at most {LONGEST_TEXT} characters, placeholders filled in"
    return None


def fill(text: str, hours: Hours, at: datetime) -> str:
    """Returns the text for a customer who calls at this instant."""
    return _PLACEHOLDER.sub(lambda _: format_local(hours, hours.next_opening(at)), text)


def format_local(hours: Hours, instant: datetime | None) -> str:
    """Returns an instant in the local time of the OA's zone; a dash for None."""
    return hours.local(instant).strftime(_INSTANT) if instant else "-"
