"""Every route of template.yaml is answered by its function, and demands a scope or is public."""

import importlib
import json
from functools import cache
from pathlib import Path
from types import SimpleNamespace
from typing import Any, Final, get_args

import pytest

from ringpass.clients.api_keys.key import SCOPES
from ringpass.clients.api_keys.requests import Scope
from ringpass.http.router import Api
from tests.template import ROOT, route_key, template

CONTEXT: Final[Any] = SimpleNamespace(aws_request_id="request-1")
PUBLIC: Final = (
    "GET /o/{token}",
    "GET /v1/asyncapi.json",
    "GET /v1/health",
    "GET /v1/openapi.json",
    "POST /v1/hooks/",
    "POST /v1/webhooks/",
    "GET /v1/webhooks/",
)


def api_of(function: Path) -> Api | None:
    """A function's routes, if it answers HTTP."""
    api = vars(importlib.import_module(f"functions.{function.name}.app")).get("api")
    return api if isinstance(api, Api) else None


@cache
def apis() -> dict[str, Api]:
    """Folder -> routes."""
    folders = sorted(path.parent for path in (ROOT / "functions").glob("*/app.py"))
    return {folder.name: api for folder in folders if (api := api_of(folder))}


def demanded() -> list[tuple[str, str, str]]:
    """Folder, route key and scope of each route that demands one."""
    return [
        (name, route, registered.scope)
        for name, api in apis().items()
        for route, registered in api.routes.items()
        if registered.scope is not None
    ]


def test_every_route_that_is_not_public_demands_a_scope() -> None:
    without = {
        route
        for api in apis().values()
        for route, registered in api.routes.items()
        if registered.scope is None
    }
    assert {route for route in without if not route.startswith(PUBLIC)} == {"GET /"}
    assert {scope for _, _, scope in demanded()} <= set(SCOPES)


def test_the_functions_answer_the_routes_that_lead_to_them() -> None:
    expected = {
        Path(resource["Properties"]["CodeUri"]).name: {
            route_key(event["Properties"])
            for event in resource["Properties"].get("Events", {}).values()
            if event["Type"] == "HttpApi"
        }
        for resource in template()["Resources"].values()
        if resource["Type"] == "AWS::Serverless::Function"
    }
    actual = {name: set(api.routes) for name, api in apis().items()}
    assert {name: routes for name, routes in expected.items() if routes} == actual


@pytest.mark.parametrize("others", ["all others", "none"])
def test_without_its_scope_a_route_does_nothing(others: str) -> None:
    # In an empty environment: whatever went further would fail.
    for function, route, scope in demanded():
        rest = " ".join(each for each in SCOPES if each != scope)
        event = {
            "routeKey": route,
            "headers": {},
            "rawQueryString": "",
            "pathParameters": {"id": "x", "name": "x"},
            "requestContext": {
                "authorizer": {
                    "lambda": {"client": "acme", "scopes": rest if others == "all others" else ""}
                }
            },
            "body": "{}",
        }
        answer = apis()[function].handle(event, CONTEXT)
        code = json.loads(answer["body"])["code"]
        assert (answer["statusCode"], code) == (403, "missing_scope"), route


def test_without_a_key_a_route_does_nothing() -> None:
    for function, route, _ in demanded():
        event = {"routeKey": route, "headers": {}, "requestContext": {}, "body": "{}"}
        answer = apis()[function].handle(event, CONTEXT)
        code = json.loads(answer["body"])["code"]
        assert (answer["statusCode"], code) == (401, "unauthorized"), route


def test_the_scopes_that_can_be_asked_for_are_those_that_there_are() -> None:
    assert get_args(Scope) == SCOPES
