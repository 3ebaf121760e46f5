"""Limit settings of a client: its limits, its lists and its fraud budget.

Each has a default; ``None`` instead of a cap means that there is no such limit. Pure:
``ringpass.limits.arithmetic`` counts, ``ringpass.limits.counters`` keeps the counts.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from enum import StrEnum
from typing import Any, Final, Self

from ringpass.phone import E164

# A window stores the time of each send that it counts: more do not fit into an item of the table.
MOST_IN_A_WINDOW: Final = 10_000
MOST_TO_A_PHONE: Final = 1_000
# One counter serves all clients, so its window has one length.
ALL_CLIENTS_SECONDS: Final = 600
LONGEST_WINDOW_SECONDS: Final = 86_400
MOST_A_DAY: Final = 1_000_000_000
MOST_PAUSES: Final = 20
MOST_DELIVERIES: Final = 100
MOST_LISTED: Final = 1_000
MOST_COUNTRIES: Final = 300
MOST_CURRENCIES: Final = 10
DAILY_MONEY: Final[Mapping[str, Decimal]] = {"RUB": Decimal(5_000), "VND": Decimal(1_500_000)}
"""Default of what a day's sends may cost: some 60 US dollars in either currency."""
OTHER_DAILY_MONEY: Final = Decimal(100)
"""The same in any other currency: whatever it is, the sends are not free."""

_CURRENCY: Final = re.compile(r"[A-Z]{3}")
_AMOUNT: Final = re.compile(r"[0-9]{1,12}(?:\.[0-9]{1,6})?")
_NUMBER_KEY: Final = re.compile(r"[0-9a-f]{64}")
_PREFIX: Final = re.compile(r"\+[1-9][0-9]{0,13}")

type Loc = tuple[str | int, ...]


class LimitsInvalid(ValueError):
    """A limit has an invalid value.

    Attributes:
        loc: The path of the field: ``("phone", "cap")``.
        type: The reason as a word: ``integer_range``.
        message: The reason as a sentence, without the value.
    """

    def __init__(self, loc: Loc, type_: str, message: str) -> None:
        super().__init__(f"{'.'.join(map(str, loc))}: {message}")
        self.loc = loc
        self.type = type_
        self.message = message


class Mode(StrEnum):
    """What becomes of a start beyond the fraud budget, or beyond one of its parts."""

    ENFORCE = "enforce"
    """It is refused."""
    RECORD = "record"
    """It goes on, and a decision says that it would have been refused."""
    OFF = "off"
    """Nothing is counted."""


# How many times an hour's least cap the day's is, by default: 20 and 3, 10 and 5.
_COUNTRY_DAY_HOURS: Final = 6
_IP_DAY_HOURS: Final = 2
_STRICTNESS: Final = (Mode.OFF, Mode.RECORD, Mode.ENFORCE)


def _stricter_mode(mode: Mode, ceiling: Mode) -> Mode:
    return max(mode, ceiling, key=_STRICTNESS.index)


@dataclass(frozen=True, slots=True)
class Window:
    """At most ``cap`` in any ``seconds``, wherever they begin."""

    cap: int
    seconds: int

    def to_dict(self) -> dict[str, Any]:
        """Returns the document of the API and of the table."""
        return {"cap": self.cap, "seconds": self.seconds}

    def under(self, ceiling: Self) -> Self:
        """Returns the smaller cap in the longer time: full whenever one of the two is full."""
        return type(self)(min(self.cap, ceiling.cap), max(self.seconds, ceiling.seconds))


@dataclass(frozen=True, slots=True)
class PhoneList:
    """Deny list or allow list: numbers and prefixes.

    Attributes:
        numbers: List keys of numbers (``ids.list_key``): answers hold them.
        prefixes: Prefixes of E.164 numbers, in clear: ``+8490``.
    """

    numbers: frozenset[str] = frozenset()
    prefixes: frozenset[str] = frozenset()

    def rank(self, e164: str, list_key: str) -> int:
        """Returns how closely the list matches a number: 0 not at all; a higher rank is closer."""
        if list_key in self.numbers:
            return len(e164) + 1
        return max((len(prefix) for prefix in self.prefixes if e164.startswith(prefix)), default=0)

    def to_dict(self) -> dict[str, Any]:
        """Returns the document of the API and of the table."""
        return {"numbers": sorted(self.numbers), "prefixes": sorted(self.prefixes)}


@dataclass(frozen=True, slots=True)
class HourlyBudget:
    """The hourly half of the fraud budget: how many codes of an hour (UTC) may stay unverified.

    Attributes:
        country_least: The least cap of a country's codes.
        ip_least: The least cap of the codes of an end user's address.
        percent: The part of the verified codes that may be unverified, if that is more.
    """

    mode: Mode = Mode.RECORD
    country_least: int = 3
    ip_least: int = 5
    percent: int = 20

    def to_dict(self) -> dict[str, Any]:
        """Returns the document of the API and of the table."""
        return {
            "mode": str(self.mode),
            "country_least": self.country_least,
            "ip_least": self.ip_least,
            "percent": self.percent,
        }

    def under(self, ceiling: Self) -> Self:
        """Returns the stricter value of each field; a ceiling that is off limits nothing."""
        if ceiling.mode is Mode.OFF:
            return self
        return type(self)(
            _stricter_mode(self.mode, ceiling.mode),
            min(self.country_least, ceiling.country_least),
            min(self.ip_least, ceiling.ip_least),
            min(self.percent, ceiling.percent),
        )


@dataclass(frozen=True, slots=True)
class IpCountries:
    """To numbers of how many countries an end user's address may start verifications in a day."""

    mode: Mode = Mode.RECORD
    cap: int = 3

    def to_dict(self) -> dict[str, Any]:
        """Returns the document of the API and of the table."""
        return {"mode": str(self.mode), "cap": self.cap}

    def under(self, ceiling: Self) -> Self:
        """Returns the stricter value of each field; a ceiling that is off limits nothing."""
        if ceiling.mode is Mode.OFF:
            return self
        return type(self)(_stricter_mode(self.mode, ceiling.mode), min(self.cap, ceiling.cap))


@dataclass(frozen=True, slots=True)
class FraudBudget:
    """Fraud budget: how many codes may stay unverified; more of them look like toll fraud.

    The rule is authgear's (its ``docs/specs/fraud-protection.md``): for each country and day the
    greatest of ``country_least``, ``percent`` of the best of the last 14 days' verified codes, and
    ``percent`` of those of the last 24 hours; for each address of an end user and day the greater
    of ``ip_least`` and ``percent`` of its verified ones. ``hourly`` has the same for an hour.

    Attributes:
        sends_least: The least cap of a country's unverified codes and single sends together: a
            single send is never verified.
        own_codes: Whether codes that the caller chose are given back to the budget, and let it
            grow, once they are verified.
        hourly: The hourly half.
        ip_countries: Countries for one address.
    """

    mode: Mode = Mode.ENFORCE
    country_least: int = 20
    ip_least: int = 10
    percent: int = 20
    sends_least: int = 1_000
    own_codes: bool = True
    hourly: HourlyBudget = HourlyBudget()
    ip_countries: IpCountries = IpCountries()

    def to_dict(self) -> dict[str, Any]:
        """Returns the document of the API and of the table."""
        return {
            "mode": str(self.mode),
            "country_least": self.country_least,
            "ip_least": self.ip_least,
            "percent": self.percent,
            "sends_least": self.sends_least,
            "own_codes": self.own_codes,
            "hourly": self.hourly.to_dict(),
            "ip_countries": self.ip_countries.to_dict(),
        }

    def under(self, ceiling: Self) -> Self:
        """Returns the stricter value of each field; a ceiling that is off limits nothing."""
        if ceiling.mode is Mode.OFF:
            return self
        return type(self)(
            _stricter_mode(self.mode, ceiling.mode),
            min(self.country_least, ceiling.country_least),
            min(self.ip_least, ceiling.ip_least),
            min(self.percent, ceiling.percent),
            min(self.sends_least, ceiling.sends_least),
            self.own_codes and ceiling.own_codes,
            self.hourly.under(ceiling.hourly),
            self.ip_countries.under(ceiling.ip_countries),
        )


@dataclass(frozen=True, slots=True)
class LimitSettings:
    """A client's limits.

    Attributes:
        phone: The client's sends to one number.
        phone_all_clients: All clients' sends to one number in ``ALL_CLIENTS_SECONDS``, as a cap for
            this client's sends. None: the client's sends are not counted there either.
        prefix: The client's sends to numbers that differ in their last four digits only.
        pauses: Seconds between two starts of a verification to a number: the first pause after the
            first start, and so on; the last one repeats. None: no pauses.
        pauses_reset_seconds: After so long without a start, the pauses begin anew.
        daily_sends: Sends in a day (UTC).
        daily_money: Amounts in a day (UTC) by currency (see ``money_cap``); empty: no limit.
        verification_deliveries: Deliveries of one verification.
        deny: Numbers to which nothing is sent.
        allow: Numbers without limits on one number and on a prefix, and without a fraud budget; the
            day's limits apply.
        fraud_budget: Codes that may be unverified.
        ceiling: The operator's limits above these. They apply to numbers on the allow list, too.
    """

    phone: Window | None = Window(5, 600)
    phone_all_clients: Window | None = Window(10, 600)
    prefix: Window | None = Window(100, 3600)
    pauses: tuple[int, ...] | None = (30, 60, 120, 240, 480, 900)
    pauses_reset_seconds: int = 3600
    daily_sends: int | None = 10_000
    daily_money: Mapping[str, Decimal] = field(default_factory=lambda: dict(DAILY_MONEY))
    verification_deliveries: int = 10
    deny: PhoneList = PhoneList()
    allow: PhoneList = PhoneList()
    fraud_budget: FraudBudget = FraudBudget()
    ceiling: "LimitSettings | None" = None

    @classmethod
    def from_dict(
        cls, document: Mapping[str, Any], number_key: Callable[[str], str] | None = None
    ) -> Self:
        """Read a document of ``to_dict`` or of a caller; an absent field has its default.

        Args:
            document: Plain values. Numbers in lists are list keys; with ``number_key`` they may be
                E.164, too. Amounts are text (``"5000"``) or whole numbers.
            number_key: Makes a number's list key.

        Raises:
            LimitsInvalid: A field is unknown or has an invalid value.
        """
        reader, defaults = _FieldReader(document, ()), cls()
        settings = cls(
            phone=reader.window("phone", defaults.phone, MOST_TO_A_PHONE),
            phone_all_clients=reader.window(
                "phone_all_clients", defaults.phone_all_clients, MOST_TO_A_PHONE
            ),
            prefix=reader.window("prefix", defaults.prefix, MOST_IN_A_WINDOW),
            pauses=reader.pauses("pauses", defaults.pauses),
            pauses_reset_seconds=reader.integer(
                "pauses_reset_seconds", defaults.pauses_reset_seconds, 1, LONGEST_WINDOW_SECONDS
            ),
            daily_sends=reader.cap("daily_sends", defaults.daily_sends),
            daily_money=reader.money("daily_money", defaults.daily_money),
            verification_deliveries=reader.integer(
                "verification_deliveries", defaults.verification_deliveries, 1, MOST_DELIVERIES
            ),
            deny=reader.phones("deny", number_key),
            allow=reader.phones("allow", number_key),
            fraud_budget=reader.budget("fraud_budget"),
        )
        reader.finish()
        shared = settings.phone_all_clients
        if shared and shared.seconds != ALL_CLIENTS_SECONDS:
            raise LimitsInvalid(
                ("phone_all_clients", "seconds"),
                "range",
                f"{ALL_CLIENTS_SECONDS}: one counter serves all clients",
            )
        if settings.pauses and max(settings.pauses) > settings.pauses_reset_seconds:
            raise LimitsInvalid(
                ("pauses_reset_seconds",), "range", "not shorter than the longest pause"
            )
        return settings

    def denies(self, e164: str, list_key: str) -> bool:
        """Whether the deny list matches a number, and the allow list not more closely."""
        rank = self.deny.rank(e164, list_key)
        return rank > 0 and rank >= self.allow.rank(e164, list_key)

    def to_dict(self) -> dict[str, Any]:
        """Returns the document of the API and of the table: JSON values, amounts as text."""
        return {
            "phone": self.phone and self.phone.to_dict(),
            "phone_all_clients": self.phone_all_clients and self.phone_all_clients.to_dict(),
            "prefix": self.prefix and self.prefix.to_dict(),
            "pauses": None if self.pauses is None else list(self.pauses),
            "pauses_reset_seconds": self.pauses_reset_seconds,
            "daily_sends": self.daily_sends,
            "daily_money": {name: str(self.daily_money[name]) for name in sorted(self.daily_money)},
            "verification_deliveries": self.verification_deliveries,
            "deny": self.deny.to_dict(),
            "allow": self.allow.to_dict(),
            "fraud_budget": self.fraud_budget.to_dict(),
        }

    def money_cap(self, currency: str) -> Decimal | None:
        """Returns what a day's sends may cost in a currency; None: there is no limit in any.

        A limit in one currency does not make the others free: they have the default cap.
        """
        if not self.daily_money:
            return None
        default = DAILY_MONEY.get(currency, OTHER_DAILY_MONEY)
        return self.daily_money.get(currency, default)

    def under(self, ceiling: "LimitSettings") -> "LimitSettings":
        """Returns the stricter value of these limits and the ceiling, in each field."""
        return replace(
            self,
            phone=_stricter(self.phone, ceiling.phone, Window.under),
            phone_all_clients=_stricter(
                self.phone_all_clients, ceiling.phone_all_clients, Window.under
            ),
            prefix=_stricter(self.prefix, ceiling.prefix, Window.under),
            pauses=_stricter(self.pauses, ceiling.pauses, _longer_pauses),
            pauses_reset_seconds=max(self.pauses_reset_seconds, ceiling.pauses_reset_seconds)
            if ceiling.pauses
            else self.pauses_reset_seconds,
            daily_sends=_stricter(self.daily_sends, ceiling.daily_sends, min),
            daily_money={
                currency: cap
                for currency in sorted(self.daily_money.keys() | ceiling.daily_money.keys())
                if (cap := _stricter(self.money_cap(currency), ceiling.money_cap(currency), min))
                is not None
            },
            verification_deliveries=min(
                self.verification_deliveries, ceiling.verification_deliveries
            ),
            fraud_budget=self.fraud_budget.under(ceiling.fraud_budget),
            ceiling=ceiling,
        )


UNLIMITED: Final = LimitSettings(
    phone=None,
    phone_all_clients=None,
    prefix=None,
    pauses=None,
    daily_sends=None,
    daily_money={},
    verification_deliveries=MOST_DELIVERIES,
    fraud_budget=FraudBudget(Mode.OFF),
)
"""No limit at all: a ceiling that sets none."""


def _stricter[T](limit: T | None, ceiling: T | None, choose: Callable[[T, T], T]) -> T | None:
    """Returns the stricter of two limits; None is no limit."""
    if limit is None or ceiling is None:
        return ceiling if limit is None else limit
    return choose(limit, ceiling)


def _longer_pauses(pauses: tuple[int, ...], ceiling: tuple[int, ...]) -> tuple[int, ...]:
    """Returns the longer of each two pauses; the last pause of either repeats."""
    count = max(len(pauses), len(ceiling))
    return tuple(
        max(pauses[min(index, len(pauses) - 1)], ceiling[min(index, len(ceiling) - 1)])
        for index in range(count)
    )


class _FieldReader:
    """Reads the fields of one object, and refuses unknown ones."""

    def __init__(self, document: object, loc: Loc) -> None:
        if not isinstance(document, Mapping):
            raise LimitsInvalid(loc, "object_type", "an object")
        self._fields = dict(document)
        self._loc = loc

    def finish(self) -> None:
        """Refuse unknown fields. The error does not repeat their names: they may hold anything."""
        if self._fields:
            raise LimitsInvalid(self._loc, "extra_forbidden", "a field that does not exist")

    def integer(self, name: str, default: int, least: int, most: int) -> int:
        value = self._fields.pop(name, default)
        return self._integer(value, (*self._loc, name), least, most)

    def flag(self, name: str, default: bool) -> bool:
        value = self._fields.pop(name, default)
        if not isinstance(value, bool):
            raise LimitsInvalid((*self._loc, name), "bool_type", "true or false")
        return value

    def cap(self, name: str, default: int | None) -> int | None:
        if self._fields.get(name, default) is None:
            self._fields.pop(name, None)
            return None
        return self.integer(name, default or 0, 1, MOST_A_DAY)

    def window(self, name: str, default: Window | None, most: int) -> Window | None:
        if name not in self._fields:
            return default
        if self._fields[name] is None:
            self._fields.pop(name, None)
            return None
        inner = self._object(name)
        window = Window(
            inner.integer("cap", 0, 1, most),
            inner.integer("seconds", 0, 1, LONGEST_WINDOW_SECONDS),
        )
        inner.finish()
        return window

    def pauses(self, name: str, default: tuple[int, ...] | None) -> tuple[int, ...] | None:
        if name not in self._fields:
            return default
        if self._fields[name] is None:
            self._fields.pop(name, None)
            return None
        loc = (*self._loc, name)
        values = self.texts(name, MOST_PAUSES)
        pauses = tuple(
            self._integer(value, (*loc, index), 0, LONGEST_WINDOW_SECONDS)
            for index, value in enumerate(values)
        )
        if not pauses or list(pauses) != sorted(pauses):
            raise LimitsInvalid(
                loc, "pauses_order", "one pause or more, none shorter than the last"
            )
        return pauses

    def money(self, name: str, default: Mapping[str, Decimal]) -> Mapping[str, Decimal]:
        if name not in self._fields:
            return default
        loc = (*self._loc, name)
        amounts = self._fields.pop(name)
        if not isinstance(amounts, Mapping) or len(amounts) > MOST_CURRENCIES:
            raise LimitsInvalid(loc, "object_type", f"up to {MOST_CURRENCIES} currencies")
        if not all(isinstance(name, str) and _CURRENCY.fullmatch(name) for name in amounts):
            raise LimitsInvalid(loc, "currency_format", "currencies are ISO 4217, such as RUB")
        return {currency: _amount(amount, (*loc, currency)) for currency, amount in amounts.items()}

    def phones(self, name: str, number_key: Callable[[str], str] | None) -> PhoneList:
        inner = self._object(name)
        numbers, prefixes = (
            inner.texts("numbers", MOST_LISTED),
            inner.texts("prefixes", MOST_LISTED),
        )
        inner.finish()
        loc = (*self._loc, name)
        return PhoneList(
            frozenset(
                _number(number, (*loc, "numbers", index), number_key)
                for index, number in enumerate(numbers)
            ),
            frozenset(
                _text(prefix, _PREFIX, (*loc, "prefixes", index), "prefix_format", "such as +8490")
                for index, prefix in enumerate(prefixes)
            ),
        )

    def budget(self, name: str) -> FraudBudget:
        inner, defaults = self._object(name), FraudBudget()
        # A setting for unverified codes applies to single sends as well.
        sends_least = inner._fields.get("country_least", defaults.sends_least)
        country_least = inner.integer("country_least", defaults.country_least, 0, MOST_A_DAY)
        ip_least = inner.integer("ip_least", defaults.ip_least, 0, MOST_A_DAY)
        budget = FraudBudget(
            inner.mode(defaults.mode),
            country_least,
            ip_least,
            inner.integer("percent", defaults.percent, 0, 100),
            inner.integer("sends_least", sends_least, 0, MOST_A_DAY),
            inner.flag("own_codes", defaults.own_codes),
            inner.hourly(country_least, ip_least),
            inner.ip_countries(),
        )
        inner.finish()
        return budget

    def hourly(self, country_least: int, ip_least: int) -> HourlyBudget:
        """Its least caps follow those of the day, with the ratios of their defaults."""
        inner, defaults = self._object("hourly"), HourlyBudget()
        hourly = HourlyBudget(
            inner.mode(defaults.mode),
            inner.integer("country_least", country_least // _COUNTRY_DAY_HOURS, 0, MOST_A_DAY),
            inner.integer("ip_least", ip_least // _IP_DAY_HOURS, 0, MOST_A_DAY),
            inner.integer("percent", defaults.percent, 0, 100),
        )
        inner.finish()
        return hourly

    def ip_countries(self) -> IpCountries:
        inner, defaults = self._object("ip_countries"), IpCountries()
        countries = IpCountries(
            inner.mode(defaults.mode), inner.integer("cap", defaults.cap, 1, MOST_COUNTRIES)
        )
        inner.finish()
        return countries

    def mode(self, default: Mode) -> Mode:
        mode = self._fields.pop("mode", default)
        if mode not in list(Mode):
            raise LimitsInvalid((*self._loc, "mode"), "mode_format", f"one of {', '.join(Mode)}")
        return Mode(mode)

    def _object(self, name: str) -> "_FieldReader":
        return _FieldReader(self._fields.pop(name, {}), (*self._loc, name))

    def texts(self, name: str, most: int) -> list[Any]:
        values = self._fields.pop(name, [])
        if not isinstance(values, list | tuple) or len(values) > most:
            raise LimitsInvalid((*self._loc, name), "list_type", f"a list of up to {most}")
        return list(values)

    @staticmethod
    def _integer(value: object, loc: Loc, least: int, most: int) -> int:
        if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
            raise LimitsInvalid(loc, "integer_range", f"a whole number, {least} to {most}")
        return value


def _amount(value: object, loc: Loc) -> Decimal:
    text = str(value) if isinstance(value, int | Decimal | str) else ""
    if not _AMOUNT.fullmatch(text):
        raise LimitsInvalid(loc, "amount_format", 'an amount as text, such as "99.50"')
    return Decimal(text)


def _number(value: object, loc: Loc, number_key: Callable[[str], str] | None) -> str:
    if isinstance(value, str) and _NUMBER_KEY.fullmatch(value):
        return value
    if number_key is None:
        raise LimitsInvalid(loc, "number_format", "a list key")
    return number_key(_text(value, E164, loc, "number_format", "E.164 such as +84XXXXXXXXX"))


def _text(value: object, pattern: re.Pattern[str], loc: Loc, type_: str, expected: str) -> str:
    if not isinstance(value, str) or not pattern.fullmatch(value):
        raise LimitsInvalid(loc, type_, expected)
    return value
