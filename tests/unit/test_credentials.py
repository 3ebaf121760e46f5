"""Secrets: fetched once, kept for five minutes, fetched anew when asked to."""

import json
from collections.abc import Mapping
from typing import Any, cast

import pytest
from botocore.exceptions import ClientError, ConnectTimeoutError

from ringpass.credentials import CACHE_SECONDS, Secrets
from ringpass.errors import Unavailable


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


class Clock:
    """Seconds since 1970."""

    now = 1_000.0

    def __call__(self) -> float:
        return self.now


def secrets(manager: Manager, clock: Clock | None = None) -> Secrets:
    return Secrets(cast("Any", manager), lambda name: f"arn:{name}", clock or Clock())


def test_one_fetch_serves_for_five_minutes() -> None:
    manager, clock = Manager('{"token": "one"}'), Clock()
    held = secrets(manager, clock)
    assert held.value("mcn", "token").reveal() == "one"
    manager.text = '{"token": "two"}'
    clock.now += CACHE_SECONDS - 1
    assert held.value("mcn", "token").reveal() == "one"
    assert manager.fetched == ["arn:mcn"]
    clock.now += 1
    assert held.value("mcn", "token").reveal() == "two"


@pytest.mark.parametrize("set_to", [0.0, 10_000.0])
def test_a_clock_that_is_set_leads_to_a_fetch_and_to_no_old_secret(set_to: float) -> None:
    manager, clock = Manager('{"token": "one"}'), Clock()
    held = secrets(manager, clock)
    held.value("mcn", "token")
    clock.now = set_to
    held.value("mcn", "token")
    assert len(manager.fetched) == 2


def test_a_refresh_fetches_anew() -> None:
    manager = Manager('{"token": "one"}')
    held = secrets(manager)
    held.value("mcn", "token")
    manager.text = '{"token": "two"}'
    assert held.value("mcn", "token", refresh=True).reveal() == "two"
    assert held.value("mcn", "token").reveal() == "two"


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ('{"token": "one"}', ["one"]),
        ('{"tokens": ["one", "two"]}', ["one", "two"]),
        ('{"token": "one", "tokens": ["two", "", 3]}', ["one", "two"]),
    ],
)
def test_several_may_be_valid_at_once(text: str, values: list[str]) -> None:
    found = secrets(Manager(text)).values("mcn", "token")
    assert [secret.reveal() for secret in found] == values


@pytest.mark.parametrize("text", ["", "{", "[]", "3", "{}", '{"token": ""}', '{"key": "one"}'])
def test_a_secret_without_the_field_is_told_without_its_text(text: str) -> None:
    with pytest.raises(Unavailable) as told:
        secrets(Manager(text)).value("mcn", "token")
    assert "'mcn'" in str(told.value.detail)
    assert "one" not in json.dumps(told.value.problem("request"))


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
    held = secrets(manager, clock)
    assert held.value("bizfly", "api_key").reveal() == "one"
    manager.text = '{"api_key": "one", "second_key": "two"}'
    assert held.value("bizfly", "second_key").reveal() == "two"
    assert len(manager.fetched) == 2
    for _ in range(5):
        assert held.find("bizfly", "third_key") is None
        with pytest.raises(Unavailable):
            held.value("bizfly", "third_key")
    assert len(manager.fetched) == 2
    clock.now += 30
    assert held.find("bizfly", "third_key") is None
    assert len(manager.fetched) == 3
    found = held.find("bizfly", "second_key")
    assert found is not None
    assert found.reveal() == "two"
