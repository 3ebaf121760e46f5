"""What deliveries, verifications and paid requests add to a client's statistics and its ledger.

What a record adds follows from its newest image alone, and its ``version`` says which image is the
newest. So what was counted before is no reason to have seen every image, once and in order: the
difference between what was counted and what the newest image adds is all that is missing.

    counted   {}            {sends: 1}         {sends: 1, answered: 1}
    image       version 1 ----------> version 3 ------------------> (version 2: passed over)
    added       sends + 1             answered + 1                   nothing

The ledger is told the price with the reservation, as an estimate; here it is only corrected, by
what the delivery costs now less that estimate. Only images that are not settled yet show it: where
none has been seen, the correction waits for one.

Pure; ``ringpass.reporting.store`` writes it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any, Final, Self

from ringpass.config import CONSENTS
from ringpass.outcomes import Status

type Amount = int | Decimal
type Counts = Mapping[str, Amount]
"""Counter -> how much; none is 0."""

VERIFICATION: Final = "verification"
"""In the place of a channel: what is counted of verifications as such."""
ESTIMATED: Final = "estimated"
SETTLED: Final = "settled"
ENDS: Final = ("approved", "canceled", "expired", "max_attempts_reached", "failed")
"""How a verification can end, each counted as ``ended_<end>``."""

_COUNTED_AS: Final[Mapping[Status, str | None]] = {
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
_COUNTED: Final = frozenset({"delivery", "verification", _CONSENT_REQUEST})
# A number's last seven digits are its subscriber's; what is before them, many share.
_SUBSCRIBER_DIGITS: Final = 7
_COUNTRIES: Final = {"+84": "VN", "+7": "RU"}
_OTHER: Final = "other"
_NAMES_OF_COST: Final = "cost_"


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """The row of a client's day that something is counted in.

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
        """What ``str`` gave."""
        return cls(*text.split("#"))


@dataclass(frozen=True, slots=True)
class Counted:
    """What has been counted of one record.

    Attributes:
        version: Of the image that it follows from; 0: nothing has been counted.
        rows: What the record has added, by place.
        in_step: Whether the ledger holds what the delivery costs according to ``rows``; if not, it
            still holds the reservation's estimate.
    """

    version: int = 0
    rows: Mapping[Place, Counts] = field(default_factory=dict)
    in_step: bool = False

    @property
    def spent(self) -> Counts:
        """What the delivery costs, by currency."""
        spent: dict[str, Amount] = {}
        for counts in self.rows.values():
            for name, amount in counts.items():
                if name.startswith(_NAMES_OF_COST):
                    currency = name.rpartition("_")[2]
                    spent[currency] = spent.get(currency, 0) + amount
        return spent


NOTHING: Final = Counted()


@dataclass(frozen=True, slots=True)
class Approval:
    """A code that was verified: what the client's fraud budget is told.

    Attributes:
        country: Of the number.
        at: When, RFC 3339.
        unverified: Where the code was counted until then: ``LimitPlan.unverified``; None if it was
            not.
        own_code: Whether the caller chose the code.
        delivery_ids: What the code was sent with.
    """

    country: str
    at: str
    unverified: Mapping[str, Any] | None
    own_code: bool = False
    delivery_ids: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Seen:
    """A record as a change of it shows it.

    Attributes:
        id: The record's id.
        client: Whose it is.
        day: Of its creation, UTC: ``2026-11-21``.
        version: Of its newer image.
        rows: What the newer image adds.
        estimate: What the reservation told the ledger, by currency; None if neither image shows it.
        shard: Which part of the ledger was told; None if none was.
        expires_at: When the record is deleted, seconds since 1970; None if it is kept.
        approval: What the newer image says of it, if it is an approved verification's.
        before: What has been counted if every image before was, once and in order.
    """

    id: str
    client: str
    day: str
    version: int
    rows: Mapping[Place, Counts]
    estimate: Counts | None
    shard: int | None
    expires_at: int | None
    approval: Approval | None
    before: Counted


@dataclass(frozen=True, slots=True)
class Move:
    """From what was counted to what is then.

    Attributes:
        to: What has been counted then.
        added: What is to be added, by place; only what is not 0.
        spent: What is to be added to the ledger, by currency; only what is not 0.
        approves: Whether an approval is among what is added.
    """

    to: Counted
    added: Mapping[Place, Counts]
    spent: Counts
    approves: bool


def see(image: Mapping[str, Any], old: Mapping[str, Any] | None) -> Seen | None:
    """Read a change of a record, from its image after it and the one before (None: it is new).

    None if nothing is counted of such a record: it is none of those, or a test.
    """
    if image.get("entity") not in _COUNTED or image.get("test"):
        return None
    shard = image.get("ledger_shard")
    estimate = _estimate(image)
    if estimate is None and old is not None:
        estimate = _estimate(old)
    before = NOTHING
    # An item that was touched and not changed tells nothing of what was counted of it.
    if old is not None and old["version"] < image["version"]:
        before = Counted(old["version"], contribution(old), in_step=True)
    return Seen(
        id=image["id"],
        client=image["client"],
        day=image["created_at"][:10],
        version=image["version"],
        rows=contribution(image),
        # Where the ledger was told nothing, it has nothing to be corrected.
        estimate={} if shard is None else estimate,
        shard=shard,
        expires_at=image.get("expires_at"),
        approval=_approval(image),
        before=before,
    )


def move(counted: Counted, seen: Seen) -> Move | None:
    """What is to be added after ``counted``; None if this change has nothing new to tell."""
    is_newer = seen.version > counted.version
    falls_in_step = not counted.in_step and seen.estimate is not None
    if not is_newer and not falls_in_step:
        return None
    to = replace(counted, version=seen.version, rows=seen.rows) if is_newer else counted
    if falls_in_step:
        to = replace(to, in_step=True)
    places = counted.rows.keys() | to.rows.keys()
    added = {
        place: difference
        for place in sorted(places)
        if (difference := _less(to.rows.get(place, {}), counted.rows.get(place, {})))
    }
    spent: Counts = {}
    if seen.shard is not None and to.in_step:
        told = counted.spent if counted.in_step else seen.estimate or {}
        spent = _less(to.spent, told)
    approves = any("ended_approved" in counts for counts in added.values())
    return Move(to, added, spent, approves)


def contribution(image: Mapping[str, Any]) -> Mapping[Place, Counts]:
    """What a record in this state adds, by place."""
    if image["entity"] == _CONSENT_REQUEST:
        return _of_consent_request(image)
    is_delivery = image["entity"] == "delivery"
    return _of_delivery(image) if is_delivery else _of_verification(image)


def _of_delivery(image: Mapping[str, Any]) -> Mapping[Place, Counts]:
    counts: dict[str, Amount] = {"sends": 1}
    if (counted_as := _COUNTED_AS[Status(image["status"])]) is not None:
        counts[counted_as] = 1
    counts |= _cost(image, image["provider"])
    return {_place(image, image["channel"]): counts}


def _of_consent_request(image: Mapping[str, Any]) -> Mapping[Place, Counts]:
    """It reaches nobody's phone, so it is no send; what it costs is all that is counted."""
    paid = _cost(image, "zalo")
    place = Place(image["created_at"][11:13], CONSENTS, image["country"], image["prefix"])
    return {place: paid} if paid else {}


def _cost(image: Mapping[str, Any], provider: str) -> dict[str, Amount]:
    cost = image.get("cost") or {"amount": "0"}
    amount = Decimal(cost["amount"])
    return {cost_counter(cost["kind"], provider, cost["currency"]): amount} if amount else {}


def _of_verification(image: Mapping[str, Any]) -> Mapping[Place, Counts]:
    status = str(image["status"])
    counts: dict[str, Amount] = {"started": 1}
    rows: dict[Place, Counts] = {_place(image, VERIFICATION): counts}
    if status in ENDS:
        counts[f"ended_{status}"] = 1
    if status == "approved":
        # To the credit of the channel whose code it was, if that is known.
        through = _place(image, image.get("approved_channel") or VERIFICATION)
        rows[through] = {**rows.get(through, {}), "approved": 1}
    return rows


def _approval(image: Mapping[str, Any]) -> Approval | None:
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


def cost_counter(kind: str, provider: str, currency: str) -> str:
    """Counter of what was paid to a provider: ``cost_settled_mcn_RUB``."""
    return f"{_NAMES_OF_COST}{kind}_{provider}_{currency}"


def costs(counts: Counts) -> Mapping[tuple[str, str, str], Amount]:
    """The counters of costs among these: (kind, provider, currency) -> amount."""
    found = {}
    for name, amount in counts.items():
        if name.startswith(_NAMES_OF_COST):
            kind, provider, currency = name.removeprefix(_NAMES_OF_COST).split("_")
            found[kind, provider, currency] = amount
    return found


def _place(image: Mapping[str, Any], channel: str) -> Place:
    phone = image["phone"]
    country = image.get("country") or _country(phone)
    return Place(image["created_at"][11:13], channel, country, phone[:-_SUBSCRIBER_DIGITS])


def _country(phone: str) -> str:
    """Of a record that does not say it."""
    known = (country for code, country in _COUNTRIES.items() if phone.startswith(code))
    return next(known, _OTHER)


def _estimate(image: Mapping[str, Any]) -> Counts | None:
    """What the reservation told the ledger; None where this image no longer shows it."""
    cost = image.get("cost")
    if not cost:
        return {}
    if cost["kind"] != ESTIMATED:
        return None
    return {cost["currency"]: Decimal(cost["amount"])}


def _less(one: Counts, other: Counts) -> Counts:
    """The difference, without what is 0."""
    names = sorted(one.keys() | other.keys())
    differences = {name: one.get(name, 0) - other.get(name, 0) for name in names}
    return {name: amount for name, amount in differences.items() if amount}
