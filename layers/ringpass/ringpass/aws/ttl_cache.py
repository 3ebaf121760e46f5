"""TTL cache: an instance of a function keeps what it has read for some time."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

_MOST_ENTRIES: Final = 1_000


@dataclass(frozen=True, slots=True)
class TtlCache[K, V]:
    """Caches values by key.

    It has no clock: the caller passes the instant. Pass to ``put`` the instant *before* the value
    was read, so that no value is older than its TTL. If the clock goes back behind that instant,
    the value counts as expired.

    Attributes:
        ttl_seconds: How long a value is fresh.
    """

    ttl_seconds: float
    _entries: dict[K, "_Entry[V]"] = field(default_factory=dict, repr=False)

    def get(self, key: K, now: datetime) -> V | None:
        """Returns the value of a key if it is fresh."""
        return self.last(key) if self.is_fresh(key, now) else None

    def is_fresh(self, key: K, now: datetime) -> bool:
        """Returns whether a key has a fresh value, which may be None."""
        entry = self._entries.get(key)
        return entry is not None and entry.read_at <= now < entry.expires_at

    def last(self, key: K) -> V | None:
        """Returns the last value of a key, fresh or not."""
        entry = self._entries.get(key)
        return entry.value if entry else None

    def put(self, key: K, value: V, now: datetime, ttl_seconds: float | None = None) -> V:
        """Store a value, and return it. A full cache is emptied first.

        Args:
            key: Its key.
            value: What was read.
            now: The instant before it was read.
            ttl_seconds: How long it is fresh, if not as long as the others.
        """
        if len(self._entries) >= _MOST_ENTRIES:
            self._entries.clear()
        ttl = timedelta(seconds=self.ttl_seconds if ttl_seconds is None else ttl_seconds)
        self._entries[key] = _Entry(value, now, now + ttl)
        return value

    def discard(self, key: K) -> None:
        """Forget a key; harmless if it has no value."""
        self._entries.pop(key, None)

    def clear(self) -> None:
        """Forget all keys."""
        self._entries.clear()


@dataclass(frozen=True, slots=True)
class _Entry[V]:
    value: V
    read_at: datetime
    expires_at: datetime
