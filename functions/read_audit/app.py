"""Reads the audit log: ``GET /v1/audit``."""

from ringpass.audit.views import page_response
from ringpass.http.router import Api, Request, Response
from ringpass.wiring import audit

api = Api()


@api.route("GET /v1/audit", scope="admin")
def list_audit_entries(request: Request) -> Response:
    """Who changed which setting, key, scenario, template or endpoint, newest first."""
    return page_response(audit.queries().page(request.client.client, request.query))


handler = api.handle
