"""A webhook endpoint: where a client wants its events delivered."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from datetime import datetime
from enum import StrEnum
from typing import Any, Final, Self

from ringpass.events.model import Event, EventType, read_types

ALL_TYPES: Final = "*"


class EndpointStatus(StrEnum):
    """Whether events are delivered."""

    ENABLED = "enabled"
    DISABLED = "disabled"


class DisabledReason(StrEnum):
    """Why an endpoint was disabled."""

    GONE = "gone"
    """It answered 410."""
    FAILING = "failing"
    """It took no event for three days."""


@dataclass(frozen=True, slots=True)
class OldSecret:
    """A secret that was rotated, and still signs.

    Attributes:
        generation: Its number.
        until: When it ends, RFC 3339.
    """

    generation: int
    until: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """A webhook endpoint.

    Attributes:
        id: ``whe_`` and 32 characters.
        client: Its owner.
        url: Where events are posted.
        types: Patterns of the types of events that it gets: ``delivery.settled``,
            ``verification.*``, ``*``.
        description: The owner's own words.
        status: Whether events are delivered.
        disabled_reason: Why it is disabled; None: it is enabled.
        active_since: Older events are not delivered by themselves, RFC 3339.
        generation: The number of its secret; the secret is derived from it.
        old_secrets: Rotated secrets.
        facts: How many events it is the subject of.
        version: Number of changes, from 1.
        created_at: RFC 3339.
        updated_at: RFC 3339.
        fingerprint: Hash of the request, to detect another request with the same idempotency key.
    """

    id: str
    client: str
    url: str
    types: tuple[str, ...] = (ALL_TYPES,)
    description: str | None = None
    status: EndpointStatus = EndpointStatus.ENABLED
    disabled_reason: DisabledReason | None = None
    active_since: str = ""
    generation: int = 1
    old_secrets: tuple[OldSecret, ...] = ()
    facts: int = 0
    version: int = 1
    created_at: str = ""
    updated_at: str = ""
    fingerprint: str | None = field(default=None, repr=False)

    @property
    def is_enabled(self) -> bool:
        """Whether events are delivered."""
        return self.status is EndpointStatus.ENABLED

    def subscribes_to(self, type_: EventType) -> bool:
        """Whether it gets events of this type."""
        return any(pattern == ALL_TYPES or type_ in read_types(pattern) for pattern in self.types)

    def gets(self, event: Event) -> bool:
        """Whether the event is delivered by itself: it is subscribed, and not too old.

        A ``ping`` is delivered by the request that makes it, to its own endpoint only.
        """
        return (
            event.type is not EventType.PING
            and event.timestamp >= self.active_since
            and self.subscribes_to(event.type)
        )

    def generations(self, now: str) -> tuple[int, ...]:
        """Returns the numbers of the secrets that sign at ``now``, the current one first."""
        old = [secret.generation for secret in self.old_secrets if now < secret.until]
        return (self.generation, *reversed(old))

    def to_item(self) -> dict[str, Any]:
        """Returns the item without its key; fields that are None are left out."""
        item = asdict(self) | {
            "types": list(self.types),
            "old_secrets": [asdict(secret) for secret in self.old_secrets],
        }
        return {name: value for name, value in item.items() if value is not None}

    @classmethod
    def from_item(cls, item: Mapping[str, Any]) -> Self:
        """Parse an item of ``to_item``; it may have more fields."""
        names = {attribute.name for attribute in fields(cls)}
        values = {name: value for name, value in item.items() if name in names}
        reason = item.get("disabled_reason")
        return cls(
            **values
            | {
                "types": tuple(item["types"]),
                "old_secrets": tuple(OldSecret(**secret) for secret in item["old_secrets"]),
                "status": EndpointStatus(item["status"]),
                "disabled_reason": DisabledReason(reason) if reason else None,
            }
        )


@dataclass(frozen=True, slots=True)
class EndpointHealth:
    """How an endpoint has answered lately.

    Attributes:
        failures: How many tries have failed since the last success.
        failing_since: When the first of them failed, RFC 3339; None: none did.
        paused_until: It gets no event before; None: it is not paused.
    """

    failures: int = 0
    failing_since: str | None = None
    paused_until: datetime | None = None

    def is_paused(self, now: datetime) -> bool:
        """Whether it gets no event now."""
        return self.paused_until is not None and now < self.paused_until
