"""Secrets: fetched once, kept for five minutes, fetched anew when asked to."""

import json
from collections.abc import Mapping
from typing import Any, cast

import pytest
from botocore.exceptions import ClientError, ConnectTimeoutError

from ringpass.aws.secrets import CACHE_SECONDS, PLACEHOLDER, REFETCH_SECONDS, Secrets
from ringpass.errors import Unavailable
from tests.world import Clock


class Manager:
    """Secrets Manager with one secret."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.fetched: list[str] = []
        self.error: Exception | None = None

    def get_secret_value(self, **request: str) -> Mapping[str, Any]:
        self.fetched.append(request["SecretId"])
        if self.error is not None:
            raise self.error
        return {"SecretString": self.text}


def secrets(manager: Manager, clock: Clock | None = None) -> Secrets:
    return Secrets(cast("Any", manager), lambda name: f"arn:{name}", clock or Clock())


def test_one_fetch_serves_for_five_minutes() -> None:
    manager, clock = Manager('{"token": "one"}'), Clock()
    vault = secrets(manager, clock)
    assert vault.value("mcn", "token").reveal() == "one"
    manager.text = '{"token": "two"}'
    clock.turn(seconds=CACHE_SECONDS - 1)
    assert vault.value("mcn", "token").reveal() == "one"
    assert manager.fetched == ["arn:mcn"]
    clock.turn(seconds=1)
    assert vault.value("mcn", "token").reveal() == "two"


@pytest.mark.parametrize("seconds", [-1_000, 9_000])
def test_a_clock_that_is_set_leads_to_a_fetch_and_to_no_old_secret(seconds: int) -> None:
    manager, clock = Manager('{"token": "one"}'), Clock()
    vault = secrets(manager, clock)
    vault.value("mcn", "token")
    clock.turn(seconds=seconds)
    vault.value("mcn", "token")
    assert len(manager.fetched) == 2


def test_a_refresh_fetches_anew() -> None:
    manager = Manager('{"token": "one"}')
    vault = secrets(manager)
    vault.value("mcn", "token")
    manager.text = '{"token": "two"}'
    assert vault.value("mcn", "token", refresh=True).reveal() == "two"
    assert vault.value("mcn", "token").reveal() == "two"


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ('{"token": "one"}', ["one"]),
        ('{"tokens": ["one", "two"]}', ["one", "two"]),
        ('{"token": "one", "tokens": ["two", "", 3]}', ["one", "two"]),
    ],
)
def test_several_may_be_valid_at_once(text: str, values: list[str]) -> None:
    valid_secrets = secrets(Manager(text)).values("mcn", "token")
    assert [secret.reveal() for secret in valid_secrets] == values


@pytest.mark.parametrize("text", ["", "{", "[]", "3", "{}", '{"token": ""}', '{"key": "one"}'])
def test_a_secret_without_the_field_is_told_without_its_text(text: str) -> None:
    with pytest.raises(Unavailable) as error:
        secrets(Manager(text)).value("mcn", "token")
    assert "'mcn'" in str(error.value.detail)
    assert "one" not in json.dumps(error.value.problem("request"))


@pytest.mark.parametrize(
    "error",
    [
        ClientError({"Error": {"Code": "AccessDeniedException"}}, "GetSecretValue"),
        ConnectTimeoutError(endpoint_url="https://example.test"),
    ],
)
def test_what_cannot_be_fetched_is_not_available(error: Exception) -> None:
    manager = Manager('{"token": "one"}')
    manager.error = error
    with pytest.raises(Unavailable):
        secrets(manager).value("mcn", "token")


def test_it_prints_as_stars() -> None:
    secret = secrets(Manager('{"token": "one"}')).value("mcn", "token")
    assert f"{secret} {secret!r}" == "Secret(***) Secret(***)"


def test_a_field_that_was_put_in_is_found_at_once_and_not_looked_for_all_the_time() -> None:
    manager, clock = Manager('{"api_key": "one"}'), Clock()
    vault = secrets(manager, clock)
    assert vault.value("bizfly", "api_key").reveal() == "one"
    manager.text = '{"api_key": "one", "second_key": "two"}'
    assert vault.value("bizfly", "second_key").reveal() == "two"
    assert len(manager.fetched) == 2
    for _ in range(5):
        assert vault.find("bizfly", "third_key") is None
        with pytest.raises(Unavailable):
            vault.value("bizfly", "third_key")
    assert len(manager.fetched) == 2
    clock.turn(seconds=30)
    assert vault.find("bizfly", "third_key") is None
    assert len(manager.fetched) == 3
    secret = vault.find("bizfly", "second_key")
    assert secret is not None
    assert secret.reveal() == "two"


UNTOUCHED = json.dumps({"token": "", PLACEHOLDER: "4f8yR"})


def test_a_secret_that_nobody_has_set_is_fetched_once_in_ten_seconds_and_soon_seen() -> None:
    manager, clock = Manager(UNTOUCHED), Clock()
    vault = secrets(manager, clock)
    for _ in range(5):
        assert vault.find("mcn", "token") is None
    assert len(manager.fetched) == 1
    manager.text = '{"token": "one"}'
    clock.turn(seconds=REFETCH_SECONDS)
    secret = vault.find("mcn", "token")
    assert secret is not None
    assert secret.reveal() == "one"
    assert len(manager.fetched) == 2


def test_what_cannot_be_fetched_is_not_taken_for_what_nobody_has_set() -> None:
    manager = Manager(UNTOUCHED)
    manager.error = ConnectTimeoutError(endpoint_url="https://example.test")
    with pytest.raises(Unavailable):
        secrets(manager).find("mcn", "token")


@pytest.mark.parametrize("text", [UNTOUCHED, '{"token": "7fa2c1"}', '{"tokens": ["7fa2c1"]}'])
def test_nothing_is_logged_of_a_secret_that_is_as_it_should_be(
    text: str, caplog: pytest.LogCaptureFixture
) -> None:
    secrets(Manager(text)).find("mcn", "token")
    assert caplog.records == []


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "not_a_json_object"),
        ("7fa2c1", "not_a_json_object"),
        ('"7fa2c1"', "not_a_json_object"),
        ('{"token": "7fa2c1"', "not_a_json_object"),
        ("{}", "field_missing"),
        ('{"token": ""}', "field_missing"),
        ('{"token": 7}', "field_missing"),
        ('{"Token": "7fa2c1"}', "field_missing"),
        (json.dumps({"token": "", "Token": "7fa2c1", PLACEHOLDER: "4f8yR"}), "field_missing"),
    ],
)
def test_of_what_an_operator_put_in_wrongly_the_log_says_what_it_must_hold(
    text: str, why: str, caplog: pytest.LogCaptureFixture
) -> None:
    vault = secrets(Manager(text))
    assert vault.find("mcn", "token") is None
    assert vault.find("mcn", "token") is None
    [record] = caplog.records
    line = vars(record)
    assert (record.levelname, record.getMessage()) == ("ERROR", "secret not usable")
    assert (line["secret"], line["why"]) == ("mcn", why)
    assert line["must_hold"] == '{"token": "..."}'
    assert "7fa2c1" not in str(line)
    assert "4f8yR" not in str(line)
