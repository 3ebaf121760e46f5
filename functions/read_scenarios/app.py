"""Reads a client's OTP Call scenarios, their previews and their guides to Bizfly's API."""

from ringpass.clients.scenarios.preview import sample_code, timeline
from ringpass.clients.scenarios.views import (
    guide_view,
    page_view,
    preview_response,
    scenario_response,
)
from ringpass.http.router import Api, Request, Response
from ringpass.wiring import scenarios

api = Api()


@api.route("GET /v1/scenarios", scope="read")
def list_scenarios(request: Request) -> Response:
    """The client's scenarios, newest first."""
    return Response(page_view(scenarios.service().page(request.client.client, request.query)))


@api.route("GET /v1/scenarios/{id}", scope="read")
def read_scenario(request: Request) -> Response:
    """One scenario."""
    return scenario_response(scenarios.service().get(request.client.client, request.path["id"]))


@api.route("GET /v1/scenarios/{id}/preview", "POST /v1/scenarios/{id}/preview", scope="read")
def preview_scenario(request: Request) -> Response:
    """What a callee hears, second by second."""
    code = sample_code(request.query)
    scenario = scenarios.service().get(request.client.client, request.path["id"])
    return preview_response(
        scenario, timeline(scenario.script, code), request.headers.get("accept", "")
    )


@api.route("GET /v1/scenarios/{id}/api-guide", scope="read")
def guide_scenario(request: Request) -> Response:
    """How the scenario is called at Bizfly directly."""
    return Response(
        guide_view(scenarios.api_guides().get(request.client.client, request.path["id"]))
    )


handler = api.handle
