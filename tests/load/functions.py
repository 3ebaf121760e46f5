"""The functions as the bench starts them: their environment by template.yaml, their events."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from local.environment import aws_variables
from tests.template import ROOT, template

HERE = Path(__file__).parent
BARE_PUT = HERE / "bare_put"
SENDERS = ("send_voice_otp", "send_password_call", "send_zns")
WEBHOOK = "receive_cdr"
START = "start_verification"
CHECK = "check_verification"


@dataclass(frozen=True, slots=True)
class Runtime:
    """What functions run on.

    Attributes:
        python: An interpreter whose environment holds boto3, as Lambda's does, and nothing else
            of ours.
        layers: Folders that hold the layers' packages.
    """

    python: Path
    layers: tuple[Path, ...]

    def folders(self, function: str) -> list[Path]:
        """Where a function's modules are looked for, its own first."""
        return [ROOT / "functions" / function, *self.layers]


def environment(function: str, url: str) -> dict[str, str]:
    """A function's variables, by the template; AWS and the providers are at ``url``."""
    blocks = [
        _template()["Globals"]["Function"]["Environment"]["Variables"],
        _properties(function).get("Environment", {}).get("Variables", {}),
    ]
    parameters = {
        "BizflyBaseUrl": f"{url}/bizfly",
        "McnBaseUrl": f"{url}/mcn",
        "CaresoftBaseUrl": f"{url}/caresoft",
        "CaresoftDomain": "bench",
        "AWS::StackName": "bench",
    }
    variables = {
        name: _resolved(value, parameters) for each in blocks for name, value in each.items()
    }
    return aws_variables(url) | variables


def bare_environment(url: str) -> dict[str, str]:
    """Variables of the handler that cold starts are compared with."""
    return aws_variables(url) | {"TABLE": "Table"}


@cache
def _template() -> dict[str, Any]:
    """The template, read once: that takes a second."""
    return template()


def _properties(function: str) -> dict[str, Any]:
    code = f"functions/{function}/"
    resources: dict[str, Any] = _template()["Resources"]
    return next(
        each["Properties"]
        for each in resources.values()
        if each["Type"] == "AWS::Serverless::Function" and each["Properties"]["CodeUri"] == code
    )


def _resolved(value: Any, parameters: Mapping[str, str]) -> str:  # noqa: ANN401 - YAML
    """A value as it is deployed; a resource's name and ARN are its logical id."""
    match value:
        case {"Ref": name}:
            declared = _template()["Parameters"].get(name, {})
            return str(parameters.get(name, declared.get("Default", name)))
        case {"Fn::GetAtt": [name, _]}:
            return f"{name}"
        case {"Fn::If": [_, first, _]}:
            return _resolved(first, parameters)
        case {"Fn::Sub": text}:
            return str(text)
    return str(value)


def event(function: str, case: str = "post") -> dict[str, Any]:
    """An event of events/."""
    text = (ROOT / "events" / function / f"{case}.json").read_text(encoding="utf-8")
    document: dict[str, Any] = json.loads(text)
    return document


def with_key(request: Mapping[str, Any], key: str) -> dict[str, Any]:
    """A send with another idempotency key."""
    return {**request, "headers": {**request["headers"], "idempotency-key": key}}


def with_body(request: Mapping[str, Any], body: object, **path: str) -> dict[str, Any]:
    """A request with another body, and other parameters in its path."""
    path_fields = {"pathParameters": path} if path else {}
    return {**request, **path_fields, "body": json.dumps(body)}


def cdr(reference: str, *, answered: bool = False) -> dict[str, Any]:
    """MCN's webhook delivery for a call: the line was busy, or somebody answered."""
    status, final = (16, "ANSWER") if answered else (17, "CANCEL")
    body = [{"verification_call_uuid": reference, "q931_status": status, "final_status": final}]
    return with_body(event(WEBHOOK, "post_busy"), body)


def memory(function: str) -> int:
    """Megabytes that the template gives a function."""
    everyone = _template()["Globals"]["Function"]["MemorySize"]
    return int(_properties(function).get("MemorySize", everyone))
