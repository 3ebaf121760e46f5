"""Contributions of deliveries, verifications and paid requests to a client's report and ledger.

A record's contribution follows from its newest image alone; its ``version`` says which image is the
newest. So images may be missed, repeated or out of order: the difference between the contribution
that is stored and that of the newest image is all that is missing.

    contribution   {}            {sends: 1}         {sends: 1, answered: 1}
    image            version 1 ----------> version 3 ------------------> (version 2: skipped)
    delta            sends + 1             answered + 1                   none

The reservation adds the price to the ledger, as an estimate; here it is only corrected, by what the
delivery costs now less that estimate. Only images that are not settled yet show the estimate: until
one comes, the correction waits.

Pure; ``ringpass.reporting.store`` writes it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from decimal import Decimal
from typing import Any, Final, Self

from ringpass.clock import from_text
from ringpass.config import CONSENTS
from ringpass.outcomes import Status

type Amount = int | Decimal
type Counts = Mapping[str, Amount]
"""Counter -> how much; none is 0."""

VERIFICATION: Final = "verification"
"""In place of a channel: counters of verifications as such."""
ESTIMATED: Final = "estimated"
SETTLED: Final = "settled"
ENDS: Final = ("approved", "canceled", "expired", "max_attempts_reached", "failed")
"""Ends of a verification, each counted as ``ended_<end>``."""
FEEDBACK_VERIFIED: Final = "feedback_verified"
FEEDBACK_NOT_VERIFIED: Final = "feedback_not_verified"
# A code that makes the count grow by one is verified.
_VERIFIED: Final = frozenset({"ended_approved", FEEDBACK_VERIFIED})
# A verification lasts a day at most, too.
_LONGEST_LIFE_OF_A_CODE: Final = timedelta(days=1)

_STATUS_COUNTERS: Final[Mapping[Status, str | None]] = {
    Status.RESERVED: None,
    Status.UNKNOWN: "unknown",
    Status.ACCEPTED: "accepted",
    Status.ANSWERED: "answered",
    Status.DELIVERED: "answered",
    Status.REJECTED: "negative",
    Status.BUSY: "negative",
    Status.NO_ANSWER: "negative",
    Status.REFUSED: "negative",
    Status.BILLING_FAILED: "negative",
    Status.UNREACHABLE: "negative",
    Status.FAILED: "negative",
}
_CONSENT_REQUEST: Final = "consent_request"
_ENTITIES: Final = frozenset({"delivery", "verification", _CONSENT_REQUEST})
# A number's last seven digits are its subscriber's; many numbers share the digits before them.
_SUBSCRIBER_DIGITS: Final = 7
_COUNTRIES: Final = {"+84": "VN", "+7": "RU"}
_OTHER: Final = "other"
_COST_PREFIX: Final = "cost_"
_SENDS_PREFIX: Final = "sends_"
NO_CURRENCY: Final = "XXX"
"""ISO 4217's code for no currency: of sends of a provider without a price."""


@dataclass(frozen=True, slots=True, order=True)
class RowKey:
    """Key of a row of a client's daily statistics.

    Attributes:
        hour: Of the record's creation, UTC, two digits.
        channel: A channel's name, or ``verification``.
        country: ISO 3166 code, or ``other``.
        prefix: E.164 without the last seven digits: ``+8438``.
    """

    hour: str
    channel: str
    country: str
    prefix: str

    def __str__(self) -> str:
        return f"{self.hour}#{self.channel}#{self.country}#{self.prefix}"

    @classmethod
    def from_text(cls, text: str) -> Self:
        """Parse what ``str`` returned."""
        return cls(*text.split("#"))


@dataclass(frozen=True, slots=True)
class Contribution:
    """Contribution of one record to the statistics.

    Attributes:
        version: Of the image that it follows from; 0: nothing has been counted.
        rows: What the record has added, by row.
        ledger_in_sync: Whether the ledger holds what the delivery costs according to ``rows``; if
            not, it still holds the reservation's estimate.
    """

    version: int = 0
    rows: Mapping[RowKey, Counts] = field(default_factory=dict)
    ledger_in_sync: bool = False

    @property
    def cost_by_currency(self) -> Counts:
        """What the delivery costs, by currency."""
        sums: dict[str, Amount] = {}
        for counts in self.rows.values():
            for name, amount in counts.items():
                if name.startswith(_COST_PREFIX):
                    currency = name.rpartition("_")[2]
                    sums[currency] = sums.get(currency, 0) + amount
        return sums


NO_CONTRIBUTION: Final = Contribution()


@dataclass(frozen=True, slots=True)
class Approval:
    """A verified code, for the client's fraud budget: of a verification, or of a single send.

    Attributes:
        country: Of the number.
        at: When, RFC 3339.
        unverified: Where the code was counted until then (``LimitPlan.unverified``); None if it was
            not.
        own_code: Whether the caller chose the code.
        delivery_ids: Deliveries of the code.
    """

    country: str
    at: str
    unverified: Mapping[str, Any] | None
    own_code: bool = False
    delivery_ids: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class RecordChange:
    """A change of a record, as the stream shows it.

    Attributes:
        id: The record's id.
        client: The record's client.
        day: Of its creation, UTC: ``2026-11-21``.
        version: Of its newer image.
        rows: What the newer image adds.
        estimate: What the reservation added to the ledger, by currency; None if neither image shows
            it.
        shard: The ledger's shard that it was added to; None if it was not.
        expires_at: When the record is deleted, seconds since 1970; None if it is kept.
        approval: The approval, if the newer image is an approved verification's, or that of a
            single send whose feedback says that its code was verified.
        previous: The contribution, if every image before was counted once and in order.
    """

    id: str
    client: str
    day: str
    version: int
    rows: Mapping[RowKey, Counts]
    estimate: Counts | None
    shard: int | None
    expires_at: int | None
    approval: Approval | None
    previous: Contribution


@dataclass(frozen=True, slots=True)
class Delta:
    """Difference from one contribution of a record to the next.

    Attributes:
        contribution: The next contribution.
        rows: What is to be added, by row; only what is not 0.
        ledger_amounts: What is to be added to the ledger, by currency; only what is not 0.
        has_approval: Whether an approval is added.
    """

    contribution: Contribution
    rows: Mapping[RowKey, Counts]
    ledger_amounts: Counts
    has_approval: bool


def read_change(
    image: Mapping[str, Any], old_image: Mapping[str, Any] | None
) -> RecordChange | None:
    """Read a change of a record from its image after it and the one before (None: it is new).

    Returns None if such a record is not counted: of another type, or a test.
    """
    if image.get("entity") not in _ENTITIES or image.get("test"):
        return None
    shard = image.get("ledger_shard")
    estimate = _estimate(image)
    if estimate is None and old_image is not None:
        estimate = _estimate(old_image)
    previous = NO_CONTRIBUTION
    # A write that leaves the version as it was does not show what has been counted.
    if old_image is not None and old_image["version"] < image["version"]:
        previous = Contribution(old_image["version"], image_rows(old_image), ledger_in_sync=True)
    return RecordChange(
        id=image["id"],
        client=image["client"],
        day=image["created_at"][:10],
        version=image["version"],
        rows=image_rows(image),
        # A ledger without the estimate has nothing to be corrected.
        estimate={} if shard is None else estimate,
        shard=shard,
        expires_at=image.get("expires_at"),
        approval=_approval(image),
        previous=previous,
    )


def delta_from(contribution: Contribution, change: RecordChange) -> Delta | None:
    """Return what the change adds after ``contribution``; None if it adds nothing new."""
    is_newer = change.version > contribution.version
    syncs_ledger = not contribution.ledger_in_sync and change.estimate is not None
    if not is_newer and not syncs_ledger:
        return None
    target = contribution
    if is_newer:
        target = replace(target, version=change.version, rows=change.rows)
    if syncs_ledger:
        target = replace(target, ledger_in_sync=True)
    keys = contribution.rows.keys() | target.rows.keys()
    rows = {
        key: counts
        for key in sorted(keys)
        if (counts := _subtract(target.rows.get(key, {}), contribution.rows.get(key, {})))
    }
    ledger_amounts: Counts = {}
    if change.shard is not None and target.ledger_in_sync:
        ledger_costs = (
            contribution.cost_by_currency if contribution.ledger_in_sync else change.estimate or {}
        )
        ledger_amounts = _subtract(target.cost_by_currency, ledger_costs)
    has_approval = any(_VERIFIED & counts.keys() for counts in rows.values())
    return Delta(target, rows, ledger_amounts, has_approval)


def image_rows(image: Mapping[str, Any]) -> Mapping[RowKey, Counts]:
    """What a record in this state adds, by row."""
    if image["entity"] == _CONSENT_REQUEST:
        return _consent_request_rows(image)
    is_delivery = image["entity"] == "delivery"
    return _delivery_rows(image) if is_delivery else _verification_rows(image)


def _delivery_rows(image: Mapping[str, Any]) -> Mapping[RowKey, Counts]:
    counts: dict[str, Amount] = {"sends": 1}
    if (counter := _STATUS_COUNTERS[Status(image["status"])]) is not None:
        counts[counter] = 1
    verified = image.get("verified")
    if verified is not None:
        counts[FEEDBACK_VERIFIED if verified else FEEDBACK_NOT_VERIFIED] = 1
    if verified:
        counts["approved"] = 1
    counts |= _cost(image, image["provider"]) | _paid_send(image, image["provider"])
    return {_row_key(image, image["channel"]): counts}


def _consent_request_rows(image: Mapping[str, Any]) -> Mapping[RowKey, Counts]:
    """It reaches no phone, so it is no send of a channel; it is counted for its cost alone."""
    cost = _cost(image, "zalo")
    if image.get("cost") and not cost:
        return {}  # Zalo refused it: nothing was paid.
    key = RowKey(image["created_at"][11:13], CONSENTS, image["country"], image["prefix"])
    return {key: cost | _paid_send(image, "zalo")}


def _cost(image: Mapping[str, Any], provider: str) -> dict[str, Amount]:
    cost = image.get("cost") or {"amount": "0"}
    amount = Decimal(cost["amount"])
    return {cost_counter(cost["kind"], provider, cost["currency"]): amount} if amount else {}


def _paid_send(image: Mapping[str, Any], provider: str) -> dict[str, Amount]:
    """Counter of a provider's sends in the currency of its price: ``sends_mcn_RUB``."""
    currency = (image.get("cost") or {}).get("currency", NO_CURRENCY)
    return {f"{_SENDS_PREFIX}{provider}_{currency}": 1}


def _verification_rows(image: Mapping[str, Any]) -> Mapping[RowKey, Counts]:
    status = str(image["status"])
    counts: dict[str, Amount] = {"started": 1}
    rows: dict[RowKey, Counts] = {_row_key(image, VERIFICATION): counts}
    if status in ENDS:
        counts[f"ended_{status}"] = 1
    if status == "approved":
        # Counted with the channel whose code it was, if that is known.
        channel_key = _row_key(image, image.get("approved_channel") or VERIFICATION)
        rows[channel_key] = {**rows.get(channel_key, {}), "approved": 1}
    return rows


def _approval(image: Mapping[str, Any]) -> Approval | None:
    if image.get("verified"):
        return _confirmed_send(image)
    if image.get("status") != "approved":
        return None
    country = image.get("country") or _country(image["phone"])
    at = image.get("ended_at") or image["updated_at"]
    return Approval(
        country,
        at,
        image.get("unverified"),
        own_code=image.get("code", {}).get("masked") is not None,
        delivery_ids=tuple(image.get("delivery_ids", ())),
    )


def _confirmed_send(image: Mapping[str, Any]) -> Approval | None:
    """A single send whose code was verified; None if the feedback came when no code is valid."""
    at: str = image["verified_at"]
    if from_text(at) - from_text(image["created_at"]) > _LONGEST_LIFE_OF_A_CODE:
        return None
    return Approval(
        image.get("country") or _country(image["phone"]),
        at,
        image.get("unverified"),
        own_code=True,
        delivery_ids=(image["id"],),
    )


def cost_counter(kind: str, provider: str, currency: str) -> str:
    """Counter of what was paid to a provider: ``cost_settled_mcn_RUB``."""
    return f"{_COST_PREFIX}{kind}_{provider}_{currency}"


def costs(counts: Counts) -> Mapping[tuple[str, str, str], Amount]:
    """Return the counters of costs: (kind, provider, currency) -> amount."""
    amounts = {}
    for name, amount in counts.items():
        if name.startswith(_COST_PREFIX):
            kind, _, rest = name.removeprefix(_COST_PREFIX).partition("_")
            # The name of a provider may hold an underscore: voice_gateway.
            provider, _, currency = rest.rpartition("_")
            amounts[kind, provider, currency] = amount
    return amounts


def paid_sends(counts: Counts) -> Mapping[tuple[str, str], Amount]:
    """Return the counters of sends by price: (provider, currency) -> number."""
    numbers = {}
    for name, number in counts.items():
        if name.startswith(_SENDS_PREFIX):
            provider, _, currency = name.removeprefix(_SENDS_PREFIX).rpartition("_")
            numbers[provider, currency] = number
    return numbers


def _row_key(image: Mapping[str, Any], channel: str) -> RowKey:
    phone = image["phone"]
    country = image.get("country") or _country(phone)
    return RowKey(image["created_at"][11:13], channel, country, phone[:-_SUBSCRIBER_DIGITS])


def _country(phone: str) -> str:
    """Country of a record that does not name it."""
    matches = (country for code, country in _COUNTRIES.items() if phone.startswith(code))
    return next(matches, _OTHER)


def _estimate(image: Mapping[str, Any]) -> Counts | None:
    """What the reservation added to the ledger; None if this image no longer shows it."""
    cost = image.get("cost")
    if not cost:
        return {}
    if cost["kind"] != ESTIMATED:
        return None
    return {cost["currency"]: Decimal(cost["amount"])}


def _subtract(minuend: Counts, subtrahend: Counts) -> Counts:
    """The difference, without what is 0."""
    names = sorted(minuend.keys() | subtrahend.keys())
    differences = {name: minuend.get(name, 0) - subtrahend.get(name, 0) for name in names}
    return {name: amount for name, amount in differences.items() if amount}
