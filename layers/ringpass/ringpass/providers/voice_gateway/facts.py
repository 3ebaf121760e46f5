"""Facts of the voice gateway: the team's own telephony, a provider of Voice OTP."""

from typing import Final

from ringpass.providers.facts import ChannelName, ProviderFacts

VOICE_GATEWAY: Final = ProviderFacts(
    name="voice_gateway",
    channel=ChannelName.VOICE_OTP,
    # The countries whose languages a call may be read in (``client.LANGUAGES``).
    regions=frozenset({"VN", "RU"}),
    # It calls whatever its trunk reaches, and the code is heard, not seen.
    reaches_landlines=True,
    repeats_our_id=True,
    is_optional=True,
)
