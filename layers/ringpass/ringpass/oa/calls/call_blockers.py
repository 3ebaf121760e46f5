"""Checks whether an agent may call a customer now; reports all failed checks at once."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from ringpass.oa.blockers import Blocker
from ringpass.oa.consents.model import MISSING, Consent
from ringpass.oa.desk.agents import Agent
from ringpass.oa.desk.settings import OaSettings
from ringpass.providers.zalo.call_type import CallType

_NO_AGENT: Final = Blocker(
    "agent_unknown", "The OA has no such agent: add the agent first, or choose another one."
)
_OTHER_TYPE: Final = Blocker(
    "consent_other_call_type",
    "The customer has allowed another kind of call: make that one, or ask for this one.",
)


@dataclass(frozen=True, slots=True)
class CallAttempt:
    """The call that is to be checked against the settings and the agents.

    Attributes:
        agent_id: The agent who calls.
        call_type: Audio or video.
        consent: The customer's permission; None: there is none.
    """

    agent_id: str
    call_type: CallType
    consent: Consent | None


def list_blockers(
    settings: OaSettings, agents: tuple[Agent, ...], attempt: CallAttempt, now: datetime
) -> list[Blocker]:
    """Returns every check that does not hold; empty: the customer may be called."""
    blockers = settings.list_blockers(now)
    if attempt.agent_id not in {agent.id for agent in agents}:
        blockers.append(_NO_AGENT)
    if (blocker := consent_blocker(attempt, now)) is not None:
        blockers.append(blocker)
    return blockers


def consent_blocker(attempt: CallAttempt, now: datetime) -> Blocker | None:
    """Returns why the permission does not allow the call; None: it does."""
    if attempt.consent is None:
        return MISSING
    if (blocker := attempt.consent.blocker(now)) is not None:
        return blocker
    return None if attempt.consent.call_type.covers(attempt.call_type) else _OTHER_TYPE
