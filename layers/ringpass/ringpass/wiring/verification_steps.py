"""Creates the starter and the advancer of verifications."""

from functools import cache
from typing import TYPE_CHECKING

from ringpass.clock import utc_now
from ringpass.providers.facts import ChannelName
from ringpass.verifications.advance import VerificationAdvancer
from ringpass.verifications.start import VerificationStarter
from ringpass.verifications.step_runner import StepRunner
from ringpass.verifications.store import ActiveVerificationLock
from ringpass.wiring import (
    client_settings,
    deliveries,
    password_call,
    stack,
    template_cache,
    verifications,
    voice_otp,
    zns,
)

if TYPE_CHECKING:
    from ringpass.deliveries.channel import Channels


@cache
def _step_runner() -> StepRunner:
    channels: Channels = {
        ChannelName.VOICE_OTP: voice_otp.channel,
        ChannelName.PASSWORD_CALL: password_call.channel,
        ChannelName.ZNS: zns.channel,
    }
    return StepRunner(stack.settings().stack, channels, verifications.codes(), stack.secrets())


@cache
def starter() -> VerificationStarter:
    """Returns the starter of verifications."""
    return VerificationStarter(
        stack=stack.settings().stack,
        verifications=verifications.repository(),
        active_lock=ActiveVerificationLock(stack.table()),
        deliveries=deliveries.repository(),
        step_runner=_step_runner(),
        codes=verifications.codes(),
        client_settings=client_settings.service(),
        template_cache=template_cache.template_cache,
        secrets=stack.secrets(),
        clock=utc_now,
    )


@cache
def advancer() -> VerificationAdvancer:
    """Returns the advancer of verifications."""
    return VerificationAdvancer(
        verifications.repository(),
        deliveries.repository(),
        _step_runner(),
        client_settings.service(),
        stack.secrets(),
        utc_now,
    )
