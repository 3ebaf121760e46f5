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
class WantedCall:
    """What is to be checked, beside the settings: who calls, and what the customer has allowed.

    Attributes:
        agent_id: Who calls.
        call_type: Audio or video.
        consent: The customer's; None: there is none.
    """

    agent_id: str
    call_type: CallType
    consent: Consent | None


def faults(
    settings: OaSettings, agents: tuple[Agent, ...], wanted: WantedCall, now: datetime
) -> list[Blocker]:
    """Every check that does not hold; nothing: the customer may be called."""
    found = settings.faults(now)
    if wanted.agent_id not in {agent.id for agent in agents}:
        found.append(_NO_AGENT)
    if (fault := consent_fault(wanted, now)) is not None:
        found.append(fault)
    return found


def consent_fault(wanted: WantedCall, now: datetime) -> Blocker | None:
    """What the customer's permission lacks; None: nothing."""
    if wanted.consent is None:
        return MISSING
    if (fault := wanted.consent.check(now)) is not None:
        return fault
    return None if wanted.consent.call_type.covers(wanted.call_type) else _OTHER_TYPE
