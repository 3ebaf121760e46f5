"""Ceiling: the most that the operator of the stack allows a client.

    effective settings = the stricter of the client's settings and the ceiling, field by field

Only the operator's command writes one (``ringpass.clients.ceilings.__main__``): no function of the
stack may, so no API key can. Pure; ``ringpass.clients.ceilings.store`` stores it.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final, Self

from ringpass.limits.settings import UNLIMITED, LimitSettings, LimitsInvalid, Loc

EVERYONE: Final = "*"
"""Stands for every client, in the place of a client's name; a client's own ceiling goes first."""
ANY_FIELD: Final = "*"
"""Stands for every field of Bizfly's secret, in the place of a field's name."""
SHARED_KEY_FIELD: Final = "api_key"
_MOST_FIELDS: Final = 20
_FIELD: Final = re.compile(r"[A-Za-z0-9_.-]{1,64}|[*]")
_MOST_SLOTS: Final = 100
# A ceiling has these parts of the fraud budget only where it names them.
_NO_PARTS: Final = {"hourly": {"mode": "off"}, "ip_countries": {"mode": "off"}}
# Lists of numbers are the client's own: a ceiling also limits numbers on the allow list.
_LIMITS: Final = frozenset(UNLIMITED.to_dict()) - {"deny", "allow"}


@dataclass(frozen=True, slots=True)
class Ceiling:
    """The most that a client may have.

    Attributes:
        limits: Its limits; a limit that the operator has not set is ``UNLIMITED``.
        bizfly_key_fields: Fields of the secret ``BizflySecret`` that the client's scenarios may
            name; all, if ``ANY_FIELD`` is among them. None: not set.
        scenario_slots: How many of its scenarios may be active at once in an account at Bizfly.
            None: not set.
        end_suspensions: Whether its admin keys may end the suspension of a provider, which holds
            for all clients.
    """

    limits: LimitSettings = UNLIMITED
    bizfly_key_fields: frozenset[str] | None = None
    scenario_slots: int | None = None
    end_suspensions: bool = True

    def allows_key(self, key_field: str) -> bool:
        """Whether the client's scenarios may name this field of Bizfly's secret.

        If the operator has set no fields: only the field of the account that all clients share.
        """
        if self.bizfly_key_fields is None:
            return key_field == SHARED_KEY_FIELD
        return bool({key_field, ANY_FIELD} & self.bizfly_key_fields)

    def shows_key(self, key_field: str) -> bool:
        """Whether the client may see the end of this key: the operator has named its field."""
        return key_field in (self.bizfly_key_fields or ())

    @classmethod
    def merge(cls, everyone: Mapping[str, Any], own: Mapping[str, Any]) -> Self:
        """Merge the ceiling of all clients with a client's own.

        Args:
            everyone: The document of ``EVERYONE``; empty if there is none.
            own: The client's own document, likewise. Its fields, and each single limit, replace
                those of ``everyone``; null: no ceiling there.
        """
        limits = {**everyone.get("limits", {}), **own.get("limits", {})}
        return cls.from_document({**everyone, **own, "limits": limits})

    @classmethod
    def from_document(cls, document: Mapping[str, Any]) -> Self:
        """Parse the operator's JSON document (docs/limits.md).

        Raises:
            LimitsInvalid: A field is unknown or its value is not valid.
        """
        _check_fields(
            document, {"limits", "bizfly_key_fields", "scenario_slots", "end_suspensions"}, ()
        )
        limits = document.get("limits", {})
        _check_fields(limits, _LIMITS, ("limits",))
        values = {name: limit for name, limit in limits.items() if limit is not None}
        if isinstance(budget := values.get("fraud_budget"), Mapping):
            values["fraud_budget"] = {**_NO_PARTS, **budget}
        try:
            limit_settings = LimitSettings.from_dict({**UNLIMITED.to_dict(), **values})
        except LimitsInvalid as error:
            raise LimitsInvalid(("limits", *error.loc), error.type, error.message) from None
        return cls(
            limits=limit_settings,
            bizfly_key_fields=_read_field(document, "bizfly_key_fields", _key_fields),
            scenario_slots=_read_field(document, "scenario_slots", _slots),
            end_suspensions=_read_field(document, "end_suspensions", _flag) is not False,
        )

    def violations(
        self, limits: LimitSettings, fields: Mapping[str, Any]
    ) -> Iterator[tuple[Loc, Any]]:
        """Yield each limit that a client sets above this ceiling, with the value that is allowed.

        Args:
            limits: The client's limits, with the defaults of those that it leaves out.
            fields: Only the limits in its request. A default may be above the ceiling.
        """
        values, effective = limits.to_dict(), limits.under(self.limits).to_dict()
        for name in fields:
            if name not in _LIMITS or values[name] == effective[name]:
                continue
            if name == "fraud_budget" or (name == "daily_money" and fields[name]):
                for part in fields[name]:
                    if values[name][part] != effective[name][part]:
                        yield (name, part), effective[name][part]
            else:
                yield (name,), effective[name]


def _check_fields(document: object, names: set[str] | frozenset[str], loc: Loc) -> None:
    if not isinstance(document, Mapping):
        raise LimitsInvalid(loc, "object_type", "an object")
    if document.keys() - names:
        raise LimitsInvalid(loc, "extra_forbidden", f"only {', '.join(sorted(names))}")


def _read_field[T](document: Mapping[str, Any], name: str, parse: Callable[[Any], T]) -> T | None:
    value = document.get(name)
    if value is None:
        return None
    try:
        return parse(value)
    except ValueError as error:
        raise LimitsInvalid((name,), "value", str(error)) from None


def _key_fields(value: object) -> frozenset[str]:
    names = value if isinstance(value, list | tuple) and len(value) <= _MOST_FIELDS else [None]
    if not all(isinstance(name, str) and _FIELD.fullmatch(name) for name in names):
        raise ValueError(
            f"up to {_MOST_FIELDS} names of fields, each of A-Z, a-z, 0-9, _, . and -, or *"
        )
    return frozenset(names)


def _slots(value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= _MOST_SLOTS:
        raise ValueError(f"a whole number, 0 to {_MOST_SLOTS}")
    return value


def _flag(value: object) -> bool:
    if not isinstance(value, bool):
        raise ValueError("true or false")  # noqa: TRY004 - as every other wrong value
    return value
