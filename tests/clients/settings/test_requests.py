"""The bodies of the settings: what is taken, and refusals that name the field, never its value."""

import json
from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ringpass.clients.settings.cause_table import DEFAULTS, Action, CauseRow
from ringpass.clients.settings.model import ClientSettings, StepChoice, ZnsDefaults
from ringpass.clients.settings.requests import OWN_WHY, ReplaceCauseTable, ReplaceSettings
from ringpass.errors import ApiError, InvalidJson, ValidationFailed
from ringpass.http.fields import Command
from ringpass.limits.settings import FraudBudget, LimitSettings, Mode, PhoneList, Window
from ringpass.outcomes import Status
from ringpass.providers.facts import ChannelName

KEY = "0f" * 32


def number_key(e164: str) -> str:
    """Not a real one: it tells which number it was made of."""
    return e164[1:].rjust(64, "0")


def settings(fields: Mapping[str, Any]) -> ClientSettings:
    return ReplaceSettings.from_json(json.dumps(fields).encode()).to_settings(number_key)


def rows(*changes: Mapping[str, Any]) -> tuple[CauseRow, ...]:
    return ReplaceCauseTable.from_json(json.dumps({"rows": changes}).encode()).to_rows()


def refused(reader: object, *arguments: object) -> list[tuple[str, str]]:
    assert callable(reader)
    with pytest.raises(ValidationFailed) as error:
        reader(*arguments)
    return [(".".join(map(str, e["loc"])), e["type"]) for e in error.value.errors]


def test_nothing_sets_nothing() -> None:
    assert settings({}) == ClientSettings()


def test_everything_that_can_be_set() -> None:
    assert settings(
        {
            "workflows": {
                "VN": [
                    {"channel": "zns", "timeout_seconds": 15, "template": "7", "code_param": "pin"},
                    {"channel": "voice_otp", "scenario": "OTP-1"},
                    {"channel": "zns", "params": {"brand": "Shop"}},
                ],
                "*": [{"channel": "password_call", "timeout_seconds": 900}],
            },
            "timeouts": {"zns": 30},
            "zns": {"template": 366, "params": {"brand": "Bank"}},
            "scenario": "OTP-2",
            "code_length": 6,
            "expires_in": 60,
            "attempts": 10,
            "countries": {"password_call": ["VN", "KZ", "KZ"], "zns": []},
        }
    ) == ClientSettings(
        workflows={
            "VN": (
                StepChoice(ChannelName.ZNS, 15, 7, None, "pin"),
                StepChoice(ChannelName.VOICE_OTP, scenario="OTP-1"),
                StepChoice(ChannelName.ZNS, params={"brand": "Shop"}),
            ),
            "*": (StepChoice(ChannelName.PASSWORD_CALL, 900),),
        },
        timeouts={"zns": 30},
        zns=ZnsDefaults(366, "otp", {"brand": "Bank"}),
        scenario="OTP-2",
        code_length=6,
        expires_in=60,
        attempts=10,
        countries={"password_call": frozenset({"VN", "KZ"}), "zns": frozenset()},
    )


def test_limits_that_are_left_out_have_their_defaults_and_null_is_none() -> None:
    fields = {
        "phone": None,
        "prefix": {"cap": 1, "seconds": 2},
        "pauses": [0, 5],
        "daily_sends": None,
        "daily_money": {"RUB": "99.50", "VND": 100_000},
        "fraud_budget": {"mode": "record"},
    }
    limits = settings({"limits": fields}).limits
    assert (limits.phone, limits.daily_sends) == (None, None)
    assert limits.phone_all_clients == LimitSettings().phone_all_clients
    assert limits.prefix == Window(1, 2)
    assert limits.pauses == (0, 5)
    assert {name: str(amount) for name, amount in limits.daily_money.items()} == {
        "RUB": "99.50",
        "VND": "100000",
    }
    assert limits.fraud_budget == FraudBudget(Mode.RECORD)


def test_numbers_in_lists_are_kept_as_look_up_keys() -> None:
    lists = {"deny": {"numbers": ["+84 389-801-371", KEY], "prefixes": ["+84 90"]}}
    limits = settings({"limits": lists}).limits
    assert limits.deny == PhoneList(
        frozenset({number_key("+84389801371"), KEY}), frozenset({"+8490"})
    )
    assert limits.allow == PhoneList()


def test_numbers_do_not_print() -> None:
    body = json.dumps({"limits": {"allow": {"numbers": ["+84389801371"]}}})
    assert "389801371" not in repr(ReplaceSettings.from_json(body.encode()))


@pytest.mark.slow
@pytest.mark.parametrize(
    ("fields", "errors"),
    [
        ({"colour": 1}, [("colour", "extra_forbidden")]),
        ({"cause_rows": []}, [("cause_rows", "extra_forbidden")]),
        ({"version": -1}, [("version", "greater_than_equal")]),
        ({"version": "1"}, [("version", "int_type")]),
        ({"workflows": {"UK": []}}, [("workflows.UK.[key]", "country_unknown"),
                                     ("workflows.UK", "too_short")]),
        ({"workflows": {"vn": [{"channel": "zns"}]}},
         [("workflows.vn.[key]", "string_pattern_mismatch")]),
        ({"workflows": {"VN": [{"channel": "zns"}] * 11}}, [("workflows.VN", "too_long")]),
        ({"workflows": {"VN": [{}]}}, [("workflows.VN.0.channel", "missing")]),
        ({"workflows": {"VN": [{"channel": "sms"}]}},
         [("workflows.VN.0.channel", "literal_error")]),
        ({"workflows": {"VN": [{"channel": "sms", "template": 1}]}},
         [("workflows.VN.0.channel", "literal_error")]),
        ({"workflows": {"VN": [{"channel": "zns", "timeout_seconds": 14}]}},
         [("workflows.VN.0.timeout_seconds", "greater_than_equal")]),
        ({"workflows": {"VN": [{"channel": "zns", "timeout_seconds": 901}]}},
         [("workflows.VN.0.timeout_seconds", "less_than_equal")]),
        ({"workflows": {"VN": [{"channel": "zns"}, {"channel": "zns", "scenario": "OTP-1"}]}},
         [("workflows.VN.1.scenario", "other_channel")]),
        ({"workflows": {"*": [{"channel": "password_call", "template": 1, "code_param": "a",
                               "params": {}}]}},
         [("workflows.*.0.template", "other_channel"),
          ("workflows.*.0.code_param", "other_channel"),
          ("workflows.*.0.params", "other_channel")]),
        ({"workflows": {"VN": [{"channel": "zns", "template": "login", "code_param": "otp"}]}},
         [("workflows.VN.0.code_param", "registered_template")]),
        ({"zns": {"template": "login", "code_param": "otp"}},
         [("zns.code_param", "registered_template")]),
        ({"workflows": {"VN": [{"channel": "zns", "template": ""}]}},
         [("workflows.VN.0.template", "template_format")]),
        ({"timeouts": {"sms": 15}}, [("timeouts.sms.[key]", "literal_error")]),
        ({"timeouts": {"zns": 1}}, [("timeouts.zns", "greater_than_equal")]),
        ({"zns": {}}, [("zns.template", "missing")]),
        ({"zns": {"template": 0}}, [("zns.template", "template_format")]),
        ({"zns": {"template": 1, "params": {"a": 1}}}, [("zns.params.a", "string_type")]),
        ({"scenario": "x" * 65}, [("scenario", "string_too_long")]),
        ({"code_length": 3}, [("code_length", "greater_than_equal")]),
        ({"code_length": 11}, [("code_length", "less_than_equal")]),
        ({"expires_in": 59}, [("expires_in", "greater_than_equal")]),
        ({"expires_in": 86_401}, [("expires_in", "less_than_equal")]),
        ({"attempts": 0}, [("attempts", "greater_than_equal")]),
        ({"attempts": 11}, [("attempts", "less_than_equal")]),
        ({"countries": {"zns": ["VN", "UK"]}}, [("countries.zns.1", "country_unknown")]),
        ({"countries": {"zns": "VN"}}, [("countries.zns", "list_type")]),
        ({"limits": {"phones": None}}, [("limits.phones", "extra_forbidden")]),
        ({"limits": {"phone": {"cap": 0, "seconds": 1}}},
         [("limits.phone.cap", "greater_than_equal")]),
        ({"limits": {"phone": {"cap": 1_001, "seconds": 1}}},
         [("limits.phone.cap", "less_than_equal")]),
        ({"limits": {"phone_all_clients": {"cap": 9, "seconds": 601}}},
         [("limits.phone_all_clients.seconds", "less_than_equal")]),
        ({"limits": {"pauses": []}}, [("limits.pauses", "too_short")]),
        ({"limits": {"pauses": [2, 1]}}, [("limits.pauses", "pauses_order")]),
        ({"limits": {"pauses": [30], "pauses_reset_seconds": 29}},
         [("limits.pauses_reset_seconds", "range")]),
        ({"limits": {"daily_money": {"rub": 1}}},
         [("limits.daily_money.rub.[key]", "string_pattern_mismatch")]),
        ({"limits": {"daily_money": {"RUB": 1.5}}}, [("limits.daily_money.RUB", "amount_format")]),
        ({"limits": {"daily_money": {"RUB": True}}}, [("limits.daily_money.RUB", "amount_format")]),
        ({"limits": {"daily_money": {"RUB": -1}}}, [("limits.daily_money.RUB", "amount_format")]),
        ({"limits": {"deny": {"numbers": ["0389801371"]}}},
         [("limits.deny.numbers.0", "region_required")]),
        ({"limits": {"deny": {"numbers": [KEY, "+84000"]}}},
         [("limits.deny.numbers.1", "phone_format")]),
        ({"limits": {"deny": {"numbers": [1]}}}, [("limits.deny.numbers.0", "string_type")]),
        ({"limits": {"deny": {"numbers": [KEY] * 401}}}, [("limits.deny.numbers", "too_long")]),
        ({"limits": {"allow": {"prefixes": ["8490"]}}},
         [("limits.allow.prefixes.0", "string_pattern_mismatch")]),
        ({"limits": {"fraud_budget": {"mode": "on"}}}, [("limits.fraud_budget.mode", "enum")]),
    ],
)  # fmt: skip
def test_a_refusal_names_the_field(
    fields: dict[str, object], errors: list[tuple[str, str]]
) -> None:
    assert sorted(refused(settings, fields)) == sorted(errors)


def test_a_row_that_says_as_little_as_it_may() -> None:
    assert rows(
        {"outcome": "busy", "action": "retry"}, {"outcome": "failed", "action": "stop"}
    ) == (
        CauseRow(Status.BUSY, None, Action.RETRY, 0, 1, why=OWN_WHY),
        CauseRow(Status.FAILED, None, Action.STOP, why=OWN_WHY),
    )


def test_a_row_that_says_all() -> None:
    retry = {"outcome": "busy", "reason": "q850_17", "action": "retry"}
    details = {"after_seconds": 30, "times": 5, "no_more_calls": False, "why": "Đợi một chút."}
    assert rows(retry | details) == (
        CauseRow(Status.BUSY, "q850_17", Action.RETRY, 30, 5, why="Đợi một chút."),
    )


def test_a_row_that_was_answered_can_be_sent_back() -> None:
    answer = [
        {
            "outcome": row.outcome,
            "reason": row.reason,
            "action": row.action,
            "after_seconds": row.after_seconds,
            "times": row.times,
            "no_more_calls": row.no_more_calls,
            "why": row.why,
        }
        for row in DEFAULTS
    ]
    assert rows(*answer) == DEFAULTS


BUSY = {"outcome": "busy", "action": "next"}


@pytest.mark.parametrize(
    ("row", "errors"),
    [
        ({}, [("outcome", "missing"), ("action", "missing")]),
        (BUSY | {"changed": True}, [("changed", "extra_forbidden")]),
        (BUSY | {"outcome": "ringing"}, [("outcome", "enum")]),
        (BUSY | {"outcome": "reserved"}, [("outcome", "no_outcome")]),
        (BUSY | {"action": "call"}, [("action", "enum")]),
        (BUSY | {"reason": "Q.850 17"}, [("reason", "string_pattern_mismatch")]),
        (BUSY | {"reason": "x" * 41}, [("reason", "string_pattern_mismatch")]),
        (BUSY | {"times": 1}, [("times", "only_with_retry")]),
        (BUSY | {"after_seconds": 1}, [("after_seconds", "only_with_retry")]),
        (BUSY | {"action": "retry", "times": 0}, [("times", "too_few")]),
        (BUSY | {"action": "retry", "times": 6}, [("times", "less_than_equal")]),
        (BUSY | {"action": "retry", "after_seconds": 901}, [("after_seconds", "less_than_equal")]),
        (
            BUSY | {"action": "retry", "no_more_calls": True},
            [("no_more_calls", "only_with_wait_or_next")],
        ),
        (
            BUSY | {"action": "stop", "no_more_calls": True},
            [("no_more_calls", "only_with_wait_or_next")],
        ),
        *(
            ({"outcome": outcome, "action": "retry"}, [("action", "may_have_reached")])
            for outcome in ("accepted", "unknown", "answered", "delivered")
        ),
        (BUSY | {"why": ""}, [("why", "string_pattern_mismatch")]),
        (BUSY | {"why": "a\nb"}, [("why", "string_pattern_mismatch")]),
        (BUSY | {"why": "x" * 201}, [("why", "string_pattern_mismatch")]),
    ],
)
def test_a_refused_row_names_its_field(
    row: dict[str, object], errors: list[tuple[str, str]]
) -> None:
    assert refused(rows, row) == [(f"rows.0.{name}", type_) for name, type_ in errors]


def test_two_rows_about_the_same_are_refused() -> None:
    other = BUSY | {"reason": "q850_17"}
    assert len(rows(BUSY, other)) == 2
    assert refused(rows, BUSY, other, BUSY | {"action": "stop"}) == [
        ("rows.2.outcome", "row_twice")
    ]


def test_more_rows_than_anybody_needs_are_refused() -> None:
    many = [BUSY | {"reason": f"r{number}"} for number in range(51)]
    assert len(rows(*many[:50])) == 50
    assert refused(rows, *many) == [("rows", "too_long")]


SECRET = "4815162342"
NAMES = st.sampled_from(
    [
        *ReplaceSettings.model_fields,
        "rows",
        "outcome",
        "action",
        "channel",
        "numbers",
        "VN",
        "phone",
    ]
)
VALUES = st.recursive(
    st.one_of(
        st.none(),
        st.booleans(),
        st.integers(),
        st.just(SECRET),
        st.just(int(SECRET)),
        st.sampled_from(["VN", "*", "zns", "busy", "retry", "+84389801371"]),
    ),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.dictionaries(st.one_of(NAMES, st.just(SECRET)), inner, max_size=4),
    ),
    max_leaves=12,
)


@pytest.mark.slow
@given(st.dictionaries(NAMES, VALUES), st.sampled_from([ReplaceSettings, ReplaceCauseTable]))
def test_whatever_comes_is_taken_or_refused_without_its_values(
    body: dict[str, object], model: type[ReplaceSettings | ReplaceCauseTable]
) -> None:
    message = ""
    try:
        command = model.from_json(json.dumps(body).encode())
        if isinstance(command, ReplaceSettings):
            new_settings = command.to_settings(number_key)
            assert ClientSettings.from_item(new_settings.to_item()) == new_settings
        else:
            assert len({row.key for row in command.to_rows()}) == len(command.rows)
    except ApiError as refusal:
        message = str(refusal)
    assert SECRET not in message
    assert "389801371" not in message


@pytest.mark.parametrize("model", [ReplaceSettings, ReplaceCauseTable])
@pytest.mark.parametrize("body", [b"", b"{", b"\xff", b"[", b'{"version": 1}{}'])
def test_what_is_no_json_object_is_refused(model: type[Command], body: bytes) -> None:
    with pytest.raises(InvalidJson):
        model.from_json(body)


def test_a_name_that_stands_twice_is_refused() -> None:
    with pytest.raises(InvalidJson):
        ReplaceSettings.from_json(b'{"zns": {"template": 1, "template": 2}}')
