"""Reads statistics: ``GET /v1/statistics``, ``/v1/costs`` and ``/v1/decisions``."""

from ringpass.http.router import Api, Request, Response
from ringpass.reporting.views import costs_view, refusals_view, statistics_view
from ringpass.wiring import reporting

api = Api()


@api.route("GET /v1/statistics", scope="read")
def read_statistics(request: Request) -> Response:
    """Sends, verifications, conversion and cost, by what is asked for."""
    report = reporting.queries().report(request.client.client, request.query)
    return Response(statistics_view(report))


@api.route("GET /v1/costs", scope="read")
def read_costs(request: Request) -> Response:
    """What each day cost, by channel and provider, and what was left of its cap."""
    days = reporting.queries().costs(request.client.client, request.query)
    return Response(costs_view(days))


@api.route("GET /v1/decisions", scope="read")
def list_decisions(request: Request) -> Response:
    """What limits and lists refused, newest first."""
    page = reporting.queries().list_refusals(request.client.client, request.query)
    return Response(refusals_view(page))


handler = api.handle
