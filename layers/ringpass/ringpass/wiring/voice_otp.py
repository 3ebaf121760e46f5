"""Makes the channel of voice OTPs."""

from functools import cache

from ringpass.clients.scenarios.cache import ScenarioBook
from ringpass.clients.scenarios.store import Scenarios
from ringpass.clock import utc_now
from ringpass.deliveries.channel import Channel
from ringpass.deliveries.order_builders import VoiceOtps
from ringpass.deliveries.requests import VoiceOtp
from ringpass.deliveries.send import Sends
from ringpass.providers.bizfly.client import Bizfly
from ringpass.providers.orders import VoiceOrder
from ringpass.wiring import (
    sending,
    stack,
)


@cache
def service() -> Sends[VoiceOtp]:
    """Sends voice OTPs."""
    return sending.send_service("POST /v1/voice-otp", channel())


@cache
def channel() -> Channel[VoiceOtp, VoiceOrder]:
    """Voice OTPs through Bizfly."""
    bizfly = Bizfly(stack.settings().bizfly_base_url)
    return sending.channel("voice_otp", VoiceOtps(_scenario_cache()), sending.route(bizfly))


@cache
def _scenario_cache() -> ScenarioBook:
    return ScenarioBook(Scenarios(stack.table()), stack.settings().bizfly_otp_id, utc_now)
