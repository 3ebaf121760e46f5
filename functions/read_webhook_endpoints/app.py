"""Reads a client's webhook endpoints, and the tries to deliver events to them."""

from ringpass.http.router import Api, Request, Response
from ringpass.webhook_endpoints.views import attempts_response, endpoint_response, page_response
from ringpass.wiring.webhook_queries import attempts, endpoints

api = Api()


@api.route("GET /v1/webhook-endpoints", scope="admin")
def list_webhook_endpoints(request: Request) -> Response:
    """The client's endpoints, newest first, without their secrets."""
    return page_response(endpoints().page(request.client.client, request.query))


@api.route("GET /v1/webhook-endpoints/{id}", scope="admin")
def read_webhook_endpoint(request: Request) -> Response:
    """One endpoint."""
    return endpoint_response(endpoints().get(request.client.client, request.path["id"]))


@api.route("GET /v1/webhook-endpoints/{id}/attempts", scope="admin")
def list_webhook_attempts(request: Request) -> Response:
    """The tries to deliver events to an endpoint, newest first."""
    endpoint = endpoints().get(request.client.client, request.path["id"])
    return attempts_response(attempts().page(endpoint.id, request.query))


handler = api.handle
