"""Timeline of a verification: every entry of its history as a sentence that can be read aloud.

The entries are stored as words for programs. The sentences are made at reading, from the
verification's own entries and those of its deliveries.
"""

from collections.abc import Iterator, Mapping, Sequence
from itertools import accumulate
from operator import itemgetter
from typing import TYPE_CHECKING, Final

from ringpass.deliveries.model import Delivery, HistoryEntry
from ringpass.outcomes import Status
from ringpass.phone import mask
from ringpass.providers.facts import ChannelName
from ringpass.verifications.model import (
    OTHER_PROVIDER,
    TimelineEntry,
    TimelineEvent,
    Verification,
    split_reason,
)

if TYPE_CHECKING:
    from ringpass.verifications import responses

_CHANNELS: Final[Mapping[str, str]] = {
    ChannelName.ZNS: "a Zalo message",
    ChannelName.VOICE_OTP: "a voice call",
    ChannelName.PASSWORD_CALL: "a Password Call",
}
_OUTCOME_SENTENCES: Final[Mapping[Status, str]] = {
    Status.ACCEPTED: "The provider took the request",
    Status.REJECTED: "The provider refused the request, so nothing was placed",
    Status.UNKNOWN: "Nobody can say whether it was placed, so it is not sent again",
    Status.ANSWERED: "The call was answered",
    Status.BUSY: "The line was busy",
    Status.NO_ANSWER: "It rang and nobody answered",
    Status.REFUSED: "The other side refused the call",
    Status.BILLING_FAILED: "The call could not be paid for",
    Status.UNREACHABLE: "The phone could not be reached",
    Status.DELIVERED: "The message arrived",
    Status.FAILED: "It failed",
}
_NEXT_REASONS: Final[Mapping[str, str]] = {
    "started": "as the first step",
    "time_out": "because the code was not entered in time",
    "next_asked": "because the next step was asked for",
    OTHER_PROVIDER: "because the provider before had refused it",
    Status.BUSY: "because the line was busy",
    Status.NO_ANSWER: "because nobody answered",
    Status.REFUSED: "because the call was refused",
    Status.BILLING_FAILED: "because the call could not be paid for",
    Status.UNREACHABLE: "because the phone could not be reached",
    Status.REJECTED: "because the provider refused the request before",
    Status.FAILED: "because the one before failed",
}
_SKIP_REASONS: Final[Mapping[str, str]] = {
    "country_not_allowed": "the client does not use it for this country",
    "country_not_supported": "the provider does not reach this country",
    "landline_not_supported": "the provider reaches no landlines",
    "no_template": "no template is set",
    "template_unknown": "no template of this name is registered",
    "template_not_approved": "its template is not approved",
    "template_without_code": "its template has no parameter for the code",
    "ticket_required": "messages of its template answer a ticket",
    "template_params": "its template lacks a value, or has one that does not fit",
    "no_provider": "no provider that is set for it has this template",
    "scenario_required": "no scenario is set",
    "scenario_unknown": "no scenario of this name is registered",
    "scenario_inactive": "its scenario is not active",
    "scenario_not_supported": "no provider that is set for it has scenarios",
    "not_configured": "its provider is not set up in this stack",
    "no_more_calls": "an earlier call said that this number cannot be called",
    "provider_suspended": "the provider is suspended",
    "quota_used_up": "the provider's quota of the day is used up",
    "limit_reached": "a limit was reached",
    "not_allowed": "it is not allowed to this number",
    "verification_deliveries": "the verification has had all its deliveries",
}
_SENTENCES: Final[Mapping[TimelineEvent, str]] = {
    TimelineEvent.EXHAUSTED: "No step is left; a code that has arrived can still be entered.",
    TimelineEvent.CHECKED: "A code was entered and checked.",
}
_END_SENTENCES: Final[Mapping[str, str]] = {
    "canceled:replaced": "Another verification was started for this phone, which ended this one.",
    "approved": "The code was right: the verification is approved.",
    "canceled": "The verification was canceled.",
    "expired": "The time was over: the verification has expired.",
    "max_attempts_reached": "All attempts were used: the verification is over.",
    "failed": "Every step failed: the verification has failed.",
}


def timeline(
    verification: Verification, deliveries: Sequence[Delivery]
) -> "list[responses.StoryLine]":
    """All that happened, in the order of time.

    The verification's own lines stay in the order of their writes: the clocks of two functions may
    differ by more than the time between their writes.
    """
    own_lines = list(_verification_lines(verification, deliveries))
    instants = accumulate((line["at"] for line in own_lines), max)
    lines = [
        *zip(instants, own_lines, strict=True),
        *((line["at"], line) for line in _delivery_lines(deliveries)),
    ]
    return [line for _, line in sorted(lines, key=itemgetter(0))]


def _verification_lines(
    verification: Verification, deliveries: Sequence[Delivery]
) -> "Iterator[responses.StoryLine]":
    phone = mask(verification.phone)
    steps = len(verification.workflow)
    by_id = {delivery.id: delivery for delivery in deliveries}
    for entry in verification.history:
        yield {
            "at": entry.at,
            "event": entry.event,
            "step": None if entry.step is None else entry.step + 1,
            "channel": entry.channel,
            "delivery_id": entry.delivery_id,
            "reason": _reason(entry),
            "text": _sentence(entry, phone, by_id.get(entry.delivery_id or ""), steps),
        }


def _delivery_lines(deliveries: Sequence[Delivery]) -> "Iterator[responses.StoryLine]":
    for delivery in deliveries:
        for entry in delivery.history:
            # The reservation is an entry of the verification; entries without a change are skipped.
            if entry.status is Status.RESERVED or (entry.reason or "").startswith("later_"):
                continue
            yield {
                "at": entry.at,
                "event": "outcome",
                "step": None if delivery.step is None else delivery.step + 1,
                "channel": delivery.channel,
                "delivery_id": delivery.id,
                "reason": str(entry.status) + (f":{entry.reason}" if entry.reason else ""),
                "text": _outcome_sentence(delivery, entry),
            }


def _sentence(entry: TimelineEntry, phone: str, delivery: Delivery | None, steps: int) -> str:
    channel = _CHANNELS.get(entry.channel or "", "a delivery")
    reason = entry.reason or ""
    match entry.event:
        case TimelineEvent.STARTED:
            return f"A verification of {phone} was started, with {_step_count(steps)}."
        case TimelineEvent.SENT:
            cause = _NEXT_REASONS.get(reason, "because of what became of the one before")
            through = f" through {delivery.provider}" if delivery else ""
            return f"Step {_step_number(entry)}: {channel} to {phone}{through}, {cause}."
        case TimelineEvent.SKIPPED:
            code, providers = split_reason(reason)
            names = f" ({' and '.join(providers)})" if providers else ""
            cause = _SKIP_REASONS.get(code, f"it cannot be taken ({code})") + names
            return f"Step {_step_number(entry)}, {channel}, was left out: {cause}."
        case TimelineEvent.ENDED:
            return _END_SENTENCES.get(reason) or _END_SENTENCES[reason.partition(":")[0]]
    return _SENTENCES[entry.event]


def _reason(entry: TimelineEntry) -> str | None:
    """Why, in a word; the sentence names the providers at fault."""
    if entry.event is TimelineEvent.SKIPPED and entry.reason:
        return split_reason(entry.reason)[0]
    return entry.reason


def _outcome_sentence(delivery: Delivery, entry: HistoryEntry) -> str:
    sentence = _OUTCOME_SENTENCES.get(entry.status, "Something was learnt of it")
    cause = f" ({entry.reason})" if entry.reason else ""
    return f"{sentence}{cause}.{_cost_sentence(delivery, entry)}"


def _cost_sentence(delivery: Delivery, entry: HistoryEntry) -> str:
    cost = delivery.cost
    # The cost is known with the provider's first response.
    first = next(item for item in delivery.history if item.status is not Status.RESERVED)
    if cost is None or entry is not first or not cost.amount:
        return ""
    sentence = "It cost" if cost.kind == "settled" else "It is estimated to cost"
    return f" {sentence} {cost.amount} {cost.currency}."


def _step_number(entry: TimelineEntry) -> int:
    return (entry.step or 0) + 1


def _step_count(steps: int) -> str:
    return "one step" if steps == 1 else f"{steps} steps"
