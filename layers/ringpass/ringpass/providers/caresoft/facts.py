"""Facts of CareSoft, a provider of ZNS."""

from typing import Final

from ringpass.providers.facts import ChannelName, ProviderFacts

CARESOFT: Final = ProviderFacts(
    name="caresoft",
    channel=ChannelName.ZNS,
    regions=frozenset({"VN"}),
    # Only a mobile number has a Zalo account.
    reaches_landlines=False,
    has_tickets=True,
)
