"""What the API answers about consents."""

from typing import TypedDict

from ringpass.deliveries.responses import Cost
from ringpass.http.responses import Instant
from ringpass.oa.consents.evidence import ConsentFact, ConsentReason, ConsentSource
from ringpass.oa.consents.model import ConsentState
from ringpass.providers.zalo.call_type import CallType


class OaConsent(TypedDict):
    """A customer's permission to be called by the OA."""

    id: str
    oa_id: str
    phone: str
    """Masked, unless the API key has `phones:read`."""
    user_id: str | None
    """Zalo's id of the customer; null: not known."""
    user_id_confirmed: bool
    """Whether Zalo has told it for this number: else it is a note, and nobody is called by it."""
    name: str | None
    """What the OA calls the customer."""
    state: ConsentState
    """As it is now: what has an end is `expired` once that is over."""
    why: str | None
    """A word for why it is so: Zalo's refusal of the request above all."""
    since: Instant | None
    """When what made it so happened."""
    call_type: CallType | None
    """What is allowed, or asked for; null: nobody told."""
    expires_at: Instant | None
    """When what was allowed ends, or has ended."""
    unlimited: bool
    """Whether calls are allowed without an end."""
    answer_until: Instant | None
    """Until when the customer may answer; null: nobody is asked."""
    may_ask_at: Instant | None
    """Before it Zalo is not asked again, because it said that it has been asked too often."""
    reason: ConsentReason | None
    """Why the customer was asked last; null: not by this API."""
    asked_at: Instant | None
    """When."""
    cost: Cost | None
    """Of the last request. Null: no price is set, or it was not made here."""
    created_at: Instant
    updated_at: Instant


class OaConsentEvidence(TypedDict):
    """A fact that a permission follows from."""

    at: Instant
    """When it happened: by Zalo's clock if Zalo told it."""
    learnt_at: Instant
    """When it became known here."""
    source: ConsentSource
    """Who says it: our `request`, Zalo's `reply` to it, a `check`, or an `event` of Zalo's."""
    what: ConsentFact
    said: str | None
    """Zalo's own word or number for it."""
    why: str | None
    """The same in a word."""
    until: Instant | None
    """Until when it holds, as Zalo said; null: it did not say."""
    unlimited: bool
    """Whether Zalo said that it has no end."""
    call_type: CallType | None
    """Of a request: what for."""
    reason: ConsentReason | None
    """Of a request: why."""
    client: str | None
    """Of a request or a check: who wanted it."""
    key_id: str | None
    """The API key that was used."""


class OaConsentWithEvidence(OaConsent):
    """A permission, with all that it follows from in the order of its times."""

    evidence: list[OaConsentEvidence]


class OaConsentPage(TypedDict):
    """A page of permissions, newest first."""

    items: list[OaConsent]
    next_cursor: str | None
    """Where the next page starts; null at the end."""
