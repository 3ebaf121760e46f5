"""Receives the codes of sign-in servers, each by its own hook."""

from ringpass.http.router import Api, Request, Response
from ringpass.wiring import sign_in

api = Api()


@api.route("POST /v1/hooks/{server}")
def receive_hook(request: Request) -> Response:
    """Send a sign-in server's code over the client's workflow."""
    return sign_in.hook_receiver().receive(request.path["server"], request)


handler = api.handle
