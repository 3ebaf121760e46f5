"""Checks codes, takes the results of clients' own checks, cancels verifications; sends nothing."""

from ringpass.clock import utc_now
from ringpass.deliveries.requests import RecordFeedback
from ringpass.deliveries.views import delivery_view
from ringpass.http.router import Api, Request, Response
from ringpass.verifications.requests import CheckCode
from ringpass.verifications.views import cancel_response, check_response
from ringpass.wiring import code_checker

api = Api()


@api.route("POST /v1/verifications/{id}/check", scope="send", body=CheckCode)
def check_code(request: Request) -> Response:
    """Say whether a code is the right one; `approved` is answered once."""
    code = CheckCode.from_json(request.bounded_body()).code
    verification_id, idempotency_key = request.path["id"], request.headers.get("idempotency-key")
    result = code_checker.checker().check(
        verification_id, request.client.client, code, idempotency_key
    )
    return check_response(verification_id, result)


@api.route("POST /v1/verifications/{id}/cancel", scope="send")
def cancel_verification(request: Request) -> Response:
    """End a verification: no code is accepted any more, and nothing more is sent."""
    caller, idempotency_key = request.client, request.headers.get("idempotency-key")
    result = code_checker.checker().cancel(request.path["id"], caller.client, idempotency_key)
    return cancel_response(result, caller, utc_now())


@api.route("POST /v1/deliveries/{id}/feedback", scope="send", body=RecordFeedback)
def record_feedback(request: Request) -> Response:
    """Say whether the code of a single send was verified."""
    feedback, caller = RecordFeedback.from_json(request.bounded_body()), request.client
    delivery = code_checker.feedback_recorder().record(
        request.path["id"], caller.client, verified=feedback.verified
    )
    return Response(delivery_view(delivery, clear_phone=caller.sees_phones))


handler = api.handle
