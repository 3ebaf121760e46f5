"""Which scenario a call has: named, the client's default, the only active one, the stack's."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ringpass.clients.scenarios.model import ScenarioStatus
from ringpass.clients.scenarios.selection import Entry, ScenarioChoice, choose
from ringpass.errors import ValidationFailed

ACTIVE, INACTIVE, DEACTIVATED = (
    ScenarioStatus.ACTIVE,
    ScenarioStatus.INACTIVE,
    ScenarioStatus.DEACTIVATED,
)
OWN = "OTP-1"
LOGIN = Entry("login", ACTIVE, "OTP-2", "second_key")
ORDER = Entry("order", ACTIVE, "OTP-3")
DRAFT = Entry("draft", INACTIVE, None)
READY = Entry("ready", INACTIVE, "OTP-4")
PAST = Entry("past", DEACTIVATED, "OTP-5")
ALL = (LOGIN, ORDER, DRAFT, READY, PAST)

ENTRIES = st.lists(
    st.builds(
        Entry,
        name=st.sampled_from(["login", "order", "draft", "ready", "past"]),
        status=st.sampled_from(ScenarioStatus),
        otp_id=st.none() | st.sampled_from(["OTP-1", "OTP-2", "OTP-3"]),
        key_field=st.sampled_from(["api_key", "second_key"]),
    ),
    unique_by=lambda entry: entry.name,
)
NAMES = st.none() | st.sampled_from(["login", "order", "unheard", "OTP-1", "OTP-2", "OTP-9"])


def refused(*entries: Entry, name: str | None = None, default: str | None = None) -> str:
    with pytest.raises(ValidationFailed) as error:
        choose(entries, name, default, "")
    [fault] = error.value.errors
    assert fault["loc"] == ["scenario"]
    return str(fault["type"])


def test_what_is_named_is_chosen() -> None:
    assert choose(ALL, "login", "order", OWN) == ScenarioChoice("OTP-2", "second_key")


def test_an_otp_id_of_a_registered_one_is_that_one() -> None:
    assert choose(ALL, "OTP-2", None, OWN) == ScenarioChoice("OTP-2", "second_key")


def test_any_other_otp_id_is_used_as_it_is() -> None:
    assert choose(ALL, "OTP-9", "order", OWN) == ScenarioChoice("OTP-9")
    assert choose((), "OTP-9", None, "") == ScenarioChoice("OTP-9")


def test_a_client_s_default_goes_before_the_only_active_one() -> None:
    assert choose(ALL, None, "order", OWN) == ScenarioChoice("OTP-3")
    assert choose((LOGIN,), None, "OTP-9", OWN) == ScenarioChoice("OTP-9")


def test_the_only_active_one_goes_before_the_stack_s_own() -> None:
    assert choose((LOGIN, DRAFT, READY, PAST), None, None, OWN) == ScenarioChoice(
        "OTP-2", "second_key"
    )


def test_of_several_active_ones_none_is_chosen() -> None:
    assert choose(ALL, None, None, OWN) == ScenarioChoice(OWN)
    assert refused(*ALL) == "scenario_required"


def test_two_that_are_one_at_bizfly_are_one() -> None:
    twice = (LOGIN, Entry("again", ACTIVE, "OTP-2", "second_key"))
    assert choose(twice, None, None, OWN) == ScenarioChoice("OTP-2", "second_key")


def test_without_any_the_stack_s_own_is_used() -> None:
    assert choose((), None, None, OWN) == ScenarioChoice(OWN)
    assert choose((READY, PAST), None, None, OWN) == ScenarioChoice(OWN)
    # Also where the client has written it down: nobody named it.
    assert choose((Entry("own", INACTIVE, OWN),), None, None, OWN) == ScenarioChoice(OWN)


def test_without_any_at_all_one_is_required() -> None:
    assert refused() == "scenario_required"
    assert refused(READY, PAST) == "scenario_required"


@pytest.mark.parametrize("choice", ["ready", "past", "draft", "OTP-4", "OTP-5"])
def test_what_is_not_active_is_refused_and_nothing_else_is_chosen(choice: str) -> None:
    assert refused(*ALL, name=choice) == "scenario_inactive"
    assert refused(*ALL, name=choice, default="login") == "scenario_inactive"
    assert refused(*ALL, default=choice) == "scenario_inactive"


def test_of_one_otp_id_registered_twice_the_active_one_counts() -> None:
    copy = Entry("copy", ACTIVE, "OTP-5", "second_key")
    assert choose((PAST, copy), "OTP-5", None, "") == ScenarioChoice("OTP-5", "second_key")


@pytest.mark.parametrize("choice", ["unheard", "otp-2", "OTP-", "OTP-2 ", "Login", "scn_x"])
def test_a_name_that_is_not_registered_is_refused(choice: str) -> None:
    assert refused(*ALL, name=choice) == "scenario_unknown"
    assert refused(*ALL, default=choice) == "scenario_unknown"


def test_letters_that_look_alike_are_alike() -> None:
    entry = Entry("Đăng nhập", ACTIVE, "OTP-2")
    apart = unicodedata.normalize("NFD", "Đăng nhập")
    assert choose((entry,), apart, None, "") == ScenarioChoice("OTP-2")


@pytest.mark.slow
@given(ENTRIES, NAMES, NAMES, st.sampled_from(["", OWN]))
def test_no_registered_one_that_is_not_active_is_ever_chosen_by_name(
    entries: list[Entry], name: str | None, default: str | None, own: str
) -> None:
    try:
        choice = choose(entries, name, default, own)
    except ValidationFailed:
        return
    of_it = [entry for entry in entries if entry.otp_id == choice.otp_id]
    if name or default:
        assert not of_it or any(entry.status is ACTIVE for entry in of_it)
    elif choice.otp_id != own:
        assert any(entry.status is ACTIVE for entry in of_it)


@pytest.mark.slow
@given(ENTRIES, NAMES, NAMES, st.sampled_from(["", OWN]))
def test_a_default_counts_only_where_nothing_is_named(
    entries: list[Entry], name: str | None, default: str | None, own: str
) -> None:
    def chosen(default: str | None) -> object:
        try:
            return choose(entries, name, default, own)
        except ValidationFailed as refusal:
            return refusal.errors

    if name:
        assert chosen(default) == chosen(None)
