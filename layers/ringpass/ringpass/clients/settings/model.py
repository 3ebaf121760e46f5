"""What a client has set for its verifications, and what holds where it has set nothing.

    the request's own step  >  the client's settings  >  the defaults below

Pure: the store keeps what ``to_item`` gives.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final, Self

from ringpass.clients.ceilings.model import Ceiling
from ringpass.clients.settings.cause_table import Action, CauseRow, CauseTable
from ringpass.limits.settings import LimitSettings
from ringpass.outcomes import Status

MOST_STEPS: Final = 10
LEAST_TIMEOUT_SECONDS: Final = 15
MOST_TIMEOUT_SECONDS: Final = 900
OTHERS: Final = "*"
"""In the workflows: every country that has none of its own."""

# A call rings for 25 s and its code is typed off the screen; a message must first be seen.
DEFAULT_TIMEOUTS: Final[Mapping[str, int]] = {"zns": 60, "voice_otp": 60, "password_call": 45}
# The parameter of Zalo's own templates for codes.
DEFAULT_CODE_PARAM: Final = "otp"
DEFAULT_WORKFLOWS: Final[Mapping[str, tuple[str, ...]]] = {
    "VN": ("zns", "voice_otp"),
    "RU": ("password_call",),
}
"""Country -> channels whose providers are that country's: no number leaves it by default."""
DEFAULT_COUNTRIES: Final[Mapping[str, frozenset[str]]] = {
    channel: frozenset(
        country for country, channels in DEFAULT_WORKFLOWS.items() if channel in channels
    )
    for channel in DEFAULT_TIMEOUTS
}


@dataclass(frozen=True, slots=True)
class StepChoice:
    """A step as a request or the settings name it; what is None comes from the defaults.

    Attributes:
        channel: ``zns``, ``voice_otp`` or ``password_call``.
        timeout_seconds: How long the step is waited for, 15 to 900.
        template: ZNS: CareSoft's scenario id, or a registered name.
        scenario: Voice OTP: a registered scenario's name, or an OTP id.
        code_param: ZNS: the parameter that takes the code, of a template that is not registered.
        params: ZNS: the template's other parameters.
    """

    channel: str
    timeout_seconds: int | None = None
    template: int | str | None = None
    scenario: str | None = None
    code_param: str | None = None
    params: Mapping[str, str] | None = field(default=None, repr=False)

    def to_item(self) -> dict[str, Any]:
        """As the table keeps it; what is None is left out."""
        told = {
            "channel": self.channel,
            "timeout_seconds": self.timeout_seconds,
            "template": self.template,
            "scenario": self.scenario,
            "code_param": self.code_param,
            "params": None if self.params is None else dict(self.params),
        }
        return _set(told)

    @classmethod
    def from_item(cls, item: Mapping[str, Any]) -> Self:
        """What ``to_item`` gave."""
        return cls(
            item["channel"],
            item.get("timeout_seconds"),
            item.get("template"),
            item.get("scenario"),
            item.get("code_param"),
            item.get("params"),
        )


@dataclass(frozen=True, slots=True)
class Step:
    """A step with all that is needed to take it.

    Attributes:
        channel: ``zns``, ``voice_otp`` or ``password_call``.
        timeout_seconds: How long it is waited for.
        template: ZNS: None where there is no template at all, so that the step cannot be taken.
        code_param: ZNS: the parameter that takes the code; None on other channels, and of a
            registered template, which says itself.
        params: ZNS: the template's other parameters.
        scenario: Voice OTP: None for the client's only active one, or the stack's own.
    """

    channel: str
    timeout_seconds: int
    template: int | str | None = None
    code_param: str | None = None
    params: Mapping[str, str] = field(default_factory=dict, repr=False)
    scenario: str | None = None


@dataclass(frozen=True, slots=True)
class ZnsDefaults:
    """The template of ZNS steps that name none.

    Attributes:
        template: CareSoft's scenario id, or a registered name.
        code_param: Its parameter that takes the code; None of a registered one, which says itself.
        params: Its other parameters; None: the scenario's own mapping alone.
    """

    template: int | str
    code_param: str | None = DEFAULT_CODE_PARAM
    params: Mapping[str, str] = field(default_factory=dict, repr=False)

    def to_item(self) -> dict[str, Any]:
        """As the table keeps it."""
        told = {
            "template": self.template,
            "code_param": self.code_param,
            "params": dict(self.params),
        }
        return _set(told)

    @classmethod
    def from_item(cls, item: Mapping[str, Any]) -> Self:
        """What ``to_item`` gave."""
        return cls(item["template"], item.get("code_param"), item["params"])


@dataclass(frozen=True, slots=True, kw_only=True)
class ClientSettings:
    """All of a client's settings; one that has set nothing has ``ClientSettings()``.

    Attributes:
        workflows: Country of the number (``*``: every other one) -> the steps.
        timeouts: Channel -> seconds, of steps that name none.
        zns: The template of ZNS steps that name none.
        scenario: The scenario of Voice OTPs that name none.
        providers: Channel -> its providers, the first one asked first; what is absent has the
            stack's order.
        code_length: Digits of a code; with a Password Call in the workflow there are four.
        expires_in: Seconds until a verification expires.
        attempts: How many codes may be checked.
        countries: Channel -> countries whose numbers it may reach; what is absent has the default,
            and the countries whose workflow in ``workflows`` has the channel.
        limits: Limits of sends and money.
        cause_rows: The client's own lines of the cause table.
        version: Counts the writes; 0: nothing has ever been set.
        ceiling: What the operator allows the client; none of the client's own settings.
    """

    workflows: Mapping[str, tuple[StepChoice, ...]] = field(default_factory=dict)
    timeouts: Mapping[str, int] = field(default_factory=dict)
    zns: ZnsDefaults | None = None
    scenario: str | None = None
    providers: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    code_length: int | None = None
    expires_in: int | None = None
    attempts: int | None = None
    countries: Mapping[str, frozenset[str]] = field(default_factory=dict)
    limits: LimitSettings = field(default_factory=LimitSettings)
    cause_rows: tuple[CauseRow, ...] = ()
    version: int = 0
    ceiling: Ceiling = field(default_factory=Ceiling)

    def under(self, ceiling: Ceiling) -> Self:
        """These settings as they hold under the operator's ceiling."""
        if ceiling == Ceiling():
            return self
        return replace(self, limits=self.limits.under(ceiling.limits), ceiling=ceiling)

    @property
    def cause_table(self) -> CauseTable:
        """The table that holds for this client."""
        return CauseTable().with_changes(self.cause_rows)

    def allows(self, channel: str, country: str) -> bool:
        """Whether numbers of this country may be reached over this channel.

        A workflow that the client has set for the country is its word, too. One that a request
        names is not: it cannot go beyond the settings.
        """
        if channel in self.countries:
            return country in self.countries[channel]
        named = any(choice.channel == channel for choice in self._own_workflow_of(country))
        return named or country in DEFAULT_COUNTRIES[channel]

    def resolve(self, workflow: Iterable[StepChoice] | None, country: str) -> tuple[Step, ...]:
        """The steps of a verification, each with all that it needs.

        Args:
            workflow: What the request names; None: what holds for the country, which is nothing
                where neither the client nor we have steps for it.
            country: ISO 3166 country of the number.
        """
        choices = self._workflow_of(country) if workflow is None else workflow
        return tuple(map(self._resolved, choices))

    def _workflow_of(self, country: str) -> tuple[StepChoice, ...]:
        channels = (
            channel
            for channel in DEFAULT_WORKFLOWS.get(country, ())
            if channel != "zns" or self.zns is not None
        )
        return self._own_workflow_of(country) or tuple(map(StepChoice, channels))

    def _own_workflow_of(self, country: str) -> tuple[StepChoice, ...]:
        return self.workflows.get(country) or self.workflows.get(OTHERS) or ()

    def _resolved(self, choice: StepChoice) -> Step:
        timeout = (
            choice.timeout_seconds
            or self.timeouts.get(choice.channel)
            or DEFAULT_TIMEOUTS[choice.channel]
        )
        if choice.channel == "zns":
            return self._message(choice, timeout)
        if choice.channel == "voice_otp":
            return Step(choice.channel, timeout, scenario=choice.scenario or self.scenario)
        return Step(choice.channel, timeout)

    def _message(self, choice: StepChoice, timeout: int) -> Step:
        template, params = choice.template, choice.params
        code_param = choice.code_param or (self.zns.code_param if self.zns else None)
        if self.zns and template in (None, self.zns.template):
            template = self.zns.template
            # They belong to this template: another one may not know their names.
            params = self.zns.params if params is None else params
        # A registered template says itself which parameter takes the code.
        takes_code = None if isinstance(template, str) else code_param or DEFAULT_CODE_PARAM
        return Step(choice.channel, timeout, template, takes_code, params or {})

    def named_templates(self) -> Iterator[tuple[str, list[str | int]]]:
        """Each registered template that is named, with where it is."""
        if self.zns and isinstance(self.zns.template, str):
            yield self.zns.template, ["zns"]
        for country, choices in self.workflows.items():
            for number, choice in enumerate(choices):
                if isinstance(choice.template, str):
                    yield choice.template, ["workflows", country, number]

    def to_item(self) -> dict[str, Any]:
        """As the table keeps it, but for the key; what is not set is left out."""
        told = {
            "workflows": {
                country: [choice.to_item() for choice in choices]
                for country, choices in self.workflows.items()
            },
            "timeouts": dict(self.timeouts),
            "zns": self.zns.to_item() if self.zns else None,
            "scenario": self.scenario,
            "providers": {name: list(order) for name, order in self.providers.items()},
            "code_length": self.code_length,
            "expires_in": self.expires_in,
            "attempts": self.attempts,
            "countries": {name: sorted(allowed) for name, allowed in self.countries.items()},
            "limits": self.limits.to_dict(),
            "cause_rows": [row_to_item(row) for row in self.cause_rows],
            "version": self.version,
        }
        return _set(told)

    @classmethod
    def from_item(cls, item: Mapping[str, Any]) -> Self:
        """What ``to_item`` gave; an item may hold more, and lack any of it."""
        zns = item.get("zns")
        return cls(
            workflows={
                country: tuple(map(StepChoice.from_item, choices))
                for country, choices in item.get("workflows", {}).items()
            },
            timeouts=dict(item.get("timeouts", {})),
            zns=ZnsDefaults.from_item(zns) if zns else None,
            scenario=item.get("scenario"),
            providers={name: tuple(order) for name, order in item.get("providers", {}).items()},
            code_length=item.get("code_length"),
            expires_in=item.get("expires_in"),
            attempts=item.get("attempts"),
            countries={name: frozenset(some) for name, some in item.get("countries", {}).items()},
            limits=LimitSettings.from_dict(item.get("limits", {})),
            cause_rows=tuple(map(row_from_item, item.get("cause_rows", ()))),
            version=item.get("version", 0),
        )


def row_to_item(row: CauseRow) -> dict[str, Any]:
    """A row of the cause table as the table keeps it."""
    return _set(
        {
            "outcome": str(row.outcome),
            "reason": row.reason,
            "action": str(row.action),
            "after_seconds": row.after_seconds,
            "times": row.times,
            "no_more_calls": row.no_more_calls,
            "why": row.why,
        }
    )


def row_from_item(item: Mapping[str, Any]) -> CauseRow:
    """What ``row_to_item`` gave."""
    return CauseRow(
        Status(item["outcome"]),
        item.get("reason"),
        Action(item["action"]),
        item["after_seconds"],
        item["times"],
        item["no_more_calls"],
        why=item["why"],
    )


def _set(told: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in told.items() if value is not None}
