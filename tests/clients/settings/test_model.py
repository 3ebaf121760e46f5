"""What a client has set, what a request leaves out, and what holds if nobody has said anything."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ringpass.aws.dynamodb_types import from_wire, to_wire
from ringpass.clients.settings.cause_table import Action, CauseRow
from ringpass.clients.settings.model import (
    DEFAULT_TIMEOUTS,
    DEFAULT_WORKFLOWS,
    ClientSettings,
    Step,
    StepChoice,
    ZnsDefaults,
)
from ringpass.limits.settings import FraudBudget, LimitSettings, Mode, PhoneList
from ringpass.outcomes import Status
from ringpass.providers.facts import ChannelName

CALL = Step(ChannelName.PASSWORD_CALL, 45)
VOICE = Step(ChannelName.VOICE_OTP, 60)


@pytest.mark.parametrize(
    ("settings", "country", "expected"),
    [
        (ClientSettings(), "VN", (VOICE,)),
        (ClientSettings(), "RU", (CALL,)),
        (ClientSettings(), "KZ", ()),
        (
            ClientSettings(zns=ZnsDefaults(366)),
            "VN",
            (Step(ChannelName.ZNS, 60, 366, "otp", {}), VOICE),
        ),
        (ClientSettings(zns=ZnsDefaults(366)), "RU", (CALL,)),
        (ClientSettings(workflows={"*": (StepChoice(ChannelName.VOICE_OTP),)}), "VN", (VOICE,)),
        (
            ClientSettings(
                workflows={
                    "*": (StepChoice(ChannelName.VOICE_OTP),),
                    "RU": (StepChoice(ChannelName.PASSWORD_CALL),),
                }
            ),
            "RU",
            (CALL,),
        ),
        (
            ClientSettings(workflows={"RU": (StepChoice(ChannelName.PASSWORD_CALL, 15),)}),
            "VN",
            (VOICE,),
        ),
    ],
)
def test_without_a_workflow_the_country_decides(
    settings: ClientSettings, country: str, expected: tuple[Step, ...]
) -> None:
    assert settings.resolve(None, country) == expected


def test_a_step_s_own_time_out_goes_before_the_client_s_and_that_before_ours() -> None:
    settings = ClientSettings(timeouts={"password_call": 90})
    steps = settings.resolve(
        (
            StepChoice(ChannelName.PASSWORD_CALL, 20),
            StepChoice(ChannelName.PASSWORD_CALL),
            StepChoice(ChannelName.VOICE_OTP),
        ),
        "RU",
    )
    assert [step.timeout_seconds for step in steps] == [20, 90, 60]


def test_a_step_names_its_own_scenario_alone() -> None:
    settings = ClientSettings(scenario="OTP-1")
    own, client, ours = (
        *settings.resolve(
            (
                StepChoice(ChannelName.VOICE_OTP, scenario="OTP-2"),
                StepChoice(ChannelName.VOICE_OTP),
            ),
            "VN",
        ),
        *ClientSettings().resolve((StepChoice(ChannelName.VOICE_OTP),), "VN"),
    )
    # The client's is looked up when the step is run: only a step that names one must have it.
    assert (own.scenario, client.scenario, ours.scenario) == ("OTP-2", None, None)


DEFAULT = ZnsDefaults(366, "code", {"brand": "Shop"})
NAMED = ZnsDefaults("login", None, {"brand": "Shop"})


@pytest.mark.parametrize(
    ("zns", "choice", "expected"),
    [
        (DEFAULT, StepChoice(ChannelName.ZNS), (366, "code", {"brand": "Shop"})),
        (DEFAULT, StepChoice(ChannelName.ZNS, template=366), (366, "code", {"brand": "Shop"})),
        (DEFAULT, StepChoice(ChannelName.ZNS, template=7), (7, "code", {})),
        (DEFAULT, StepChoice(ChannelName.ZNS, template=7, code_param="pin"), (7, "pin", {})),
        (
            DEFAULT,
            StepChoice(ChannelName.ZNS, params={"brand": "Bank"}),
            (366, "code", {"brand": "Bank"}),
        ),
        (DEFAULT, StepChoice(ChannelName.ZNS, params={}), (366, "code", {})),
        (None, StepChoice(ChannelName.ZNS, template=7), (7, "otp", {})),
        (DEFAULT, StepChoice(ChannelName.ZNS, template="login"), ("login", None, {})),
        (NAMED, StepChoice(ChannelName.ZNS), ("login", None, {"brand": "Shop"})),
        (NAMED, StepChoice(ChannelName.ZNS, code_param="pin"), ("login", None, {"brand": "Shop"})),
        (NAMED, StepChoice(ChannelName.ZNS, template=7), (7, "otp", {})),
        (None, StepChoice(ChannelName.ZNS), (None, "otp", {})),
    ],
)
def test_a_template_with_what_belongs_to_it(
    zns: ZnsDefaults | None, choice: StepChoice, expected: tuple[object, ...]
) -> None:
    [step] = ClientSettings(zns=zns).resolve((choice,), "VN")
    assert (step.template, step.code_param, step.params) == expected


def test_what_belongs_to_another_channel_is_not_taken_over() -> None:
    choice = StepChoice(ChannelName.PASSWORD_CALL, template=1, scenario="OTP-1", code_param="otp")
    assert ClientSettings(zns=DEFAULT, scenario="OTP-2").resolve((choice,), "VN") == (CALL,)


HOME: Final = {("zns", "VN"), ("voice_otp", "VN"), ("password_call", "RU")}


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        (ClientSettings(), HOME),
        (ClientSettings(zns=ZnsDefaults(366), timeouts={"password_call": 90}), HOME),
        (
            ClientSettings(countries={"password_call": frozenset({"KZ"}), "zns": frozenset()}),
            {("password_call", "KZ"), ("voice_otp", "VN")},
        ),
        (
            ClientSettings(workflows={"VN": (StepChoice(ChannelName.PASSWORD_CALL),)}),
            HOME | {("password_call", "VN")},
        ),
        (
            ClientSettings(workflows={"*": (StepChoice(ChannelName.PASSWORD_CALL),)}),
            HOME | {("password_call", "VN"), ("password_call", "KZ")},
        ),
        (
            ClientSettings(
                workflows={
                    "*": (StepChoice(ChannelName.PASSWORD_CALL),),
                    "VN": (StepChoice(ChannelName.ZNS),),
                }
            ),
            HOME | {("password_call", "KZ")},
        ),
        (
            ClientSettings(
                workflows={"VN": (StepChoice(ChannelName.PASSWORD_CALL),)},
                countries={"password_call": frozenset({"RU"})},
            ),
            HOME,
        ),
    ],
)
def test_a_channel_reaches_its_providers_country_unless_the_client_says_otherwise(
    settings: ClientSettings, expected: set[tuple[str, str]]
) -> None:
    allowed = {
        (channel, country)
        for channel in DEFAULT_TIMEOUTS
        for country in ("VN", "RU", "KZ")
        if settings.allows(channel, country)
    }
    assert allowed == expected


def test_the_cause_table_has_the_client_s_rows() -> None:
    own = CauseRow(Status.BUSY, None, Action.STOP, why="We ask first.")
    assert ClientSettings(cause_rows=(own,)).cause_table.action_for(Status.BUSY, None) == own


def test_values_of_a_template_do_not_print() -> None:
    assert "Shop" not in repr(DEFAULT)
    assert "Shop" not in repr(
        ClientSettings(zns=DEFAULT).resolve((StepChoice(ChannelName.ZNS),), "VN")
    )


CHANNELS = st.sampled_from(sorted(DEFAULT_TIMEOUTS))
COUNTRIES = st.one_of(
    st.sampled_from(["VN", "RU"]),
    st.text("ABCDEFGHIJKLMNOPQRSTUVWXYZ", min_size=2, max_size=2),
)
SECONDS = st.integers(15, 900)
TEMPLATES = st.one_of(st.integers(1, 2**53 - 1), st.text(min_size=1, max_size=64))
NAMES = st.text(min_size=1, max_size=8)
PARAMS = st.dictionaries(NAMES, st.text(max_size=8), max_size=3)
OPTIONAL_NAMES = st.one_of(st.none(), NAMES)
CHOICES = st.builds(
    StepChoice,
    CHANNELS,
    st.one_of(st.none(), SECONDS),
    st.one_of(st.none(), TEMPLATES),
    OPTIONAL_NAMES,
    OPTIONAL_NAMES,
    st.one_of(st.none(), PARAMS),
)
WORKFLOWS = st.lists(CHOICES, min_size=1, max_size=10).map(tuple)
SETTINGS = st.builds(
    ClientSettings,
    workflows=st.dictionaries(st.one_of(st.just("*"), COUNTRIES), WORKFLOWS, max_size=3),
    timeouts=st.dictionaries(CHANNELS, SECONDS),
    zns=st.one_of(st.none(), st.builds(ZnsDefaults, TEMPLATES, NAMES, PARAMS)),
    scenario=OPTIONAL_NAMES,
    code_length=st.one_of(st.none(), st.integers(4, 10)),
    expires_in=st.one_of(st.none(), st.integers(60, 86_400)),
    attempts=st.one_of(st.none(), st.integers(1, 10)),
    countries=st.dictionaries(CHANNELS, st.frozensets(COUNTRIES, max_size=3)),
    limits=st.builds(
        LimitSettings,
        phone=st.none(),
        daily_sends=st.one_of(st.none(), st.integers(1, 1_000)),
        daily_money=st.dictionaries(
            st.text("ABC", min_size=3, max_size=3),
            st.decimals(0, 1_000, allow_nan=False, places=2),
            max_size=2,
        ),
        deny=st.builds(PhoneList, numbers=st.just(frozenset({"0f" * 32}))),
        fraud_budget=st.builds(FraudBudget, st.sampled_from(Mode)),
    ),
    cause_rows=st.lists(
        st.builds(
            CauseRow,
            st.sampled_from([status for status in Status if status is not Status.RESERVED]),
            OPTIONAL_NAMES,
            st.sampled_from(Action),
            st.integers(0, 900),
            st.integers(0, 5),
            st.booleans(),
            why=NAMES,
        ),
        max_size=3,
    ).map(tuple),
    version=st.integers(0, 9),
)


@pytest.mark.slow
@given(SETTINGS)
def test_settings_come_back_from_the_table_as_they_were(settings: ClientSettings) -> None:
    assert ClientSettings.from_item(from_wire(to_wire(settings.to_item()))) == settings


@pytest.mark.slow
@given(SETTINGS, st.one_of(st.none(), WORKFLOWS), COUNTRIES)
def test_every_step_can_be_taken_as_it_is(
    settings: ClientSettings, workflow: tuple[StepChoice, ...] | None, country: str
) -> None:
    steps = settings.resolve(workflow, country)
    assert steps or country not in DEFAULT_WORKFLOWS
    if workflow is not None:
        assert [step.channel for step in steps] == [choice.channel for choice in workflow]
    for step in steps:
        assert 15 <= step.timeout_seconds <= 900
        assert isinstance(step.params, Mapping)
        has_name = isinstance(step.template, str)
        assert (step.code_param is not None) == (step.channel == "zns" and not has_name)
        assert step.template is None or step.channel == "zns"
        assert step.scenario is None or step.channel == "voice_otp"


@pytest.mark.slow
@given(SETTINGS, st.sampled_from(["VN", "RU"]))
def test_no_default_step_is_of_another_country(settings: ClientSettings, country: str) -> None:
    bare = replace(settings, workflows={}, countries={})
    other = {"VN": "RU", "RU": "VN"}[country]
    steps = bare.resolve(None, country)
    assert steps
    assert all(bare.allows(step.channel, country) for step in steps)
    assert not any(bare.allows(step.channel, other) for step in steps)


@pytest.mark.slow
@given(SETTINGS)
def test_every_name_of_a_template_is_told_with_its_place(settings: ClientSettings) -> None:
    names_by_loc = {tuple(loc): name for name, loc in settings.template_references()}
    steps: dict[tuple[str | int, ...], object] = {
        ("workflows", country, number): choice.template
        for country, choices in settings.workflows.items()
        for number, choice in enumerate(choices)
    }
    places = steps | {("zns",): settings.zns.template if settings.zns else None}
    assert names_by_loc == {loc: name for loc, name in places.items() if isinstance(name, str)}


def test_an_empty_item_is_a_client_that_has_set_nothing() -> None:
    assert ClientSettings.from_item({}) == ClientSettings()
