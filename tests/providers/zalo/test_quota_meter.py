"""What the OA may still send: kept from replies, and no request made in vain."""

from dataclasses import dataclass
from datetime import UTC, datetime

import pytest
from botocore.exceptions import EndpointConnectionError
from hypothesis import given
from hypothesis import strategies as st

from ringpass.aws.dynamodb import Table
from ringpass.outcomes import Accepted, ProviderResponse, Quota, Rejected, Unknown
from ringpass.phone import parse_phone
from ringpass.providers.base import HttpResponse, NoResponse
from ringpass.providers.orders import MessageOrder
from ringpass.providers.quota_store import QuotaRepository, SenderQuota
from ringpass.providers.zalo.quota_meter import QuotaMeter, next_day, quota_request, read_quota
from ringpass.redaction import Secret
from tests.moto_table import table
from tests.world import Clock

__all__ = ["table"]

MIDNIGHT = datetime(2026, 11, 21, 17, tzinfo=UTC)


def order(template: str = "1") -> MessageOrder:
    return MessageOrder(parse_phone("+84983912148"), zns_id=template)


@dataclass
class Meter:
    repository: QuotaRepository
    clock: Clock

    def quotas(self) -> QuotaMeter:
        """As a function has them that has just started."""
        return QuotaMeter(self.repository, self.clock)


@pytest.fixture
def meter(table: Table) -> Meter:
    return Meter(QuotaRepository(table, "zalo", "oa"), Clock())


@pytest.mark.parametrize(
    ("now", "next_one"),
    [
        (datetime(2026, 11, 21, 8, 30, tzinfo=UTC), datetime(2026, 11, 21, 17, tzinfo=UTC)),
        (datetime(2026, 11, 21, 16, 59, 59, tzinfo=UTC), datetime(2026, 11, 21, 17, tzinfo=UTC)),
        (datetime(2026, 11, 21, 17, tzinfo=UTC), datetime(2026, 11, 22, 17, tzinfo=UTC)),
        (datetime(2026, 12, 31, 18, tzinfo=UTC), datetime(2027, 1, 1, 17, tzinfo=UTC)),
    ],
)
def test_a_day_ends_at_midnight_in_vietnam(now: datetime, next_one: datetime) -> None:
    assert next_day(now) == next_one


@given(st.datetimes(datetime(2020, 1, 1), datetime(2060, 1, 1), timezones=st.just(UTC)))  # noqa: DTZ001
def test_the_next_day_is_within_24_hours(now: datetime) -> None:
    assert 0 < (next_day(now) - now).total_seconds() <= 86_400


def test_the_request() -> None:
    request = quota_request("https://business.openapi.zalo.me", Secret("token"))
    assert (request.method, request.body) == ("GET", b"")
    assert request.url == "https://business.openapi.zalo.me/message/quota"
    assert request.headers["access_token"] == "token"


@pytest.mark.parametrize(
    ("answer", "quota"),
    [
        (
            HttpResponse(200, b'{"error":0,"data":{"dailyQuota":"500","remainingQuota":"499"}}'),
            Quota(500, 499),
        ),
        (HttpResponse(200, b'{"error":0,"data":{"dailyQuota":"500"}}'), None),
        (HttpResponse(200, b'{"error":-124}'), Rejected("unauthorized")),
        (HttpResponse(401, b""), Rejected("unauthorized")),
        (HttpResponse(200, b'{"error":-100}'), None),
        (HttpResponse(200, b"<html>"), None),
        (NoResponse("timeout"), None),
    ],
)
def test_what_zalo_says_of_it(
    answer: HttpResponse | NoResponse, quota: Quota | Rejected | None
) -> None:
    assert read_quota(answer) == quota


def test_nothing_is_closed_that_nothing_was_heard_of(meter: Meter) -> None:
    assert meter.quotas().closed_until(order(), meter.clock()) is None


def test_the_last_message_of_a_day_closes_the_oa(meter: Meter) -> None:
    meter.quotas().record_outcome(order(), Accepted("m", quota=Quota(500, 0)), meter.clock())
    for template in ("1", "2"):
        assert meter.quotas().closed_until(order(template), meter.clock()) == MIDNIGHT
    meter.clock.now = MIDNIGHT
    assert meter.quotas().closed_until(order(), meter.clock()) is None


@pytest.mark.parametrize(
    ("reason", "closed"),
    [("quota_used_up", {"1", "2"}), ("template_quota_used_up", {"1"}), ("refused", set())],
)
def test_a_refusal_for_want_of_quota_closes_the_oa_or_the_template(
    meter: Meter, reason: str, closed: set[str]
) -> None:
    meter.quotas().record_outcome(order("1"), Rejected(reason), meter.clock())
    closed_templates = {
        template
        for template in ("1", "2")
        if meter.quotas().closed_until(order(template), meter.clock())
    }
    assert closed_templates == closed


@pytest.mark.parametrize("outcome", [Accepted("m"), Rejected("billing"), Unknown("timeout")])
def test_other_outcomes_write_nothing(meter: Meter, outcome: ProviderResponse) -> None:
    meter.quotas().record_outcome(order(), outcome, meter.clock())
    assert meter.repository.get("1") == {}


def test_a_larger_quota_opens_it_again(meter: Meter) -> None:
    quotas = meter.quotas()
    quotas.record_outcome(order(), Rejected("quota_used_up"), meter.clock())
    assert quotas.closed_until(order(), meter.clock())
    meter.clock.turn(seconds=1)
    quotas.record(Quota(2_000, 1_500), meter.clock())
    assert quotas.closed_until(order(), meter.clock()) is None


def test_what_was_heard_earlier_replaces_nothing(meter: Meter) -> None:
    now = meter.clock()
    meter.repository.put(None, SenderQuota(now, 500, 10))
    meter.clock.turn(seconds=-30)
    meter.repository.put(None, SenderQuota(meter.clock(), 500, 11))
    assert meter.repository.get()[None] == SenderQuota(now, 500, 10)


def test_plenty_is_written_once_a_minute_and_what_is_scarce_each_time(meter: Meter) -> None:
    quotas = meter.quotas()

    def send(remaining: int) -> int | None:
        meter.clock.turn(seconds=1)
        quotas.record_outcome(order(), Accepted("m", quota=Quota(500, remaining)), meter.clock())
        return meter.repository.get()[None].remaining

    assert [send(499), send(498), send(497)] == [499, 499, 499]
    meter.clock.turn(seconds=60)
    assert [send(496), send(495)] == [496, 496]
    assert [send(50), send(49), send(0)] == [50, 49, 0]


def test_what_it_is_told_from_is_a_minute_old_at_most(meter: Meter) -> None:
    quotas = meter.quotas()
    assert quotas.closed_until(order(), meter.clock()) is None
    meter.quotas().record_outcome(order(), Rejected("quota_used_up"), meter.clock())
    assert quotas.closed_until(order(), meter.clock()) is None
    meter.clock.turn(seconds=60)
    assert quotas.closed_until(order(), meter.clock()) == MIDNIGHT


class Cut:
    """A table that cannot be reached."""

    def __getattr__(self, name: str) -> object:
        raise EndpointConnectionError(endpoint_url="https://example.test")


def test_a_table_that_cannot_be_reached_closes_nothing_and_fails_no_send() -> None:
    quotas = QuotaMeter(QuotaRepository(Table(Cut(), "table"), "zalo", "oa"))  # type: ignore[arg-type]
    now = datetime(2026, 11, 21, tzinfo=UTC)
    assert quotas.closed_until(order(), now) is None
    quotas.record_outcome(order(), Rejected("quota_used_up"), now)
