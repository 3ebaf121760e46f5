"""Creates the channel of voice OTPs."""

from functools import cache
from typing import TYPE_CHECKING

from ringpass.clients.scenarios.cache import ScenarioCache
from ringpass.clients.scenarios.store import ScenarioRepository
from ringpass.clock import utc_now
from ringpass.deliveries.order_builders import VoiceOrderBuilder
from ringpass.providers.bizfly.client import Bizfly
from ringpass.providers.facts import ChannelName
from ringpass.providers.voice_gateway.client import VoiceGateway
from ringpass.wiring import (
    channels,
    stack,
)

if TYPE_CHECKING:
    from ringpass.deliveries.channel import Channel
    from ringpass.deliveries.requests import VoiceOtp
    from ringpass.providers.orders import VoiceOrder


@cache
def channel() -> "Channel[VoiceOtp, VoiceOrder]":
    """Returns the channel of voice OTPs, through Bizfly or a voice gateway."""
    settings = stack.settings()
    return channels.channel(
        ChannelName.VOICE_OTP,
        VoiceOrderBuilder(_scenario_cache()),
        channels.route(Bizfly(settings.bizfly_base_url)),
        channels.route(VoiceGateway(settings.voice_gateway_url)),
    )


@cache
def _scenario_cache() -> ScenarioCache:
    return ScenarioCache(ScenarioRepository(stack.table()), stack.settings().bizfly_otp_id, utc_now)
