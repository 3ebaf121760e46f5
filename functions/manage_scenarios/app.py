"""Registers, edits, activates, deactivates, copies and deletes a client's OTP Call scenarios."""

from ringpass.clients.scenarios.requests import CopyScenario, CreateScenario, ReplaceScenario
from ringpass.clients.scenarios.views import created_response, scenario_response
from ringpass.http.router import Api, Request, Response
from ringpass.wiring import scenarios

api = Api()
KEY = "idempotency-key"


@api.route("POST /v1/scenarios", scope="admin", body=CreateScenario)
def create_scenario(request: Request) -> Response:
    """Register a scenario as Bizfly's console has it."""
    actor, command = request.actor, CreateScenario.from_json(request.bounded_body())
    return created_response(scenarios.service().create(actor, command, request.headers.get(KEY)))


@api.route("PUT /v1/scenarios/{id}", scope="admin", body=ReplaceScenario)
def replace_scenario(request: Request) -> Response:
    """Replace the whole of an inactive scenario."""
    actor, command = request.actor, ReplaceScenario.from_json(request.bounded_body())
    return scenario_response(scenarios.service().replace(actor, request.path["id"], command))


@api.route("DELETE /v1/scenarios/{id}", scope="admin")
def delete_scenario(request: Request) -> Response:
    """Delete an inactive scenario."""
    return scenario_response(scenarios.service().delete(request.actor, request.path["id"]))


@api.route("POST /v1/scenarios/{id}/activate", scope="admin")
def activate_scenario(request: Request) -> Response:
    """Activate a scenario; here, not in Bizfly's console."""
    return scenario_response(scenarios.service().activate(request.actor, request.path["id"]))


@api.route("POST /v1/scenarios/{id}/deactivate", scope="admin")
def deactivate_scenario(request: Request) -> Response:
    """Deactivate an active scenario for good."""
    return scenario_response(scenarios.service().deactivate(request.actor, request.path["id"]))


@api.route("POST /v1/scenarios/{id}/copy", scope="admin", body=CopyScenario)
def copy_scenario(request: Request) -> Response:
    """Register a scenario with the script of this one."""
    actor, command = (
        request.actor,
        CopyScenario.from_json(request.bounded_body() or b"{}"),
    )
    id_, idempotency_key = request.path["id"], request.headers.get(KEY)
    return created_response(scenarios.service().copy(actor, id_, command, idempotency_key))


handler = api.handle
