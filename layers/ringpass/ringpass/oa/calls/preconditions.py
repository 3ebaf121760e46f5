"""Whether an agent may call a customer now: every check, and all that do not hold at once."""

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
    """What is to be checked, beside the settings: who calls, and what the customer has allowed.

    Attributes:
        agent_id: Who calls.
        call_type: Audio or video.
        consent: The customer's; None: there is none.
    """

    agent_id: str
    call_type: CallType
    consent: Consent | None


def list_blockers(
    settings: OaSettings, agents: tuple[Agent, ...], attempt: CallAttempt, now: datetime
) -> list[Blocker]:
    """Every check that does not hold; nothing: the customer may be called."""
    blockers = settings.list_blockers(now)
    if attempt.agent_id not in {agent.id for agent in agents}:
        blockers.append(_NO_AGENT)
    if (blocker := consent_blocker(attempt, now)) is not None:
        blockers.append(blocker)
    return blockers


def consent_blocker(attempt: CallAttempt, now: datetime) -> Blocker | None:
    """What the customer's permission lacks; None: nothing."""
    if attempt.consent is None:
        return MISSING
    if (blocker := attempt.consent.blocker(now)) is not None:
        return blocker
    return None if attempt.consent.call_type.covers(attempt.call_type) else _OTHER_TYPE
