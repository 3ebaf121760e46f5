"""template.yaml as data, for tests that compare the code with it or build tables from it."""

import copy
import json
import subprocess
from functools import cache
from pathlib import Path
from typing import Any

from local.paths import CLOUD_VENV, OBSERVABILITY
from local.template import read_template

ROOT = Path(__file__).parents[1]

# SAM's transform, which SAM CLI brings.
_TRANSFORM = """
import json, sys
from samtranslator.parser.parser import Parser
from samtranslator.translator.translator import Translator
json.dump(Translator({}, Parser()).translate(json.load(sys.stdin), {}), sys.stdout)
"""


@cache
def template() -> dict[str, Any]:
    """The whole template; read once, it is long. Nobody changes it."""
    return read_template()


@cache
def observability() -> dict[str, Any]:
    """The nested application that watches a stack."""
    return read_template(OBSERVABILITY)


def resource(logical_id: str) -> dict[str, Any]:
    """A resource's properties."""
    properties: dict[str, Any] = template()["Resources"][logical_id]["Properties"]
    return properties


def route_key(event: dict[str, Any]) -> str:
    """The route of an HTTP event as the API documents it, without what only takes a last slash."""
    path = event["Path"].replace("/{slash+}", "").replace("+}", "}")
    return f"{event['Method']} {path}"


def processed(document: dict[str, Any]) -> dict[str, Any]:
    """What SAM's transform makes of a template, after an upload of its code."""
    uploaded = copy.deepcopy(document)
    for one in uploaded["Resources"].values():
        for name in ("CodeUri", "ContentUri"):
            if name in one.get("Properties", {}):
                one["Properties"][name] = "s3://bucket/key"
        if "Location" in one.get("Properties", {}):
            one["Properties"]["Location"] = "https://s3.amazonaws.com/bucket/key"
    transformed: dict[str, Any] = json.loads(_transformed(json.dumps(uploaded)))
    return transformed


@cache
def _transformed(text: str) -> str:
    process = subprocess.run(  # noqa: S603 - our own environment
        [CLOUD_VENV / "bin" / "python", "-c", _TRANSFORM],
        input=text,
        env={"AWS_DEFAULT_REGION": "eu-west-1"},
        capture_output=True,
        text=True,
        check=True,
    )
    return process.stdout
