"""Chooses the scenario of a call.

    the request's  >  the one of the client's settings  >  the client's only active one
    >  the stack's own

A reference is a registered name or an OTP id. An OTP id that the client has registered depends on
its status; any other one is used as it is. A scenario that is not active is refused, not skipped:
the next one would read another text.
"""

import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from ringpass.clients.scenarios.model import DEFAULT_KEY_FIELD, OTP_ID, ScenarioStatus
from ringpass.errors import ValidationFailed, invalid_field


@dataclass(frozen=True, slots=True)
class ScenarioChoice:
    """The part of a scenario that a request to Bizfly needs.

    Attributes:
        otp_id: The scenario's id at Bizfly.
        key_field: The field of Bizfly's secret that holds its key.
    """

    otp_id: str
    key_field: str = DEFAULT_KEY_FIELD


@dataclass(frozen=True, slots=True)
class Entry:
    """The part of a registered scenario that the choice needs.

    Attributes:
        name: Its name.
        status: Only an active one is chosen.
        otp_id: Its id at Bizfly; never None if it is active.
        key_field: The field of Bizfly's secret that holds its key.
    """

    name: str
    status: ScenarioStatus
    otp_id: str | None
    key_field: str = DEFAULT_KEY_FIELD


def choose(
    entries: Iterable[Entry], name: str | None, default: str | None, stack_otp_id: str
) -> ScenarioChoice:
    """Choose the scenario of a call.

    Args:
        entries: The client's registered scenarios.
        name: The request's scenario.
        default: The scenario of the client's settings.
        stack_otp_id: OTP id of the stack's own scenario; may be empty.

    Raises:
        ValidationFailed: On ``scenario``: ``scenario_unknown``, ``scenario_inactive`` or
            ``scenario_required``.
    """
    candidates = list(entries)
    if (reference := name or default) is not None:
        return _choose_by_name(candidates, unicodedata.normalize("NFC", reference))
    # Two registered scenarios may be the same one at Bizfly: then there is nothing to choose.
    active = set(_active_choices(candidates))
    if len(active) == 1:
        return active.pop()
    if stack_otp_id:
        return ScenarioChoice(stack_otp_id)
    raise _refusal(
        "scenario_required",
        "several scenarios are active: name one"
        if active
        else "name a scenario: none is active, and this stack has none of its own",
    )


def _choose_by_name(entries: Sequence[Entry], reference: str) -> ScenarioChoice:
    by_id = OTP_ID.fullmatch(reference) is not None
    matches = [entry for entry in entries if reference == (entry.otp_id if by_id else entry.name)]
    if not matches:
        if by_id:
            return ScenarioChoice(reference)
        raise _refusal("scenario_unknown", "no scenario of this name is registered")
    # An OTP id may be registered twice: a copy of a deactivated scenario may have it.
    active = _active_choices(matches)
    if not active:
        raise _refusal("scenario_inactive", "the scenario is not active")
    return active[0]


def _active_choices(entries: Iterable[Entry]) -> list[ScenarioChoice]:
    return [
        ScenarioChoice(entry.otp_id, entry.key_field)
        for entry in entries
        if entry.status is ScenarioStatus.ACTIVE and entry.otp_id is not None
    ]


def _refusal(type_: str, message: str) -> ValidationFailed:
    return invalid_field(["scenario"], type_, message)
