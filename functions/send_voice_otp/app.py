"""Sends a voice OTP: ``POST /v1/voice-otp``, or invoked directly with the same fields."""

from ringpass.deliveries.requests import VoiceOtp
from ringpass.deliveries.views import send_response
from ringpass.http.router import Api, Caller, Response
from ringpass.wiring import voice_otp

api = Api()


@api.command("POST /v1/voice-otp", VoiceOtp, scope="send")
def send_voice_otp(command: VoiceOtp, caller: Caller, idempotency_key: str | None) -> Response:
    """Have the code read out over the phone."""
    return send_response(voice_otp.service().send(command, caller.client, idempotency_key), caller)


handler = api.handle
