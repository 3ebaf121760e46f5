"""Facts of Bizfly, the provider of Voice OTP."""

from datetime import timedelta
from typing import Final

from ringpass.providers.facts import ChannelName, ProviderFacts

BIZFLY: Final = ProviderFacts(
    name="bizfly",
    channel=ChannelName.VOICE_OTP,
    regions=frozenset({"VN"}),
    # Its documentation has only callees of the form 0XXXXXXXXX, which no landline has.
    reaches_landlines=False,
    replies_with_id=False,
    # The longest that a phone may ring, and a minute.
    first_poll=timedelta(minutes=2),
)
