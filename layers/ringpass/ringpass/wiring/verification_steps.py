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
    stack,
    template_cache,
    verifications,
)

if TYPE_CHECKING:
    from typing import Any

    from ringpass.deliveries.channel import Channel, Channels


@cache
def _step_runner() -> StepRunner:
    channels: Channels = {
        ChannelName.VOICE_OTP: _voice_otp,
        ChannelName.PASSWORD_CALL: _password_call,
        ChannelName.ZNS: _zns,
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


# Imported by the first step that needs them: a cold start pays for the channels that it uses.


def _voice_otp() -> "Channel[Any, Any]":
    from ringpass.wiring import voice_otp  # noqa: PLC0415

    return voice_otp.channel()


def _password_call() -> "Channel[Any, Any]":
    from ringpass.wiring import password_call  # noqa: PLC0415

    return password_call.channel()


def _zns() -> "Channel[Any, Any]":
    from ringpass.wiring import zns  # noqa: PLC0415

    return zns.channel()
