"""A client's settings for its verifications, and their defaults.

    the request's own step  >  the client's settings  >  the defaults below

Pure: the store writes what ``to_item`` returns.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final, Self

from ringpass.clients.ceilings.model import Ceiling
from ringpass.clients.settings.cause_table import Action, CauseRow, CauseTable
from ringpass.limits.settings import LimitSettings
from ringpass.outcomes import Status
from ringpass.providers.facts import ChannelName

MOST_STEPS: Final = 10
LEAST_TIMEOUT_SECONDS: Final = 15
MOST_TIMEOUT_SECONDS: Final = 900
OTHERS: Final = "*"
"""In the workflows: every country without a workflow of its own."""

# A call rings for 25 s and its code is copied from the screen; a message must be noticed first.
DEFAULT_TIMEOUTS: Final[Mapping[ChannelName, int]] = {
    ChannelName.ZNS: 60,
    ChannelName.VOICE_OTP: 60,
    ChannelName.PASSWORD_CALL: 45,
}
# The name that Zalo's own templates for codes use.
DEFAULT_CODE_PARAM: Final = "otp"
DEFAULT_WORKFLOWS: Final[Mapping[str, tuple[ChannelName, ...]]] = {
    "VN": (ChannelName.ZNS, ChannelName.VOICE_OTP),
    "RU": (ChannelName.PASSWORD_CALL,),
}
"""Country -> channels whose providers are in that country: by default no number leaves it."""
DEFAULT_COUNTRIES: Final[Mapping[ChannelName, frozenset[str]]] = {
    channel: frozenset(
        country for country, channels in DEFAULT_WORKFLOWS.items() if channel in channels
    )
    for channel in DEFAULT_TIMEOUTS
}


@dataclass(frozen=True, slots=True)
class StepChoice:
    """A step in a request or in the settings; a field that is None comes from the defaults.

    Attributes:
        channel: Its channel.
        timeout_seconds: How long the step lasts at most, 15 to 900.
        template: ZNS: CareSoft's scenario id, or a registered name.
        scenario: Voice OTP: a registered scenario's name, or an OTP id.
        code_param: ZNS: the parameter that takes the code, of a template that is not registered.
        params: ZNS: the template's other parameters.
    """

    channel: ChannelName
    timeout_seconds: int | None = None
    template: int | str | None = None
    scenario: str | None = None
    code_param: str | None = None
    params: Mapping[str, str] | None = field(default=None, repr=False)

    def to_item(self) -> dict[str, Any]:
        """Return the item; fields that are None are left out."""
        item = {
            "channel": self.channel,
            "timeout_seconds": self.timeout_seconds,
            "template": self.template,
            "scenario": self.scenario,
            "code_param": self.code_param,
            "params": None if self.params is None else dict(self.params),
        }
        return _without_none(item)

    @classmethod
    def from_item(cls, item: Mapping[str, Any]) -> Self:
        """Parse an item of ``to_item``."""
        return cls(
            ChannelName(item["channel"]),
            item.get("timeout_seconds"),
            item.get("template"),
            item.get("scenario"),
            item.get("code_param"),
            item.get("params"),
        )


@dataclass(frozen=True, slots=True)
class Step:
    """A step with all that is needed to run it.

    Attributes:
        channel: Its channel.
        timeout_seconds: How long it lasts at most.
        template: ZNS: None if no template is set at all: then the step cannot run.
        code_param: ZNS: the parameter that takes the code; None on other channels, and for a
            registered template, which defines it.
        params: ZNS: the template's other parameters.
        scenario: Voice OTP: the scenario that the step names, so that it must have it; None: the
            one of the settings, the client's only active one, or the stack's own.
    """

    channel: ChannelName
    timeout_seconds: int
    template: int | str | None = None
    code_param: str | None = None
    params: Mapping[str, str] = field(default_factory=dict, repr=False)
    scenario: str | None = None


@dataclass(frozen=True, slots=True)
class ZnsDefaults:
    """The template of ZNS steps without one.

    Attributes:
        template: CareSoft's scenario id, or a registered name.
        code_param: Its parameter that takes the code; None for a registered one, which defines it.
        params: Its other parameters.
    """

    template: int | str
    code_param: str | None = DEFAULT_CODE_PARAM
    params: Mapping[str, str] = field(default_factory=dict, repr=False)

    def to_item(self) -> dict[str, Any]:
        """Return the item."""
        item = {
            "template": self.template,
            "code_param": self.code_param,
            "params": dict(self.params),
        }
        return _without_none(item)

    @classmethod
    def from_item(cls, item: Mapping[str, Any]) -> Self:
        """Parse an item of ``to_item``."""
        return cls(item["template"], item.get("code_param"), item["params"])


@dataclass(frozen=True, slots=True, kw_only=True)
class ClientSettings:
    """All settings of a client; ``ClientSettings()`` if it has set nothing.

    Attributes:
        workflows: Country of the number (``*``: every other one) -> the steps.
        timeouts: Channel -> seconds, for steps without a time-out.
        zns: The template of ZNS steps without one.
        scenario: The scenario of Voice OTPs without one.
        providers: Channel -> its providers, in the order of use; a channel that is absent has the
            stack's order.
        code_length: Digits of a code; with a Password Call in the workflow always four.
        expires_in: Seconds until a verification expires.
        attempts: How many codes may be checked.
        countries: Channel -> countries whose numbers it may reach; a channel that is absent has the
            default, and the countries whose workflow in ``workflows`` has the channel.
        limits: Limits of sends and money.
        cause_rows: The client's own rows of the cause table.
        version: Number of writes; 0: there was none yet.
        ceiling: What the operator allows the client; it is not a setting of the client.
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

    def with_ceiling(self, ceiling: Ceiling) -> Self:
        """Return these settings, limited by the operator's ceiling."""
        if ceiling == Ceiling():
            return self
        return replace(self, limits=self.limits.under(ceiling.limits), ceiling=ceiling)

    @property
    def cause_table(self) -> CauseTable:
        """The cause table of this client: the defaults with its own rows."""
        return CauseTable().with_changes(self.cause_rows)

    def allows(self, channel: ChannelName, country: str) -> bool:
        """Whether this channel may reach numbers of this country.

        A workflow in the settings also allows its channels for its country. The workflow of a
        request does not: it cannot go beyond the settings.
        """
        if channel in self.countries:
            return country in self.countries[channel]
        is_in_workflow = any(
            choice.channel == channel for choice in self._client_workflow_for(country)
        )
        return is_in_workflow or country in DEFAULT_COUNTRIES[channel]

    def resolve(self, workflow: Iterable[StepChoice] | None, country: str) -> tuple[Step, ...]:
        """Return the steps of a verification, each with all that it needs.

        Args:
            workflow: The request's; None: the country's, which is empty if neither the client nor
                the defaults have steps for it.
            country: ISO 3166 country of the number.
        """
        choices = self._workflow_for(country) if workflow is None else workflow
        return tuple(map(self._resolve_step, choices))

    def _workflow_for(self, country: str) -> tuple[StepChoice, ...]:
        channels = (
            channel
            for channel in DEFAULT_WORKFLOWS.get(country, ())
            if channel != ChannelName.ZNS or self.zns is not None
        )
        return self._client_workflow_for(country) or tuple(map(StepChoice, channels))

    def _client_workflow_for(self, country: str) -> tuple[StepChoice, ...]:
        return self.workflows.get(country) or self.workflows.get(OTHERS) or ()

    def _resolve_step(self, choice: StepChoice) -> Step:
        timeout = (
            choice.timeout_seconds
            or self.timeouts.get(choice.channel)
            or DEFAULT_TIMEOUTS[choice.channel]
        )
        if choice.channel == ChannelName.ZNS:
            return self._resolve_zns_step(choice, timeout)
        if choice.channel == ChannelName.VOICE_OTP:
            return Step(choice.channel, timeout, scenario=choice.scenario)
        return Step(choice.channel, timeout)

    def _resolve_zns_step(self, choice: StepChoice, timeout: int) -> Step:
        template, params = choice.template, choice.params
        code_param = choice.code_param or (self.zns.code_param if self.zns else None)
        if self.zns and template in (None, self.zns.template):
            template = self.zns.template
            # These parameters belong to this template: another one may not have their names.
            params = self.zns.params if params is None else params
        # A registered template defines itself which parameter takes the code.
        own_code_param = None if isinstance(template, str) else code_param or DEFAULT_CODE_PARAM
        return Step(choice.channel, timeout, template, own_code_param, params or {})

    def template_references(self) -> Iterator[tuple[str, list[str | int]]]:
        """Yield each registered template that the settings name, with its location in them."""
        if self.zns and isinstance(self.zns.template, str):
            yield self.zns.template, ["zns"]
        for country, choices in self.workflows.items():
            for index, choice in enumerate(choices):
                if isinstance(choice.template, str):
                    yield choice.template, ["workflows", country, index]

    def to_item(self) -> dict[str, Any]:
        """Return the item without its key; fields that are None are left out."""
        item = {
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
            "countries": {name: sorted(codes) for name, codes in self.countries.items()},
            "limits": self.limits.to_dict(),
            "cause_rows": [row_to_item(row) for row in self.cause_rows],
            "version": self.version,
        }
        return _without_none(item)

    @classmethod
    def from_item(cls, item: Mapping[str, Any]) -> Self:
        """Parse an item of ``to_item``; it may have more fields, and lack any."""
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
            countries={name: frozenset(codes) for name, codes in item.get("countries", {}).items()},
            limits=LimitSettings.from_dict(item.get("limits", {})),
            cause_rows=tuple(map(row_from_item, item.get("cause_rows", ()))),
            version=item.get("version", 0),
        )


def row_to_item(row: CauseRow) -> dict[str, Any]:
    """Return the item of a row of the cause table."""
    return _without_none(
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
    """Parse an item of ``row_to_item``."""
    return CauseRow(
        Status(item["outcome"]),
        item.get("reason"),
        Action(item["action"]),
        item["after_seconds"],
        item["times"],
        item["no_more_calls"],
        why=item["why"],
    )


def _without_none(item: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in item.items() if value is not None}
