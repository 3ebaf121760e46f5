"""A ceiling: what the operator of the stack allows a client, whatever the client sets itself.

    what holds = the stricter of the client's settings and the ceiling, field by field

Only the operator's command writes one (``ringpass.clients.ceilings.__main__``): no function of the
stack may, so no API key can. Pure; ``ringpass.clients.ceilings.store`` keeps it.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final, Self

from ringpass.limits.settings import UNLIMITED, LimitSettings, LimitsInvalid, Loc

EVERYONE: Final = "*"
"""In the place of a client's name: every client, where its own ceiling does not say otherwise."""
ANY_FIELD: Final = "*"
"""In the place of a field of Bizfly's secret: each of them."""
SHARED_KEY_FIELD: Final = "api_key"
_MOST_FIELDS: Final = 20
_FIELD: Final = re.compile(r"[A-Za-z0-9_.-]{1,64}|[*]")
_MOST_SLOTS: Final = 100
# Lists of numbers are the client's own: what a ceiling limits is limited on its allow list as well.
_LIMITS: Final = frozenset(UNLIMITED.to_dict()) - {"deny", "allow"}


@dataclass(frozen=True, slots=True)
class Ceiling:
    """What a client may have at most.

    Attributes:
        limits: Its limits; what the operator has not named is ``UNLIMITED``.
        bizfly_key_fields: Fields of the secret ``BizflySecret`` that the client's scenarios may
            name, ``ANY_FIELD`` among them: all; None: the operator has not said.
        scenario_slots: How many of its scenarios may be active at once in an account at Bizfly;
            None: the operator has not said.
        end_suspensions: Whether its admin keys may end the suspension of a provider, which is that
            of all clients.
    """

    limits: LimitSettings = UNLIMITED
    bizfly_key_fields: frozenset[str] | None = None
    scenario_slots: int | None = None
    end_suspensions: bool = True

    def allows_key(self, key_field: str) -> bool:
        """Whether the client's scenarios may name this field of Bizfly's secret.

        Where the operator has not said, it is the one of the account that all clients share.
        """
        if self.bizfly_key_fields is None:
            return key_field == SHARED_KEY_FIELD
        return bool({key_field, ANY_FIELD} & self.bizfly_key_fields)

    def shows_key(self, key_field: str) -> bool:
        """Whether the client may see the end of this key: the operator has given it by name."""
        return key_field in (self.bizfly_key_fields or ())

    @classmethod
    def of(cls, everyone: Mapping[str, Any], own: Mapping[str, Any]) -> Self:
        """The ceiling of a client.

        Args:
            everyone: The document of ``EVERYONE``; empty if there is none.
            own: The client's own document, likewise. What it names, a limit by itself, is in the
                place of what the other one says; null: no ceiling there.
        """
        limits = {**everyone.get("limits", {}), **own.get("limits", {})}
        return cls.from_document({**everyone, **own, "limits": limits})

    @classmethod
    def from_document(cls, document: Mapping[str, Any]) -> Self:
        """Read what the operator gives, JSON as in docs/limits.md.

        Raises:
            LimitsInvalid: A field is unknown or has a value that cannot be used.
        """
        _only(document, {"limits", "bizfly_key_fields", "scenario_slots", "end_suspensions"}, ())
        limits = document.get("limits", {})
        _only(limits, _LIMITS, ("limits",))
        named = {name: limit for name, limit in limits.items() if limit is not None}
        try:
            read = LimitSettings.from_dict({**UNLIMITED.to_dict(), **named})
        except LimitsInvalid as wrong:
            raise LimitsInvalid(("limits", *wrong.loc), wrong.type, wrong.message) from None
        return cls(
            limits=read,
            bizfly_key_fields=_read(document, "bizfly_key_fields", _fields),
            scenario_slots=_read(document, "scenario_slots", _slots),
            end_suspensions=_read(document, "end_suspensions", _flag) is not False,
        )

    def exceeded_by(
        self, limits: LimitSettings, given: Mapping[str, Any]
    ) -> Iterator[tuple[Loc, Any]]:
        """Each limit that a client sets above this ceiling, with what the ceiling makes of it.

        Args:
            limits: What the client sets, what it leaves out as the default.
            given: Only what it names. A default above the ceiling is no fault of the client's.
        """
        wanted, held = limits.to_dict(), limits.under(self.limits).to_dict()
        for name in given:
            if name not in _LIMITS or wanted[name] == held[name]:
                continue
            if name == "fraud_budget" or (name == "daily_money" and given[name]):
                for part in given[name]:
                    if wanted[name][part] != held[name][part]:
                        yield (name, part), held[name][part]
            else:
                yield (name,), held[name]


def _only(document: object, names: set[str] | frozenset[str], loc: Loc) -> None:
    if not isinstance(document, Mapping):
        raise LimitsInvalid(loc, "object_type", "an object")
    if document.keys() - names:
        raise LimitsInvalid(loc, "extra_forbidden", f"only {', '.join(sorted(names))}")


def _read[T](document: Mapping[str, Any], name: str, read: Callable[[Any], T]) -> T | None:
    value = document.get(name)
    if value is None:
        return None
    try:
        return read(value)
    except ValueError as wrong:
        raise LimitsInvalid((name,), "value", str(wrong)) from None


def _fields(value: object) -> frozenset[str]:
    listed = value if isinstance(value, list | tuple) and len(value) <= _MOST_FIELDS else [None]
    if not all(isinstance(each, str) and _FIELD.fullmatch(each) for each in listed):
        raise ValueError(
            f"up to {_MOST_FIELDS} names of fields, each of A-Z, a-z, 0-9, _, . and -, or *"
        )
    return frozenset(listed)


def _slots(value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= _MOST_SLOTS:
        raise ValueError(f"a whole number, 0 to {_MOST_SLOTS}")
    return value


def _flag(value: object) -> bool:
    if not isinstance(value, bool):
        raise ValueError("true or false")  # noqa: TRY004 - read as every other wrong value
    return value
