"""Which verified codes the fraud budget believes."""

from datetime import UTC, datetime, timedelta

import pytest

from ringpass.clock import to_text
from ringpass.deliveries.model import Delivery
from ringpass.deliveries.readability import READABLE_AFTER_SECONDS, was_readable
from ringpass.outcomes import Status
from ringpass.providers.facts import ChannelName

AT = datetime(2026, 11, 21, 8, 30, tzinfo=UTC)
MAY_HAVE_REACHED = {Status.ACCEPTED, Status.UNKNOWN, Status.ANSWERED, Status.DELIVERED}


def delivery(channel: ChannelName, status: Status, seconds: float) -> Delivery:
    sent_at = to_text(AT - timedelta(seconds=seconds))
    return Delivery(
        id="dlv_1",
        client="acme",
        channel=channel,
        provider="any",
        phone="+84389801371",
        status=status,
        created_at=sent_at,
        updated_at=sent_at,
        fingerprint="f",
        attempt="a",
    )


@pytest.mark.parametrize("own_code", [True, False])
@pytest.mark.parametrize("channel", READABLE_AFTER_SECONDS)
def test_a_code_can_be_read_after_its_channels_time_and_not_before(
    channel: ChannelName, own_code: bool
) -> None:
    seconds = READABLE_AFTER_SECONDS[channel]
    for status in Status:
        after = [delivery(channel, status, seconds)]
        rang = (channel, status, own_code) == (ChannelName.PASSWORD_CALL, Status.NO_ANSWER, False)
        expected = status in MAY_HAVE_REACHED or rang
        assert was_readable(after, AT, own_code=own_code) == expected
        before = [delivery(channel, status, seconds - 0.001)]
        assert not was_readable(before, AT, own_code=own_code)


def test_one_delivery_of_several_is_enough() -> None:
    rejection = delivery(ChannelName.ZNS, Status.REJECTED, 60)
    late = delivery(ChannelName.VOICE_OTP, Status.ANSWERED, 1)
    assert not was_readable([rejection, late], AT, own_code=False)
    early = delivery(ChannelName.PASSWORD_CALL, Status.ACCEPTED, 30)
    assert was_readable([rejection, early, late], AT, own_code=True)
    assert not was_readable([], AT, own_code=False)
