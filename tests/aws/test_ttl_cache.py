"""TTL cache: a value is fresh for its time, and for no instant before it was read."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from ringpass.aws.ttl_cache import TtlCache

NOW = datetime(2026, 11, 21, 8, 30, tzinfo=UTC)
SECONDS = st.integers(-200, 200)


@given(SECONDS, st.none() | st.integers(0, 100))
def test_a_value_is_fresh_from_its_instant_until_its_ttl_ends(age: int, own: int | None) -> None:
    cache = TtlCache[str, int](60)
    assert cache.put("key", 7, NOW, own) == 7
    is_fresh = 0 <= age < (60 if own is None else own)
    now = NOW + timedelta(seconds=age)
    assert cache.is_fresh("key", now) is is_fresh
    assert cache.get("key", now) == (7 if is_fresh else None)
    assert cache.last("key") == 7


def test_an_unknown_key_has_no_value() -> None:
    cache = TtlCache[str, int](60)
    assert not cache.is_fresh("key", NOW)
    assert cache.get("key", NOW) is cache.last("key") is None


def test_none_is_a_value() -> None:
    cache = TtlCache[str, int | None](60)
    cache.put("key", None, NOW)
    assert cache.is_fresh("key", NOW)


def test_a_new_value_replaces_the_old_one_and_its_time() -> None:
    cache = TtlCache[str, int](60)
    cache.put("key", 1, NOW)
    cache.put("key", 2, NOW + timedelta(seconds=50))
    assert cache.get("key", NOW + timedelta(seconds=100)) == 2


def test_keys_are_forgotten() -> None:
    cache = TtlCache[str, int](60)
    for key in "abc":
        cache.put(key, 1, NOW)
    cache.discard("a")
    cache.discard("a")
    assert (cache.get("a", NOW), cache.get("b", NOW)) == (None, 1)
    cache.clear()
    assert cache.get("b", NOW) is None


def test_it_stays_small() -> None:
    cache = TtlCache[int, int](60)
    for key in range(1_001):
        cache.put(key, key, NOW)
    assert cache.get(1_000, NOW) == 1_000
    assert cache.get(0, NOW) is None


def test_caches_share_nothing() -> None:
    one, other = TtlCache[str, int](60), TtlCache[str, int](60)
    one.put("key", 1, NOW)
    assert other.get("key", NOW) is None
