"""Manages the call desk of the stack's Official Account: its settings and its agents."""

from ringpass.http.router import Api, Request, Response
from ringpass.oa.desk import views
from ringpass.oa.desk.requests import AddAgent, PreviewReply, ReplaceOaSettings
from ringpass.oa.request_args import command_args, oa_args
from ringpass.wiring import oa

api = Api()


@api.route("GET /v1/oa/{oa_id}/settings", scope="read")
def read_oa_settings(request: Request) -> Response:
    """The settings of the OA's call desk."""
    return views.settings_response(oa.desk().settings(*oa_args(request)))


@api.route("PUT /v1/oa/{oa_id}/settings", scope="admin", body=ReplaceOaSettings)
def replace_oa_settings(request: Request) -> Response:
    """Replace the settings of the OA's call desk as a whole."""
    return views.settings_response(oa.desk().replace(*command_args(request, ReplaceOaSettings)))


@api.route("GET /v1/oa/{oa_id}/settings/versions", scope="read")
def list_oa_settings_versions(request: Request) -> Response:
    """All versions of the settings, newest first."""
    return views.versions_response(oa.desk().versions(*oa_args(request), request.query))


@api.route("POST /v1/oa/{oa_id}/settings/preview", scope="read", body=PreviewReply)
def preview_oa_reply(request: Request) -> Response:
    """A reply as a customer would get it."""
    return views.preview_response(oa.desk().preview(*command_args(request, PreviewReply)))


@api.route("GET /v1/oa/{oa_id}/agents", scope="read")
def list_oa_agents(request: Request) -> Response:
    """The OA's agents, in the order in which they were added."""
    return views.agents_response(oa.desk().agents(*oa_args(request)))


@api.route("POST /v1/oa/{oa_id}/agents", scope="admin", body=AddAgent)
def add_oa_agent(request: Request) -> Response:
    """Add an agent."""
    return views.added_response(oa.desk().add_agent(*command_args(request, AddAgent)))


@api.route("GET /v1/oa/{oa_id}/agents/history", scope="read")
def list_oa_agent_changes(request: Request) -> Response:
    """Who was added and removed, newest first."""
    return views.changes_response(oa.desk().history(*oa_args(request), request.query))


@api.route("DELETE /v1/oa/{oa_id}/agents/{agent_id}", scope="admin")
def remove_oa_agent(request: Request) -> Response:
    """Remove an agent."""
    return views.agent_response(oa.desk().remove_agent(*oa_args(request), request.path["agent_id"]))


handler = api.handle
