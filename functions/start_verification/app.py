"""Starts verifications and takes their next step on request; both send at once."""

from ringpass.clock import utc_now
from ringpass.http.router import Api, Caller, Request, Response
from ringpass.verifications.requests import StartVerification
from ringpass.verifications.views import start_response, turn_response
from ringpass.wiring import verification_steps

api = Api()


@api.command("POST /v1/verifications", StartVerification, scope="send")
def start_verification(
    command: StartVerification, caller: Caller, idempotency_key: str | None
) -> Response:
    """Send a code over the first channel of a workflow."""
    result = verification_steps.starter().start(command, caller.client, idempotency_key)
    return start_response(result, caller, utc_now())


@api.route("POST /v1/verifications/{id}/next", scope="send")
def take_next_step(request: Request) -> Response:
    """Send the same code over the next channel, at once."""
    caller, idempotency_key = request.client, request.headers.get("idempotency-key")
    result = verification_steps.advancer().run_next_step(
        request.path["id"], caller.client, idempotency_key
    )
    return turn_response(result, caller, utc_now())


handler = api.handle
