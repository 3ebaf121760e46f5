"""Facts of MCN, the provider of Password Call."""

from typing import Final

from ringpass.providers.facts import ChannelName, ProviderFacts

MCN: Final = ProviderFacts(
    name="mcn",
    channel=ChannelName.PASSWORD_CALL,
    regions=frozenset({"VN", "RU"}),
    # A landline with a display shows the caller's number, so the code; MCN calls all numbers.
    reaches_landlines=True,
)
