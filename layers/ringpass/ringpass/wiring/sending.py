"""Creates the services that send single deliveries."""

from typing import TYPE_CHECKING, Any

from ringpass.clock import utc_now
from ringpass.deliveries.send import SendService
from ringpass.wiring import client_settings, stack

if TYPE_CHECKING:
    from ringpass.deliveries.channel import Channel
    from ringpass.deliveries.requests import SendCommand


def service[C: SendCommand](route: str, channel: "Channel[C, Any]") -> SendService[C]:
    """Returns the service that sends through one channel for one route of the API."""
    return SendService(
        stack.settings().stack, route, channel, client_settings.service(), stack.secrets(), utc_now
    )
