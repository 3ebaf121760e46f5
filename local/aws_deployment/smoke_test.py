"""What is looked at after a deployment: the API's routes with their authorizers, and its health."""

import time
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from local.failures import DeploymentError
from local.web import ask

if TYPE_CHECKING:
    from mypy_boto3_apigatewayv2 import ApiGatewayV2Client

HEALTH_SECONDS = 60.0
"""A new API may need some seconds until it answers."""
_PAUSE_SECONDS = 2.0
_MOST_NAMED = 3


def routes_in(body: Mapping[str, Any]) -> dict[str, str | None]:
    """Route keys of an OpenAPI body (`GET /v1/health`), and the authorizer of each, by name."""
    return {
        f"{method.upper()} {path}": next(
            (name for one in operation.get("security", []) for name in one), None
        )
        for path, methods in body["paths"].items()
        for method, operation in methods.items()
    }


def routes_deployed(client: "ApiGatewayV2Client", api_id: str) -> dict[str, str | None]:
    """The same of a deployed API."""
    pages = client.get_paginator("get_routes").paginate(ApiId=api_id)
    routes = [route for page in pages for route in page["Items"]]
    used = {one["AuthorizerId"] for one in routes if "AuthorizerId" in one}
    names = {
        one: client.get_authorizer(ApiId=api_id, AuthorizerId=one)["Name"] for one in sorted(used)
    }
    return {one["RouteKey"]: names.get(one.get("AuthorizerId", "")) for one in routes}


def check_routes(
    client: "ApiGatewayV2Client", api_id: str, expected: Mapping[str, str | None]
) -> None:
    """See that the API has the routes of the template, with their authorizers, and no others.

    Raises:
        DeploymentError: It has not.
    """
    routes = routes_deployed(client, api_id)
    faults = [f"{key} is missing" for key in expected if key not in routes]
    faults += [f"{key} is none of the template's" for key in routes if key not in expected]
    faults += [
        f"{key} {_answered_for(routes[key])}"
        for key, authorizer in expected.items()
        if key in routes and routes[key] != authorizer
    ]
    if faults:
        first = "; ".join(sorted(faults)[:_MOST_NAMED])
        more = f"; {len(faults) - _MOST_NAMED} more" if len(faults) > _MOST_NAMED else ""
        raise DeploymentError(
            f"the deployed API {api_id} is not the template's: {first}{more}. Deploy again; if it "
            "stays so, docs/deploying.md says how to go back"
        )


def _answered_for(authorizer: str | None) -> str:
    if authorizer is None:
        return "takes requests without an API key"
    return f"has the authorizer {authorizer}"


def check_health(api_url: str, version: str, *, seconds: float = HEALTH_SECONDS) -> None:
    """Wait until the API says that it is well, and is the version that was deployed.

    Raises:
        DeploymentError: It does not.
    """
    url = f"{api_url}/v1/health"
    deadline = time.monotonic() + seconds
    while True:
        fault = _fault(url, version)
        if fault is None:
            return
        if time.monotonic() > deadline:
            raise DeploymentError(
                f"{url} {fault}: read the log of the function `health`; docs/deploying.md says how "
                "to go back"
            )
        time.sleep(min(_PAUSE_SECONDS, seconds))


def _fault(url: str, version: str) -> str | None:
    try:
        answer = ask("GET", url, timeout=10)
        health = answer.json()
    except (OSError, ValueError) as error:
        return f"does not answer ({error})"
    if answer.status != 200:  # noqa: PLR2004
        return f"answers {answer.status} ({health.get('detail', 'without a reason')})"
    if health.get("version") != version:
        return f"is of version {health.get('version')}, not {version}"
    return None
