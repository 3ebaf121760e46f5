"""A stack whose parameters cannot be read does nothing, and says which one it is."""

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from functions.health.app import handler as health
from ringpass.errors import Unavailable
from ringpass.wiring import parameters
from tests.template import ROOT

RIGHT = {"PRICES": '{"mcn": {"RU": "0.35 RUB"}}', "BIZFLY_CALL_STATES": '{"missed call": "busy"}'}
PARAMETERS = {"PRICES": "Prices", "BIZFLY_CALL_STATES": "BizflyCallStates"}


@pytest.fixture(autouse=True)
def fresh(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Nothing is kept from other tests, and nothing is left for them."""
    for name, value in RIGHT.items():
        monkeypatch.setenv(name, value)
    yield
    for one in (parameters.prices, parameters.bizfly_call_states):
        one.cache_clear()


def ask_health() -> dict[str, Any]:
    """The problem that `/v1/health` answers."""
    event = json.loads((ROOT / "events" / "health" / "get.json").read_text())
    context: Any = SimpleNamespace(aws_request_id="request-1")
    answer = health(event, context)
    assert answer["statusCode"] == 503
    problem: dict[str, Any] = json.loads(answer["body"])
    assert problem["code"] == "unavailable"
    return problem


def test_parameters_that_are_right_are_read() -> None:
    assert set(parameters.prices().by_provider) == {"mcn"}
    assert parameters.bizfly_call_states() == {"missed_call": "busy"}


@pytest.mark.parametrize("variable", PARAMETERS)
@pytest.mark.parametrize("value", ["{", "", "[]", '{"mcn": "0.35 RUB"}'])
def test_one_that_is_not_is_named_in_the_log_with_what_to_do(
    variable: str,
    value: str,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    monkeypatch.setenv(variable, value)
    reader = {"PRICES": parameters.prices, "BIZFLY_CALL_STATES": parameters.bizfly_call_states}[
        variable
    ]
    for _ in range(2):  # It is not taken for read the second time.
        with pytest.raises(Unavailable, match=f"The stack's parameter {PARAMETERS[variable]} "):
            reader()
    line = vars(caplog.records[0])
    assert (line["msg"], line["levelname"]) == ("parameter not readable", "ERROR")
    assert line["parameter"] == PARAMETERS[variable]
    assert "samconfig.toml" in line["fix"]


@pytest.mark.parametrize("variable", PARAMETERS)
def test_health_names_it(variable: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(variable, "{")
    detail = f"The stack's parameter {PARAMETERS[variable]} cannot be read."
    assert ask_health()["detail"] == detail


def test_health_says_that_the_layers_are_for_another_processor(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    folder = tmp_path / "pydantic_core"
    folder.mkdir()
    (folder / "__init__.py").touch()
    (folder / "_pydantic_core.cpython-313-another-linux-gnu.so").touch()
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.delitem(sys.modules, "pydantic_core", raising=False)
    assert "no binaries for this processor" in ask_health()["detail"]
