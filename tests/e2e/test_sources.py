"""A webhook that takes CDRs from its provider's networks alone."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from local.stack import Stack
from tests.e2e.conftest import environment, invoke
from tests.template import ROOT

# The local cloud's own address, and the one in the files of events/.
RANGES = "127.0.0.0/8,203.0.113.0/24"


@pytest.fixture
def narrowed(stack: Stack) -> Iterator[None]:
    """What ``McnSourceRanges`` does to the function, for the time of one test."""
    name = stack.outputs["ReceiveCdrFunction"]
    deployed = stack.lambdas().get_function_configuration(FunctionName=name)["Environment"]
    assert deployed["Variables"]["MCN_SOURCE_RANGES"] == ""
    with environment(stack, "ReceiveCdrFunction", MCN_SOURCE_RANGES=RANGES):
        yield


def answer_to(stack: Stack, case: str) -> dict[str, Any]:
    event = (ROOT / "events" / "receive_cdr" / f"{case}.json").read_bytes()
    answer: dict[str, Any]
    _, answer = invoke(stack, "ReceiveCdrFunction", event)
    return answer


@pytest.mark.usefixtures("narrowed")
def test_a_cdr_from_elsewhere_is_refused_like_one_with_a_wrong_token(stack: Stack) -> None:
    assert answer_to(stack, "post_busy")["statusCode"] == 200
    elsewhere, wrong = answer_to(stack, "post_from_elsewhere"), answer_to(stack, "post_wrong_token")
    assert elsewhere["statusCode"] == wrong["statusCode"] == 401
    assert elsewhere["headers"] == wrong["headers"]
    problems = [json.loads(one["body"]) for one in (elsewhere, wrong)]
    for problem in problems:
        assert problem.pop("instance")
    assert problems[0] == problems[1]
