"""Creates the channel of Password Calls."""

from functools import cache
from typing import TYPE_CHECKING

from ringpass.deliveries.order_builders import CallOrderBuilder
from ringpass.providers.facts import ChannelName
from ringpass.providers.mcn.client import Mcn
from ringpass.wiring import (
    channels,
    stack,
)

if TYPE_CHECKING:
    from ringpass.deliveries.channel import Channel
    from ringpass.deliveries.requests import PasswordCall
    from ringpass.providers.orders import CallOrder


@cache
def channel() -> "Channel[PasswordCall, CallOrder]":
    """Returns the channel of Password Calls, through MCN."""
    return channels.channel(
        ChannelName.PASSWORD_CALL,
        CallOrderBuilder(),
        channels.route(Mcn(stack.settings().mcn_base_url)),
    )
