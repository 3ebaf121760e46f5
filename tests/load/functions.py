"""The functions as the bench starts them: their environment by template.yaml, their events."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from local.environment import aws_variables
from tests.template import ROOT, resource, template

HERE = Path(__file__).parent
BARE_PUT = HERE / "bare_put"
SENDERS = ("send_voice_otp", "send_password_call", "send_zns")
WEBHOOK = "receive_cdr"


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
    logical_id = _logical_id(function)
    given = [
        template()["Globals"]["Function"]["Environment"]["Variables"],
        resource(logical_id).get("Environment", {}).get("Variables", {}),
    ]
    parameters = {
        "BizflyBaseUrl": f"{url}/bizfly",
        "McnBaseUrl": f"{url}/mcn",
        "CaresoftBaseUrl": f"{url}/caresoft",
        "CaresoftDomain": "bench",
        "AWS::StackName": "bench",
    }
    variables = {
        name: _resolved(value, parameters) for each in given for name, value in each.items()
    }
    return aws_variables(url) | variables


def bare_environment(url: str) -> dict[str, str]:
    """Variables of the handler that cold starts are compared with."""
    return aws_variables(url) | {"TABLE": "Table"}


def _logical_id(function: str) -> str:
    code = f"functions/{function}/"
    resources: dict[str, Any] = template()["Resources"]
    return next(
        name
        for name, each in resources.items()
        if each["Type"] == "AWS::Serverless::Function" and each["Properties"]["CodeUri"] == code
    )


def _resolved(value: Any, parameters: Mapping[str, str]) -> str:  # noqa: ANN401 - YAML
    """A value as it is deployed; a resource's name and ARN are its logical id."""
    match value:
        case {"Ref": name}:
            declared = template()["Parameters"].get(name, {})
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
    found: dict[str, Any] = json.loads(text)
    return found


def with_key(given: Mapping[str, Any], key: str) -> dict[str, Any]:
    """A send with another idempotency key."""
    return {**given, "headers": {**given["headers"], "idempotency-key": key}}


def cdr(reference: str) -> dict[str, Any]:
    """MCN's webhook delivery for a call."""
    body = [{"verification_call_uuid": reference, "q931_status": 17, "final_status": "CANCEL"}]
    return event(WEBHOOK, "post_busy") | {"body": json.dumps(body)}
