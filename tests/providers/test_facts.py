"""What providers are like, and what the API says of it."""

from itertools import groupby
from operator import attrgetter
from typing import get_args

from ringpass.clients.settings.model import DEFAULT_TIMEOUTS
from ringpass.clients.settings.requests import ReplaceSettings
from ringpass.clients.settings.workflow_requests import Channel
from ringpass.deliveries.readability import READABLE_AFTER_SECONDS
from ringpass.providers.facts import ChannelName
from ringpass.wiring.provider_facts import PROVIDERS


def test_every_channel_has_a_provider_and_its_own_numbers() -> None:
    channels = set(ChannelName)
    assert {facts.channel for facts in PROVIDERS} == channels
    assert set(DEFAULT_TIMEOUTS) == set(READABLE_AFTER_SECONDS) == channels


def test_a_workflow_may_have_every_channel() -> None:
    assert set(get_args(Channel)) == set(ChannelName)


def test_the_settings_order_the_providers_of_each_channel_that_has_several() -> None:
    by_channel = {
        channel: [facts.name for facts in group]
        for channel, group in groupby(PROVIDERS, attrgetter("channel"))
    }
    several = {channel: names for channel, names in by_channel.items() if len(names) > 1}
    settings = ReplaceSettings.from_mapping({"providers": several})
    assert dict(settings.providers) == several
    schema = ReplaceSettings.model_json_schema()["$defs"]["Providers"]["properties"]
    names = {channel: options["anyOf"][0]["items"]["enum"] for channel, options in schema.items()}
    assert names == several
