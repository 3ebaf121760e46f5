"""Which scenario a call has.

    what the request names  >  what the client's settings name  >  the client's only active one
    >  the stack's own

What is named is a registered name, or an OTP id: of one that the client has registered its status
decides, any other is used as it is. A scenario that is not active is refused, not passed over: the
next one would read something else out.
"""

import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from ringpass.clients.scenarios.model import DEFAULT_KEY_FIELD, OTP_ID, ScenarioStatus
from ringpass.errors import ValidationFailed, invalid_field


@dataclass(frozen=True, slots=True)
class ScenarioChoice:
    """What a request to Bizfly needs of a scenario.

    Attributes:
        otp_id: The scenario's id at Bizfly.
        key_field: The field of Bizfly's secret that holds its key.
    """

    otp_id: str
    key_field: str = DEFAULT_KEY_FIELD


@dataclass(frozen=True, slots=True)
class Entry:
    """What a choice needs to know of a registered scenario.

    Attributes:
        name: Its name.
        status: Only an active one is chosen.
        otp_id: Its id at Bizfly; an active one has one.
        key_field: The field of Bizfly's secret that holds its key.
    """

    name: str
    status: ScenarioStatus
    otp_id: str | None
    key_field: str = DEFAULT_KEY_FIELD


def choose(
    entries: Iterable[Entry], name: str | None, default: str | None, own: str
) -> ScenarioChoice:
    """The scenario of a call.

    Args:
        entries: What the client has registered.
        name: What the request names.
        default: What the client's settings name.
        own: OTP id of the stack's own scenario; may be empty.

    Raises:
        ValidationFailed: On ``scenario``: ``scenario_unknown``, ``scenario_inactive`` or
            ``scenario_required``.
    """
    known = list(entries)
    if (wanted := name or default) is not None:
        return _named(known, unicodedata.normalize("NFC", wanted))
    # Two registered ones may be one at Bizfly: then there is nothing to choose.
    active = set(_active(known))
    if len(active) == 1:
        return active.pop()
    if own:
        return ScenarioChoice(own)
    raise _refused(
        "scenario_required",
        "several scenarios are active: name one"
        if active
        else "name a scenario: none is active, and this stack has none of its own",
    )


def _named(entries: Sequence[Entry], wanted: str) -> ScenarioChoice:
    by_id = OTP_ID.fullmatch(wanted) is not None
    found = [each for each in entries if wanted == (each.otp_id if by_id else each.name)]
    if not found:
        if by_id:
            return ScenarioChoice(wanted)
        raise _refused("scenario_unknown", "no scenario of this name is registered")
    # One OTP id may be registered again, as a copy of what was deactivated.
    active = _active(found)
    if not active:
        raise _refused("scenario_inactive", "the scenario is not active")
    return active[0]


def _active(entries: Iterable[Entry]) -> list[ScenarioChoice]:
    return [
        ScenarioChoice(each.otp_id, each.key_field)
        for each in entries
        if each.status is ScenarioStatus.ACTIVE and each.otp_id is not None
    ]


def _refused(type_: str, message: str) -> ValidationFailed:
    return invalid_field(["scenario"], type_, message)
