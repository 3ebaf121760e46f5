"""Facts of Zalo as a provider of ZNS."""

from datetime import timedelta
from typing import Final

from ringpass.providers.facts import ChannelName, ProviderFacts

ZALO: Final = ProviderFacts(
    name="zalo",
    channel=ChannelName.ZNS,
    regions=frozenset({"VN"}),
    # Only a mobile number has a Zalo account.
    reaches_landlines=False,
    repeats_our_id=True,
    # A message arrives at once or late.
    first_poll=timedelta(minutes=2),
)
