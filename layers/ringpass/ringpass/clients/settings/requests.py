"""Request bodies of a client's settings, as pydantic models: the bodies of the two PUTs.

An error names its field. A rule about two fields is checked at the field that must not be there:
``template`` on a step that calls, ``times`` on a row that does not retry.
"""

import json
import re
from collections.abc import Callable
from typing import Annotated, Any, Final, Literal

from pydantic import (
    AfterValidator,
    BeforeValidator,
    Field,
    PlainValidator,
    ValidationInfo,
    WithJsonSchema,
)
from pydantic_core import PydanticCustomError

from ringpass.clients.ceilings.model import Ceiling
from ringpass.clients.settings.cause_table import REPEATABLE, Action, CauseRow
from ringpass.clients.settings.model import DEFAULT_CODE_PARAM, ClientSettings, ZnsDefaults
from ringpass.clients.settings.workflow_requests import (
    Channel,
    Timeout,
    Workflow,
    check_code_param,
)
from ringpass.errors import ValidationFailed, invalid_field
from ringpass.http.fields import Command, ParamName, Params, Scenario, TemplateRef, Version
from ringpass.limits.settings import (
    ALL_CLIENTS_SECONDS,
    LONGEST_WINDOW_SECONDS,
    MOST_A_DAY,
    MOST_COUNTRIES,
    MOST_CURRENCIES,
    MOST_DELIVERIES,
    MOST_IN_A_WINDOW,
    MOST_PAUSES,
    MOST_TO_A_PHONE,
    LimitSettings,
    LimitsInvalid,
    Mode,
)
from ringpass.outcomes import Status
from ringpass.phone import PhoneError, is_country, parse_phone, without_separators

MOST_ROWS: Final = 50
MOST_RETRIES: Final = 5
LONGEST_PAUSE_SECONDS: Final = 900
_MOST_WORKFLOWS: Final = 50
_MOST_COUNTRIES: Final = 300
# Two lists of so many list keys fit into a body: a response can be sent back.
_MOST_NUMBERS: Final = 400
_MOST_PREFIXES: Final = 100
_LOOK_UP_KEY: Final = re.compile(r"[0-9a-f]{64}")
_AMOUNT: Final = re.compile(r"[0-9]{1,12}(\.[0-9]{1,6})?")
# The reason in a client's own row that has none.
OWN_WHY: Final = "The client has set it so."


def _check_country(text: str) -> str:
    if not is_country(text):
        raise PydanticCustomError("country_unknown", "a country is an ISO 3166 code such as VN")
    return text


def _check_country_or_others(text: str) -> str:
    return text if text == "*" else _check_country(text)


_COUNTRY: Final = "^[A-Z]{2}$"
Country = Annotated[str, Field(pattern=_COUNTRY), AfterValidator(_check_country)]
CountryOrOthers = Annotated[
    str, Field(pattern=rf"{_COUNTRY}|^\*$"), AfterValidator(_check_country_or_others)
]


class ZnsTemplate(Command):
    """The template of ZNS steps that name none."""

    template: TemplateRef
    code_param: Annotated[
        ParamName | None,
        AfterValidator(check_code_param),
        Field(
            description="which parameter takes the code, of a template that is not registered; "
            "`otp` if left out"
        ),
    ] = None
    params: Annotated[Params, Field(repr=False, description="the template's other parameters")] = (
        Field(default_factory=dict)
    )

    def to_defaults(self) -> ZnsDefaults:
        """Return the template in the form of ``ClientSettings``."""
        if isinstance(self.template, str):
            return ZnsDefaults(self.template, None, self.params)
        return ZnsDefaults(self.template, self.code_param or DEFAULT_CODE_PARAM, self.params)


# ------------------------------------------------------------------------------------------ limits


def _parse_number(value: object) -> str:
    if not isinstance(value, str):
        raise PydanticCustomError("string_type", "Input should be a valid string")
    if _LOOK_UP_KEY.fullmatch(value):
        return value
    try:
        return parse_phone(value).e164
    except PhoneError as error:
        raise PydanticCustomError(error.type, error.message) from None


def _parse_amount(value: object) -> str:
    text = str(value) if isinstance(value, int | str) and not isinstance(value, bool) else ""
    if not _AMOUNT.fullmatch(text):
        raise PydanticCustomError("amount_format", 'an amount is text, such as "99.50"')
    return text


Number = Annotated[
    str,
    PlainValidator(_parse_number),
    WithJsonSchema(
        {
            "type": "string",
            "description": "E.164, written as `phone` may be; or the list key that a number was "
            "answered as",
        }
    ),
]
Prefix = Annotated[
    str,
    BeforeValidator(lambda value: without_separators(value) if isinstance(value, str) else value),
    Field(pattern=r"^\+[1-9][0-9]{0,13}$", description="how E.164 numbers begin: `+8490`"),
]
Amount = Annotated[
    str,
    PlainValidator(_parse_amount),
    WithJsonSchema(
        {
            "anyOf": [
                {"type": "string", "pattern": r"^[0-9]{1,12}(\.[0-9]{1,6})?$"},
                {"type": "integer", "minimum": 0, "maximum": 10**12 - 1},
            ],
            "description": "a decimal number, as text so that it stays exact",
        }
    ),
]
Currency = Annotated[str, Field(pattern="^[A-Z]{3}$")]
Seconds = Annotated[int, Field(ge=1, le=LONGEST_WINDOW_SECONDS)]
Pause = Annotated[int, Field(ge=0, le=LONGEST_WINDOW_SECONDS)]
Unverified = Annotated[int, Field(ge=0, le=MOST_A_DAY)]


class PhoneWindow(Command):
    """At most so many to one number in any so many seconds."""

    cap: Annotated[int, Field(ge=1, le=MOST_TO_A_PHONE)]
    seconds: Seconds


class AllClientsWindow(Command):
    """At most so many to one number in any 600 seconds: one counter serves all clients."""

    cap: Annotated[int, Field(ge=1, le=MOST_TO_A_PHONE)]
    seconds: Annotated[int, Field(ge=ALL_CLIENTS_SECONDS, le=ALL_CLIENTS_SECONDS)]


class PrefixWindow(Command):
    """At most so many to numbers of one prefix in any so many seconds."""

    cap: Annotated[int, Field(ge=1, le=MOST_IN_A_WINDOW)]
    seconds: Seconds


class NumberList(Command):
    """Numbers and prefixes that are treated apart."""

    numbers: Annotated[list[Number], Field(max_length=_MOST_NUMBERS, repr=False)] = Field(
        default_factory=list
    )
    prefixes: Annotated[list[Prefix], Field(max_length=_MOST_PREFIXES)] = Field(
        default_factory=list
    )


class HourlyUnverifiedBudget(Command):
    """How many codes may be started in an hour (UTC) and not verified."""

    mode: Annotated[
        Mode, Field(description="`record`: nothing is refused, and decisions say what would be")
    ] = Mode.RECORD
    country_least: Annotated[
        Unverified,
        Field(description="of a country, at least so many; a sixth of the day's if left out"),
    ] = 3
    ip_least: Annotated[
        Unverified,
        Field(description="of an end user's address; a half of the day's if left out"),
    ] = 5
    percent: Annotated[
        int, Field(ge=0, le=100, description="or so much of what was verified, if that is more")
    ] = 20


class CountriesOfAnAddress(Command):
    """To how many countries an end user's address may start verifications in a day."""

    mode: Annotated[
        Mode, Field(description="`record`: nothing is refused, and decisions say what would be")
    ] = Mode.RECORD
    cap: Annotated[
        int,
        Field(ge=1, le=MOST_COUNTRIES, description="countries without a verified code of it"),
    ] = 3


class UnverifiedBudget(Command):
    """How many codes may be started in a day and not verified."""

    mode: Annotated[
        Mode, Field(description="`record`: nothing is refused, and decisions say what would be")
    ] = Mode.ENFORCE
    country_least: Annotated[Unverified, Field(description="of a country, at least so many")] = 20
    ip_least: Annotated[Unverified, Field(description="of an end user's address")] = 10
    percent: Annotated[
        int, Field(ge=0, le=100, description="or so much of what was verified, if that is more")
    ] = 20
    sends_least: Annotated[
        Unverified,
        Field(
            description="of a country's unverified codes and single sends together, at least so "
            "many; as `country_least` if that is given, 1000 else"
        ),
    ] = 1_000
    own_codes: Annotated[
        bool,
        Field(description="whether verified codes of the caller's own count as verified"),
    ] = True
    hourly: HourlyUnverifiedBudget = Field(default_factory=HourlyUnverifiedBudget)
    ip_countries: CountriesOfAnAddress = Field(default_factory=CountriesOfAnAddress)


class Limits(Command):
    """What may be sent. What is left out has its default, null is no limit."""

    phone: Annotated[
        PhoneWindow | None, Field(description="sends to one number; 5 in 600 s if left out")
    ] = None
    phone_all_clients: Annotated[
        AllClientsWindow | None,
        Field(description="all clients' sends to one number; 10 in 600 s if left out"),
    ] = None
    prefix: Annotated[
        PrefixWindow | None,
        Field(
            description="sends to numbers that differ in the last four digits only; 100 in 3600 s "
            "if left out"
        ),
    ] = None
    pauses: Annotated[
        list[Pause] | None,
        Field(
            min_length=1,
            max_length=MOST_PAUSES,
            description="seconds between starts to one number, none shorter than the one before; "
            "30, 60, 120, 240, 480, 900 if left out",
        ),
    ] = None
    pauses_reset_seconds: Annotated[
        Seconds,
        Field(description="the pauses begin anew after so long; 3600 if left out"),
    ] = 3600
    daily_sends: Annotated[
        int | None, Field(ge=1, le=MOST_A_DAY, description="in a day (UTC); 10000 if left out")
    ] = None
    daily_money: Annotated[
        dict[Currency, Amount],
        Field(
            max_length=MOST_CURRENCIES,
            description='in a day (UTC) by currency; `{"RUB": "5000"}` if left out. What is not '
            "named has 5000 RUB, 1500000 VND or 100 of any other; `{}` is no limit",
        ),
    ] = Field(default_factory=dict)
    verification_deliveries: Annotated[
        int, Field(ge=1, le=MOST_DELIVERIES, description="of one verification; 10 if left out")
    ] = 10
    deny: Annotated[NumberList, Field(description="nothing is sent to these")] = Field(
        default_factory=NumberList
    )
    allow: Annotated[
        NumberList, Field(description="limits on numbers, prefixes and unverified codes pass these")
    ] = Field(default_factory=NumberList)
    fraud_budget: UnverifiedBudget = Field(default_factory=UnverifiedBudget)

    def to_settings(self, number_key: Callable[[str], str]) -> LimitSettings:
        """Return the limits in the form of ``LimitSettings``.

        Raises:
            ValidationFailed: Two of them do not fit together; the error names one.
        """
        # Only fields of the request: null and a missing field are different.
        fields: dict[str, Any] = self.model_dump(mode="json", exclude_unset=True)
        try:
            return LimitSettings.from_dict(fields, number_key)
        except LimitsInvalid as error:
            raise invalid_field(["limits", *error.loc], error.type, error.message) from None

    def check_ceiling(self, limits: LimitSettings, ceiling: Ceiling) -> None:
        """Refuse limits above what the operator allows; a default may be above it.

        Args:
            limits: The result of ``to_settings``.
            ceiling: The operator's ceiling.

        Raises:
            ValidationFailed: It names each limit above the ceiling.
        """
        fields: dict[str, Any] = self.model_dump(mode="json", exclude_unset=True)
        violations = list(ceiling.violations(limits, fields))
        if violations:
            raise ValidationFailed(
                "The operator of the stack allows less.",
                errors=[
                    {
                        "loc": ["limits", *loc],
                        "type": "above_ceiling",
                        "msg": f"the operator's ceiling holds: {json.dumps(effective)}",
                    }
                    for loc, effective in violations
                ],
            )


def _check_unique(names: list[str]) -> list[str]:
    if len(set(names)) < len(names):
        raise PydanticCustomError("named_twice", "a provider stands in the order once")
    return names


class Providers(Command):
    """The providers of each channel that has several, the first one asked first."""

    zns: (
        Annotated[
            list[Literal["caresoft", "zalo"]], Field(min_length=1), AfterValidator(_check_unique)
        ]
        | None
    ) = None
    voice_otp: (
        Annotated[
            list[Literal["bizfly", "voice_gateway"]],
            Field(min_length=1),
            AfterValidator(_check_unique),
        ]
        | None
    ) = None


class ReplaceSettings(Command):
    """``PUT /v1/settings``: all settings of the client; what is left out is as if never set."""

    workflows: Annotated[
        dict[CountryOrOthers, Workflow],
        Field(
            max_length=_MOST_WORKFLOWS,
            description="steps by country of the number; `*`: every other country",
        ),
    ] = Field(default_factory=dict)
    timeouts: Annotated[
        dict[Channel, Timeout], Field(description="of steps that name none, by channel")
    ] = Field(default_factory=dict)
    zns: ZnsTemplate | None = None
    scenario: Annotated[Scenario | None, Field(description="of Voice OTPs that name none")] = None
    providers: Annotated[
        Providers,
        Field(
            description="what the first one definitely refuses, the next one gets; those that are "
            "left out are not asked"
        ),
    ] = Field(default_factory=Providers)
    code_length: Annotated[
        int | None,
        Field(
            ge=4, le=10, description="digits of a code, where no Password Call is in the workflow"
        ),
    ] = None
    expires_in: Annotated[
        int | None,
        Field(ge=60, le=86_400, description="seconds until a verification expires"),
    ] = None
    attempts: Annotated[
        int | None, Field(ge=1, le=10, description="how many codes may be checked")
    ] = None
    countries: Annotated[
        dict[Channel, Annotated[list[Country], Field(max_length=_MOST_COUNTRIES)]],
        Field(
            description="countries that a channel may reach; where a channel is left out, its "
            "providers' own country (zns and voice_otp: VN; password_call: RU), and each country "
            "whose workflow in workflows has the channel"
        ),
    ] = Field(default_factory=dict)
    limits: Limits = Field(default_factory=Limits)
    version: Version | None = None

    def to_settings(self, number_key: Callable[[str], str]) -> ClientSettings:
        """Return the settings, without those that are not in this document.

        Args:
            number_key: Returns a number's list key.

        Raises:
            ValidationFailed: Two limits do not fit together; the error names one.
        """
        return ClientSettings(
            workflows={
                country: tuple(step.to_choice() for step in steps)
                for country, steps in self.workflows.items()
            },
            timeouts={str(channel): seconds for channel, seconds in self.timeouts.items()},
            zns=self.zns.to_defaults() if self.zns else None,
            scenario=self.scenario,
            providers={
                channel: tuple(names) for channel, names in self.providers if names is not None
            },
            code_length=self.code_length,
            expires_in=self.expires_in,
            attempts=self.attempts,
            countries={channel: frozenset(codes) for channel, codes in self.countries.items()},
            limits=self.limits.to_settings(number_key),
        )


# ------------------------------------------------------------------------------------- cause table


def _check_outcome(status: Status) -> Status:
    if status is Status.RESERVED:
        raise PydanticCustomError("no_outcome", "nothing is known yet of what is reserved")
    return status


def _check_action(action: Action, info: ValidationInfo) -> Action:
    if action is Action.RETRY and info.data.get("outcome", Status.BUSY) not in REPEATABLE:
        raise PydanticCustomError(
            "may_have_reached", "what may have reached someone is not repeated"
        )
    return action


def _only_for_retry(default: int, least: int) -> AfterValidator:
    """Return the check of a number that only ``retry`` uses; 0 with other actions."""

    def check(value: int | None, info: ValidationInfo) -> int:
        retries = info.data.get("action") is Action.RETRY
        if value is None:
            return default if retries else 0
        if not retries and value and "action" in info.data:
            raise PydanticCustomError("only_with_retry", "only the action retry has it")
        if retries and value < least:
            raise PydanticCustomError("too_few", "the action retry needs at least one")
        return value

    return AfterValidator(check)


def _check_no_more_calls(value: object, info: ValidationInfo) -> object:
    if value and info.data.get("action") in (Action.RETRY, Action.STOP):
        raise PydanticCustomError("only_with_wait_or_next", "only wait and next have it")
    return value


class ChangedRow(Command):
    """A row of the cause table, in the place of the default about the same."""

    outcome: Annotated[
        Status,
        AfterValidator(_check_outcome),
        WithJsonSchema(
            {
                "type": "string",
                "enum": [str(status) for status in Status if status != Status.RESERVED],
            }
        ),
    ]
    reason: Annotated[
        str | None,
        Field(
            pattern=r"^[a-z][a-z0-9_]{0,39}$",
            description="only with this reason, such as `q850_28`; null: with any",
        ),
    ] = None
    action: Annotated[Action, AfterValidator(_check_action)]
    after_seconds: Annotated[
        Annotated[int, Field(ge=0, le=LONGEST_PAUSE_SECONDS)] | None,
        _only_for_retry(0, 0),
        Field(
            validate_default=True,
            description="with `retry`: the pause before the new delivery",
        ),
    ] = None
    times: Annotated[
        Annotated[int, Field(ge=0, le=MOST_RETRIES)] | None,
        _only_for_retry(1, 1),
        Field(
            validate_default=True,
            description="with `retry`: how often in one step; 1 if left out",
        ),
    ] = None
    no_more_calls: Annotated[
        bool,
        AfterValidator(_check_no_more_calls),
        Field(description="with `wait` and `next`: steps that call are left out from then on"),
    ] = False
    why: Annotated[
        str | None,
        Field(pattern=r"^[^\x00-\x1f\x7f]{1,200}$", description="the reason, as a sentence"),
    ] = None

    def to_row(self) -> CauseRow:
        """Return the row in the form of the cause table."""
        return CauseRow(
            self.outcome,
            self.reason,
            self.action,
            self.after_seconds or 0,
            self.times or 0,
            self.no_more_calls,
            why=self.why or OWN_WHY,
        )


class ReplaceCauseTable(Command):
    """``PUT /v1/cause-table``: all changes that the client makes to the defaults."""

    rows: Annotated[
        list[ChangedRow],
        Field(max_length=MOST_ROWS, description="none: the defaults hold again"),
    ]
    version: Version | None = None

    def to_rows(self) -> tuple[CauseRow, ...]:
        """Return the rows in the form of the cause table.

        Raises:
            ValidationFailed: Two rows have the same key; the error names the second one.
        """
        rows = tuple(row.to_row() for row in self.rows)
        for index, row in enumerate(rows):
            if row.key in {earlier.key for earlier in rows[:index]}:
                raise invalid_field(
                    ["rows", index, "outcome"], "row_twice", "an earlier row is about the same"
                )
        return rows
