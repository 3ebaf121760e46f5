"""A verification's story: every line of its history in words that can be read aloud.

The lines are kept as words for programs; the sentences are made when somebody reads them, from
the verification's own lines and those of its deliveries.
"""

from collections.abc import Iterator, Mapping, Sequence
from itertools import accumulate
from operator import itemgetter
from typing import TYPE_CHECKING, Final

from ringpass.deliveries.model import Delivery, HistoryEntry
from ringpass.outcomes import Status
from ringpass.phone import mask
from ringpass.verifications.model import (
    OTHER_PROVIDER,
    Event,
    TimelineEntry,
    Verification,
    bar_parts,
)

if TYPE_CHECKING:
    from ringpass.verifications import responses

_CHANNELS: Final[Mapping[str, str]] = {
    "zns": "a Zalo message",
    "voice_otp": "a voice call",
    "password_call": "a Password Call",
}
_OUTCOMES: Final[Mapping[Status, str]] = {
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
_WHY_NEXT: Final[Mapping[str, str]] = {
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
_WHY_SKIPPED: Final[Mapping[str, str]] = {
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
    "not_configured": "its provider is not set up in this stack",
    "no_more_calls": "an earlier call said that this number cannot be called",
    "provider_suspended": "the provider is suspended",
    "quota_used_up": "the provider's quota of the day is used up",
    "limit_reached": "a limit was reached",
    "not_allowed": "it is not allowed to this number",
    "verification_deliveries": "the verification has had all its deliveries",
}
_SAID: Final[Mapping[Event, str]] = {
    Event.EXHAUSTED: "No step is left; a code that has arrived can still be entered.",
    Event.CHECKED: "A code was entered and checked.",
}
_ENDS: Final[Mapping[str, str]] = {
    "canceled:replaced": "Another verification was started for this phone, which ended this one.",
    "approved": "The code was right: the verification is approved.",
    "canceled": "The verification was canceled.",
    "expired": "The time was over: the verification has expired.",
    "max_attempts_reached": "All attempts were used: the verification is over.",
    "failed": "Every step failed: the verification has failed.",
}


def story(
    verification: Verification, deliveries: Sequence[Delivery]
) -> "list[responses.StoryLine]":
    """All that happened, in the order of time.

    The verification's own lines stay in the order in which they were written: the clocks of two
    functions may differ by more than lies between their writes.
    """
    own = list(_of_verification(verification, deliveries))
    written_by = accumulate((line["at"] for line in own), max)
    told = [
        *zip(written_by, own, strict=True),
        *((line["at"], line) for line in _of_deliveries(deliveries)),
    ]
    return [line for _, line in sorted(told, key=itemgetter(0))]


def _of_verification(
    verification: Verification, deliveries: Sequence[Delivery]
) -> "Iterator[responses.StoryLine]":
    phone = mask(verification.phone)
    steps = len(verification.workflow)
    by_id = {delivery.id: delivery for delivery in deliveries}
    for line in verification.history:
        yield {
            "at": line.at,
            "event": line.event,
            "step": None if line.step is None else line.step + 1,
            "channel": line.channel,
            "delivery_id": line.delivery_id,
            "reason": _reason(line),
            "text": _sentence(line, phone, by_id.get(line.delivery_id or ""), steps),
        }


def _of_deliveries(deliveries: Sequence[Delivery]) -> "Iterator[responses.StoryLine]":
    for delivery in deliveries:
        for entry in delivery.history:
            # The reservation is the verification's own line; what changed nothing is left out.
            if entry.status is Status.RESERVED or (entry.reason or "").startswith("later_"):
                continue
            yield {
                "at": entry.at,
                "event": "outcome",
                "step": None if delivery.step is None else delivery.step + 1,
                "channel": delivery.channel,
                "delivery_id": delivery.id,
                "reason": str(entry.status) + (f":{entry.reason}" if entry.reason else ""),
                "text": _outcome(delivery, entry),
            }


def _sentence(line: TimelineEntry, phone: str, delivery: Delivery | None, steps: int) -> str:
    channel = _CHANNELS.get(line.channel or "", "a delivery")
    reason = line.reason or ""
    match line.event:
        case Event.STARTED:
            return f"A verification of {phone} was started, with {_counted(steps)}."
        case Event.SENT:
            why = _WHY_NEXT.get(reason, "because of what became of the one before")
            by = f" through {delivery.provider}" if delivery else ""
            return f"Step {_number(line)}: {channel} to {phone}{by}, {why}."
        case Event.SKIPPED:
            word, providers = bar_parts(reason)
            by = f" ({' and '.join(providers)})" if providers else ""
            why = _WHY_SKIPPED.get(word, f"it cannot be taken ({word})") + by
            return f"Step {_number(line)}, {channel}, was left out: {why}."
        case Event.ENDED:
            return _ENDS.get(reason) or _ENDS[reason.partition(":")[0]]
    return _SAID[line.event]


def _reason(line: TimelineEntry) -> str | None:
    """Why, in a word; the sentence names the providers that it is due to."""
    if line.event is Event.SKIPPED and line.reason:
        return bar_parts(line.reason)[0]
    return line.reason


def _outcome(delivery: Delivery, entry: HistoryEntry) -> str:
    said = _OUTCOMES.get(entry.status, "Something was learnt of it")
    why = f" ({entry.reason})" if entry.reason else ""
    return f"{said}{why}.{_cost(delivery, entry)}"


def _cost(delivery: Delivery, entry: HistoryEntry) -> str:
    cost = delivery.cost
    # What it cost is known with the provider's first word.
    first = next(each for each in delivery.history if each.status is not Status.RESERVED)
    if cost is None or entry is not first or not cost.amount:
        return ""
    said = "It cost" if cost.kind == "settled" else "It is estimated to cost"
    return f" {said} {cost.amount} {cost.currency}."


def _number(line: TimelineEntry) -> int:
    return (line.step or 0) + 1


def _counted(steps: int) -> str:
    return "one step" if steps == 1 else f"{steps} steps"
