"""An OA's settings: what can be set, what they keep from calling, and the texts of replies."""

import json
from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ringpass.errors import ValidationFailed
from ringpass.oa.desk.hours import Hours, Span, Weekday
from ringpass.oa.desk.reply_texts import Reply, fill, template_error
from ringpass.oa.desk.requests import AddAgent, PreviewReply, ReplaceOaSettings
from ringpass.oa.desk.settings import OaSettings, Suspension

MONDAY = datetime.fromisoformat("2026-11-23T10:00:00+07:00")
NIGHT = datetime.fromisoformat("2026-11-23T20:00:00+07:00")
OPEN = Hours(days=dict.fromkeys(Weekday, Span.from_text("08:00", "17:30")))
READY = OaSettings(enabled=True, verified_enterprise=True, hours=OPEN)
DAY = {"start": "08:00", "end": "17:30"}


def faults(command: type, **fields: object) -> list[tuple[list[object], str]]:
    """Where a body is at fault, and the type of each fault."""
    try:
        command.from_json(json.dumps(fields).encode())  # type: ignore[attr-defined]
    except ValidationFailed as refusal:
        return [(error["loc"], error["type"]) for error in refusal.errors]
    return []


def codes(settings: OaSettings, at: datetime) -> list[str]:
    return [check.code for check in settings.list_blockers(at)]


def test_nothing_keeps_an_oa_that_is_ready_from_calling() -> None:
    assert READY.list_blockers(MONDAY) == []


def test_all_that_keeps_an_oa_from_calling_is_told_at_once() -> None:
    nothing = OaSettings(suspended=Suspension("complaints"))
    assert codes(nothing, MONDAY) == [
        "feature_off",
        "oa_not_verified",
        "oa_suspended",
        "outside_hours",
    ]


def test_outside_the_hours_it_is_said_when_they_begin() -> None:
    [check] = READY.list_blockers(NIGHT)
    assert check.code == "outside_hours"
    assert "08:00 24/11/2026 (Asia/Ho_Chi_Minh)" in check.detail


def test_without_hours_they_are_to_be_set_first() -> None:
    [check] = OaSettings(enabled=True, verified_enterprise=True).list_blockers(MONDAY)
    assert (check.code, "set them first" in check.detail) == ("outside_hours", True)


@pytest.mark.parametrize("since", [None, "2026-11-01T00:00:00.000Z"])
def test_a_suspension_tells_its_reason(since: str | None) -> None:
    [check] = OaSettings(
        enabled=True, verified_enterprise=True, hours=OPEN, suspended=Suspension("spam", since)
    ).list_blockers(MONDAY)
    assert "(spam)" in check.detail
    assert (since or "oa@zalo.me") in check.detail


@pytest.mark.parametrize(
    ("fields", "loc", "type_"),
    [
        ({"enabled": 1}, ["enabled"], "bool_type"),
        ({"time_zone": "Asia/Hanoi"}, ["time_zone"], "time_zone_unknown"),
        ({"time_zone": "../zone"}, ["time_zone"], "string_pattern_mismatch"),
        ({"hours": {"someday": DAY}}, ["hours", "someday"], "extra_forbidden"),
        ({"hours": {"monday": {"start": "8:00", "end": "17:30"}}}, None, "string_pattern_mismatch"),
        ({"hours": {"monday": {"start": "24:00", "end": "1:00"}}}, None, "string_pattern_mismatch"),
        (
            {"hours": {"monday": {"start": "08:00", "end": "24:01"}}},
            None,
            "string_pattern_mismatch",
        ),
        (
            {"hours": {"monday": {"start": "08:00", "end": "08:00"}}},
            ["hours", "monday", "end"],
            "empty_span",
        ),
        ({"hours": {"monday": {"start": "08:00"}}}, ["hours", "monday", "end"], "missing"),
        ({"replies": {"busy": "{opens_at}"}}, ["replies"], "placeholder_unknown"),
        ({"replies": {"out_of_hours": "{name}"}}, ["replies"], "placeholder_unknown"),
        ({"replies": {"out_of_hours": "{opens_at}"}}, ["replies"], "never_open"),
        ({"replies": {"busy": " "}}, ["replies", "busy"], "string_pattern_mismatch"),
        ({"replies": {"busy": "x" * 2_001}}, ["replies", "busy"], "string_too_long"),
        ({"suspended": {}}, ["suspended", "reason"], "missing"),
        (
            {"suspended": {"reason": "x", "since": "today"}},
            ["suspended", "since"],
            "instant_format",
        ),
        ({"version": -1}, ["version"], "greater_than_equal"),
        ({"oa_id": "1"}, ["oa_id"], "extra_forbidden"),
    ],
)
def test_settings_that_are_refused(
    fields: dict[str, object], loc: list[object] | None, type_: str
) -> None:
    pairs = faults(ReplaceOaSettings, **fields)
    assert type_ in [type_ for _, type_ in pairs]
    assert loc is None or loc in [loc for loc, _ in pairs]


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"hours": {"monday": {"start": "00:00", "end": "24:00"}, "sunday": None}},
        {"hours": {"monday": {"start": "22:00", "end": "02:00"}}},
        {"replies": {"busy": "x" * 2_000, "out_of_hours": None}},
        {"hours": {"monday": DAY}, "replies": {"out_of_hours": "{opens_at} {"}},
        {"suspended": {"reason": "x", "since": "2026-11-21T08:30:00+07:00"}},
    ],
)
def test_settings_that_are_taken(fields: dict[str, object]) -> None:
    assert faults(ReplaceOaSettings, **fields) == []


def test_a_text_is_short_enough_with_what_is_put_into_it() -> None:
    text = "x" * 1_984 + "{opens_at}"
    assert template_error(Reply.OUT_OF_HOURS, text, OPEN) is None
    assert len(fill(text, OPEN, NIGHT)) == 2_000
    assert template_error(Reply.OUT_OF_HOURS, "x" + text, OPEN) is not None


@given(st.text(alphabet="{}opens_at ", max_size=40), st.sampled_from(Reply))
def test_a_text_that_is_taken_leaves_no_placeholder(text: str, reply: Reply) -> None:
    if template_error(reply, text, OPEN) is None:
        filled = fill(text, OPEN, NIGHT)
        assert "{opens_at}" not in filled
        assert filled.count("08:00 24/11/2026") == text.count("{opens_at}")


@pytest.mark.parametrize("at", ["2026-11-21", "2026-11-21T08:30:00", "1969-01-01T00:00:00Z", ""])
def test_a_preview_at_no_instant(at: str) -> None:
    assert faults(PreviewReply, reply="busy", at=at) == [(["at"], "instant_format")]


@pytest.mark.parametrize(
    ("fields", "loc"),
    [
        ({"agent_id": "lan"}, "agent_id"),
        ({"agent_id": 901}, "agent_id"),
        ({"agent_id": "9" * 21}, "agent_id"),
        ({"name": ""}, "name"),
        ({"name": "a\nb"}, "name"),
        ({"role": "boss"}, "role"),
    ],
)
def test_agents_that_are_refused(fields: dict[str, object], loc: str) -> None:
    body = {"agent_id": "901", "name": "Lan", "role": "customer_care"}
    assert faults(AddAgent, **body) == []
    assert [where for where, _ in faults(AddAgent, **body | fields)] == [[loc]]
