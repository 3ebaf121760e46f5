"""Zalo's OAuth: the request for the next pair, every form of its reply, and the pair itself."""

import json
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs

import pytest

from ringpass.outcomes import ProviderResponse, Rejected, Unknown
from ringpass.providers.base import HttpResponse, NoResponse
from ringpass.providers.zalo.oauth import read_pair, refresh_request
from ringpass.providers.zalo.token_pair import TokenPair
from ringpass.redaction import Secret

NOW = datetime(2026, 11, 21, 8, 30, tzinfo=UTC)
GIVEN = {"access_token": "next-access", "refresh_token": "next-refresh", "expires_in": "90000"}


def read(body: object, status: int = 200) -> TokenPair | ProviderResponse:
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    return read_pair(HttpResponse(status, raw), NOW)


def test_the_request() -> None:
    request = refresh_request(
        "https://oauth.zaloapp.com", "123", Secret("app-secret"), Secret("refresh&token=")
    )
    assert request.method == "POST"
    assert request.url == "https://oauth.zaloapp.com/v4/oa/access_token"
    assert request.headers["secret_key"] == "app-secret"
    assert request.headers["Content-Type"] == "application/x-www-form-urlencoded"
    assert parse_qs(request.body.decode()) == {
        "refresh_token": ["refresh&token="],
        "app_id": ["123"],
        "grant_type": ["refresh_token"],
    }
    for hidden in ("app-secret", "refresh&token="):
        assert hidden not in repr(request)


@pytest.mark.parametrize("seconds", ["90000", 90000])
def test_a_pair_lives_as_long_as_zalo_says(seconds: object) -> None:
    pair = read(GIVEN | {"expires_in": seconds, "refresh_token_expires_in": "7776000"})
    assert isinstance(pair, TokenPair)
    assert pair.access_token.reveal() == "next-access"
    assert pair.refresh_token.reveal() == "next-refresh"
    assert pair.access_expires_at == NOW + timedelta(hours=25)
    assert pair.refresh_expires_at == NOW + timedelta(days=90)


@pytest.mark.parametrize("seconds", [None, "", "soon", True, -1, 0, "0", 1.5, {}])
def test_where_zalo_does_not_say_it_lives_as_zalo_documents(seconds: object) -> None:
    pair = read(GIVEN | {"expires_in": seconds, "refresh_token_expires_in": seconds})
    assert isinstance(pair, TokenPair)
    assert pair.access_expires_at == NOW + timedelta(hours=25)
    assert pair.refresh_expires_at == NOW + timedelta(days=90)


@pytest.mark.parametrize(
    ("body", "status", "outcome"),
    [
        ({"error": -14020, "error_name": "x"}, 200, Rejected("error_-14020")),
        ({"error": "-14002"}, 200, Rejected("error_-14002")),
        ({"error": -14014}, 400, Rejected("error_-14014")),
        # Nobody can tell what these have done.
        ({"error": 0}, 200, Unknown("unreadable_reply")),
        ({"error": True}, 200, Unknown("unreadable_reply")),
        ({}, 200, Unknown("unreadable_reply")),
        (b"<html>", 200, Unknown("unreadable_reply")),
        (b"<html>", 502, Unknown("http_502")),
        ({"access_token": "a"}, 200, Unknown("unreadable_reply")),
        ({"refresh_token": "a"}, 200, Unknown("unreadable_reply")),
        ({"access_token": "", "refresh_token": "a"}, 200, Unknown("unreadable_reply")),
        ({"access_token": "a", "error": -1}, 200, Unknown("unreadable_reply")),
        (GIVEN, 500, Unknown("http_500")),
    ],
)
def test_what_is_no_pair(body: object, status: int, outcome: ProviderResponse) -> None:
    assert read(body, status) == outcome


def test_no_answer_is_ambiguous_unless_nothing_was_sent() -> None:
    assert read_pair(NoResponse("timeout"), NOW) == Unknown("timeout")
    assert read_pair(NoResponse("connection_cut"), NOW) == Unknown("connection_cut")
    assert read_pair(NoResponse("connect_failed", sent=False), NOW) == Rejected("connect_failed")


def test_a_pair_is_written_and_read() -> None:
    pair = TokenPair.from_tokens("access", "refresh", NOW)
    again = TokenPair.from_text(pair.to_text())
    assert again.to_text() == pair.to_text()
    assert json.loads(pair.to_text()) == {
        "access_token": "access",
        "refresh_token": "refresh",
        "access_expires_at": "2026-11-22T09:30:00.000Z",
        "refresh_expires_at": "2027-02-19T08:30:00.000Z",
    }
    assert "access" not in repr(pair).replace("access_", "")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "null",
        "[]",
        "{}",
        '{"access_token": "s3cret"}',
        json.dumps({"access_token": "s3cret", "refresh_token": ""}),
        TokenPair.from_tokens("s3cret", "s3cret", NOW)
        .to_text()
        .replace("2026-11-22", "2026-11-32"),
        TokenPair.from_tokens("s3cret", "s3cret", NOW).to_text().replace("Z", ""),
    ],
)
def test_a_secret_that_holds_no_pair_is_told_without_its_text(text: str) -> None:
    with pytest.raises(ValueError, match="no pair") as error:
        TokenPair.from_text(text)
    assert "s3cret" not in str(error.value)
