"""Manages the call desk of the stack's Official Account: its settings and its agents."""

from ringpass.http.router import Api, Request, Response
from ringpass.oa.desk import views
from ringpass.oa.desk.requests import AddAgent, PreviewReply, ReplaceOaSettings
from ringpass.oa.request_args import asked, who
from ringpass.wiring import oa

api = Api()


@api.route("GET /v1/oa/{oa_id}/settings", scope="read")
def read_oa_settings(request: Request) -> Response:
    """The settings of the OA's call desk."""
    return views.one_version(oa.desk().settings(*who(request)))


@api.route("PUT /v1/oa/{oa_id}/settings", scope="admin", body=ReplaceOaSettings)
def replace_oa_settings(request: Request) -> Response:
    """Replace the settings of the OA's call desk as a whole."""
    return views.one_version(oa.desk().replace(*asked(request, ReplaceOaSettings)))


@api.route("GET /v1/oa/{oa_id}/settings/versions", scope="read")
def list_oa_settings_versions(request: Request) -> Response:
    """All versions of the settings, newest first."""
    return views.page_of_versions(oa.desk().versions(*who(request), request.query))


@api.route("POST /v1/oa/{oa_id}/settings/preview", scope="read", body=PreviewReply)
def preview_oa_reply(request: Request) -> Response:
    """A reply as a customer would get it."""
    return views.previewed(oa.desk().preview(*asked(request, PreviewReply)))


@api.route("GET /v1/oa/{oa_id}/agents", scope="read")
def list_oa_agents(request: Request) -> Response:
    """The OA's agents, in the order in which they were added."""
    return views.all_agents(oa.desk().agents(*who(request)))


@api.route("POST /v1/oa/{oa_id}/agents", scope="admin", body=AddAgent)
def add_oa_agent(request: Request) -> Response:
    """Add an agent."""
    return views.added(oa.desk().add_agent(*asked(request, AddAgent)))


@api.route("GET /v1/oa/{oa_id}/agents/history", scope="read")
def list_oa_agent_changes(request: Request) -> Response:
    """Who was added and removed, newest first."""
    return views.page_of_changes(oa.desk().history(*who(request), request.query))


@api.route("DELETE /v1/oa/{oa_id}/agents/{agent_id}", scope="admin")
def remove_oa_agent(request: Request) -> Response:
    """Remove an agent."""
    return views.removed(oa.desk().remove_agent(*who(request), request.path["agent_id"]))


handler = api.handle
