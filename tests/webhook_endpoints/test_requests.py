"""Bodies of webhook endpoints: every field at fault is named, and its value is not."""

import json

import pytest

from ringpass.errors import ValidationFailed
from ringpass.webhook_endpoints.requests import (
    RegisterEndpoint,
    ReplayEvents,
    RotateEndpointSecret,
)

EVENT = "evt_" + "a" * 32


@pytest.mark.parametrize(
    ("url", "type_"),
    [
        ("", "url_format"),
        ("example.com", "url_format"),
        ("ftp://example.com/x", "url_format"),
        ("https://", "url_format"),
        ("https:///path", "url_format"),
        ("https://example.com:0/", "url_format"),
        ("https://example.com:99999/", "url_format"),
        ("https://[::1/", "url_format"),
        ("https://exämple.com/", "url_format"),
        ("https://example.com/a b", "url_format"),
        ("https://example.com/a\nb", "url_format"),
        ("https://someone@example.com/", "url_credentials"),
        ("https://someone:word@example.com/", "url_credentials"),
        ("https://example.com/#top", "url_fragment"),
        ("https://example.com/" + "a" * 2_000, "string_too_long"),
    ],
)
def test_a_url_that_cannot_be_used(url: str, type_: str) -> None:
    with pytest.raises(ValidationFailed) as refusal:
        RegisterEndpoint.from_json(json.dumps({"url": url}).encode())
    [error] = refusal.value.errors
    assert (error["loc"], error["type"]) == (["url"], type_)
    assert not url or url not in str(refusal.value)


@pytest.mark.parametrize(
    ("types", "type_"),
    [
        ([], "too_short"),
        (["verification"], "type_unknown"),
        (["verification.*", "verification.*"], "type_twice"),
        (["nothing.*"], "type_unknown"),
        ([".*"], "type_unknown"),
        (["*"] * 21, "too_long"),
    ],
)
def test_types_that_cannot_be_used(types: list[str], type_: str) -> None:
    body = json.dumps({"url": "https://example.com/", "types": types}).encode()
    with pytest.raises(ValidationFailed) as refusal:
        RegisterEndpoint.from_json(body)
    assert {error["type"] for error in refusal.value.errors} == {type_}


@pytest.mark.parametrize("seconds", [-1, 86_401, "60", 1.5])
def test_an_overlap_that_cannot_be_used(seconds: object) -> None:
    with pytest.raises(ValidationFailed):
        RotateEndpointSecret.from_json(json.dumps({"overlap_seconds": seconds}).encode())


@pytest.mark.parametrize(
    ("body", "loc", "type_"),
    [
        ({}, ["event_ids"], "missing"),
        ({"to": "2026-11-21T08:30:00Z"}, ["to"], "one_choice"),
        ({"event_ids": []}, ["event_ids"], "too_short"),
        ({"event_ids": ["evt_1"]}, ["event_ids", 0], "string_pattern_mismatch"),
        ({"event_ids": [EVENT], "subject": "ver_1"}, ["subject"], "one_choice"),
        ({"subject": "ver_1", "from": "2026-11-21T08:30:00Z"}, ["from"], "one_choice"),
        ({"subject": "ver_1", "to": "2026-11-21T08:30:00Z"}, ["to"], "one_choice"),
        ({"from": "yesterday"}, ["from"], "instant_format"),
        ({"from": "2026-11-21T08:30:00"}, ["from"], "instant_format"),
        (
            {"from": "2026-11-21T08:30:00Z", "to": "2026-11-21T08:29:59Z"},
            ["to"],
            "range",
        ),
        ({"since": "2026-11-21T08:30:00Z"}, ["since"], "extra_forbidden"),
    ],
)
def test_a_replay_that_names_no_events(body: object, loc: list[object], type_: str) -> None:
    with pytest.raises(ValidationFailed) as refusal:
        ReplayEvents.from_json(json.dumps(body).encode())
    assert {"loc": loc, "type": type_} in [
        {"loc": error["loc"], "type": error["type"]} for error in refusal.value.errors
    ]
