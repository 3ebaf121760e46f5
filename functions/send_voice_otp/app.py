"""Sends a voice OTP: ``POST /v1/voice-otp``, or invoked directly with the same fields."""

from ringpass.deliveries.requests import VoiceOtp
from ringpass.deliveries.views import send_response
from ringpass.http.router import Api, Caller, Response
from ringpass.wiring import sending, voice_otp

ROUTE = "POST /v1/voice-otp"

api = Api()


@api.command(ROUTE, VoiceOtp, scope="send")
def send_voice_otp(command: VoiceOtp, caller: Caller, idempotency_key: str | None) -> Response:
    """Have the code read out over the phone."""
    service = sending.service(ROUTE, voice_otp.channel())
    return send_response(service.send(command, caller.client, idempotency_key), caller)


handler = api.handle
