"""docs/scenarios.md: its examples are what the code makes of each other, its limits the code's."""

import json
import re
from typing import Any, Final

from moto import mock_aws

from local.openapi.examples import of_page
from ringpass.aws.secrets import Secrets
from ringpass.clients.scenarios import model as limits
from ringpass.clients.scenarios.api_guide import ApiGuideService
from ringpass.clients.scenarios.model import ScenarioStatus
from ringpass.clients.scenarios.preview import SAMPLE_CODE, Part, as_text, timeline
from ringpass.clients.scenarios.requests import CreateScenario
from ringpass.clients.scenarios.views import guide_view, preview_response
from ringpass.providers.bizfly.client import Bizfly
from tests.audit_log import actor
from tests.moto_table import make_table, moto_client
from tests.template import ROOT, template
from tests.world import Clock, scenario_registry

NAME: Final = "scenarios.md"
PAGE: Final = (ROOT / "docs" / NAME).read_text(encoding="utf-8")
LINES: Final = PAGE.replace("\n", " ")


def shown() -> dict[str, Any]:
    """What the example would be registered as."""
    example: dict[str, Any] = of_page("## A scenario", NAME)
    return {name: value for name, value in example.items() if name in CreateScenario.model_fields}


def test_the_preview_is_that_of_the_example() -> None:
    script = CreateScenario.from_json(json.dumps(shown()).encode()).to_script()
    lines = timeline(script, "4821")
    assert as_text(lines) in PAGE
    with mock_aws():
        creation = scenario_registry(make_table(), Clock()).create(
            actor("acme"), CreateScenario.from_json(json.dumps(shown()).encode())
        )
    answer: Any = preview_response(creation.value, lines, "").body
    example = of_page("## What is heard", NAME)
    assert json.loads(json.dumps(answer)) == example | {"scenario_id": creation.value.id}
    assert set(Part) == {item["kind"] for item in example["items"]}


def test_the_guide_is_that_of_the_example() -> None:
    base_url = template()["Parameters"]["BizflyBaseUrl"]["Default"]
    with mock_aws():
        manager = moto_client("secretsmanager")
        manager.create_secret(Name="bizfly", SecretString='{"api_key": "a-key-of-the-tests-9t8M"}')
        registry = scenario_registry(make_table(), Clock())
        creation = registry.create(
            actor("acme"), CreateScenario.from_json(json.dumps(shown()).encode())
        )
        at = "2026-11-21T08:30:00.000Z"
        registry.ceilings.put("acme", {"bizfly_key_fields": ["api_key"]}, at)
        guides = ApiGuideService(registry, Secrets(manager, lambda name: name), Bizfly(base_url))
        answer: Any = guide_view(guides.get("acme", creation.value.id))
    assert answer == of_page("## Calling Bizfly directly", NAME)


def test_every_field_and_every_state_is_explained() -> None:
    first_cells = " ".join(re.findall(r"^\| (`[^|]+) \|", PAGE, re.MULTILINE))
    explained = set(re.findall(r"`(\w+)`", first_cells))
    assert explained >= set(CreateScenario.model_fields) | set(ScenarioStatus)


def test_the_limits_are_those_of_the_code() -> None:
    for sentence in (
        f"1 to {limits.LONGEST_NAME} characters",
        f"up to {limits.LONGEST_TEXT} characters",
        f"| 1 | of all texts but the digits, {limits.LEAST_SPEED} to {limits.MOST_SPEED} |",
        f"including the first time: {limits.LEAST_PLAYS} to {limits.MOST_PLAYS} |",
        f"| 2 | silence before each repetition, 0 to {limits.LONGEST_PAUSE_SECONDS} |",
        f"the default is `{SAMPLE_CODE}`",
        "two slots for active scenarios",
    ):
        assert sentence in LINES
    assert limits.MOST_ACTIVE == 2
