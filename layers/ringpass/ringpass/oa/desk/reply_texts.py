"""The texts that a customer gets whose call nobody takes, and what is put into them.

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
"""Characters of a text message, as Zalo takes it."""

_OPENS_AT: Final = "opens_at"
_PLACEHOLDER: Final = re.compile(r"\{([^{}]*)\}")
# The hour, and then the day as it is written in Vietnam.
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
    """Why a text cannot be used: a type and a sentence that hold nothing of it; None: it can."""
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
    """The text as a customer gets it who calls at this instant."""
    return _PLACEHOLDER.sub(lambda _: format_local(hours, hours.next_opening(at)), text)


def format_local(hours: Hours, instant: datetime | None) -> str:
    """An instant as a wall clock of the OA's zone shows it; a dash for none."""
    return hours.local(instant).strftime(_INSTANT) if instant else "-"
