"""docs/errors.md: every refusal, every type of a field at fault, and what the gateway answers."""

import ast
import re
from collections.abc import Iterator
from typing import Any, Final

import pytest

from ringpass.errors import ApiError
from tests.described import description
from tests.docs.test_docs import all_errors, read, rows, template
from tests.template import ROOT

PAGE: Final = read("docs/errors.md")
# The calls that have a type as an argument, and the position of that argument.
GIVEN: Final = {"PydanticCustomError": 0, "PhoneError": 0, "invalid_field": 1, "refuse": 1}
_IN_BACKTICKS: Final = re.compile(r"`(\w+)`")


def section(heading: str) -> str:
    """What stands under a heading, up to the next."""
    _, separator, text = PAGE.partition(f"\n## {heading}\n")
    assert separator
    return text.partition("\n## ")[0]


def table(heading: str) -> list[list[str]]:
    """The rows of the table under a heading, without its head."""
    return rows(section(heading))[1:]


def types_in_the_code() -> Iterator[str]:
    """Types of ``errors`` that our own code gives; the others are pydantic's."""
    for path in (ROOT / "layers" / "ringpass" / "ringpass").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            match node:
                case ast.Call(func=ast.Name(id=name) | ast.Attribute(attr=name), args=args) if (
                    name in GIVEN and len(args) > GIVEN[name]
                ):
                    match args[GIVEN[name]]:
                        case ast.Constant(value=str(word)):
                            yield word


@pytest.mark.parametrize("error", all_errors(), ids=lambda error: error.__name__)
def test_an_error_is_documented(error: type[ApiError]) -> None:
    [row] = [row for row in table("Codes") if row[0] == f"`{error.code}`"]
    _, status, raised_as, means, what_to_do = row
    assert status == str(error.status)
    assert raised_as == ("its own name" if error.status == 500 else f"`{error.__name__}`")
    assert means
    assert what_to_do


def test_no_error_is_documented_that_does_not_exist() -> None:
    assert [row[0] for row in table("Codes")] == [
        f"`{error.code}`" for error in sorted(all_errors(), key=lambda one: one.status)
    ]


def test_the_types_of_fields_at_fault_are_documented() -> None:
    # Also in the sentence that names pydantic's own.
    documented = set(_IN_BACKTICKS.findall(section("Types of fields at fault")))
    assert set(types_in_the_code()) <= documented


def test_what_the_gateway_answers_is_documented() -> None:
    documented = {row[0] for row in table("What API Gateway answers itself")}
    described = {
        status
        for path in description()["paths"].values()
        for operation in path.values()
        if isinstance(operation, dict)
        for status, answer in operation["responses"].items()
        if answers_as_the_gateway(answer)
    }
    # No operation is one that does not exist.
    assert documented == described | {"404"}


def answers_as_the_gateway(answer: dict[str, Any]) -> bool:
    responses = description()["components"]["responses"]
    response = responses[answer["$ref"].rpartition("/")[2]] if "$ref" in answer else answer
    schema = response.get("content", {}).get("application/json", {}).get("schema", {})
    return str(schema.get("$ref", "")).endswith("/GatewayMessage")


def test_the_rates_are_those_of_the_template() -> None:
    [row] = [row for row in table("What API Gateway answers itself") if row[0] == "429"]
    parameters = template()["Parameters"]
    for name in ("ApiRateLimit", "ApiBurstLimit"):
        assert f"`{name}`" in row[1]
        assert f"{int(parameters[name]['Default']):,}" in row[1]
