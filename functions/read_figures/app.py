"""Reads statistics: ``GET /v1/statistics``, ``/v1/costs`` and ``/v1/decisions``."""

from ringpass.http.router import Api, Request, Response
from ringpass.reporting.views import costs_response, refusals_view, statistics_view
from ringpass.wiring import reports

api = Api()


@api.route("GET /v1/statistics", scope="read")
def read_statistics(request: Request) -> Response:
    """Sends, verifications, conversion and cost, by what is asked for."""
    report = reports.queries().report(request.client.client, request.query)
    return Response(statistics_view(report))


@api.route("GET /v1/costs", scope="read")
def read_costs(request: Request) -> Response:
    """What a month or days cost, by channel and provider, and what was left of each day's cap."""
    return costs_response(reports.costs().report(request.client.client, request.query))


@api.route("GET /v1/decisions", scope="read")
def list_decisions(request: Request) -> Response:
    """What limits and lists refused, newest first."""
    caller = request.client
    page = reports.refusals().page(caller.client, request.query, caller.blind_key)
    return Response(refusals_view(page, clear_phone=caller.sees_phones))


handler = api.handle
