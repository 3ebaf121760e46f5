"""Quota meter of the OA: stores what Zalo's responses report, so that no request is made in vain.

The response to an accepted message has the OA's quota, ``{"dailyQuota": "500", "remainingQuota":
"499"}`` (numbers as text); so has that of GET <base>/message/quota. Above the quota Zalo refuses
(-144 the OA's, -147 a template's). When the day begins is not documented: we assume midnight in
Vietnam. Source: Zalo's ZNS reference and public clients of it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, timezone
from typing import Final

from ringpass.aws.ttl_cache import TtlCache
from ringpass.clock import Clock, utc_now
from ringpass.errors import Unavailable
from ringpass.observability import logger
from ringpass.outcomes import (
    QUOTA_USED_UP,
    TEMPLATE_QUOTA_USED_UP,
    Accepted,
    ProviderResponse,
    Quota,
    Rejected,
)
from ringpass.providers.base import HttpRequest, HttpResponse, NoResponse, json_object
from ringpass.providers.orders import MessageOrder
from ringpass.providers.quota_store import QuotaRepository, SenderQuota
from ringpass.providers.zalo.zns_client import data_of, error_of, quota_in, refusal
from ringpass.redaction import Secret

# Vietnam has had no summer time since 1975, so no time zone database is needed.
_VIETNAM: Final = timezone(timedelta(hours=7))
_CACHE_SECONDS: Final = 60
# Below this part of the day's quota every report is written; above it, one a minute and function.
_SCARCE_PART: Final = 0.1
_OA: Final = "oa"


def quota_request(base_url: str, access_token: Secret) -> HttpRequest:
    """Builds the request for the OA's quota. Zalo does not count it."""
    return HttpRequest(
        f"{base_url}/message/quota",
        {"Accept": "application/json", "access_token": access_token.reveal()},
        b"",
        method="GET",
    )


def read_quota(response: HttpResponse | NoResponse) -> Quota | Rejected | None:
    """Returns the quota in a response; ``Rejected`` if Zalo refuses, None if it is not readable."""
    if isinstance(response, NoResponse):
        return None
    body = json_object(response)
    error = error_of(body)
    if response.is_success and body is not None and error == 0:
        return quota_in(data_of(body))
    outcome = refusal(response, error)
    return outcome if isinstance(outcome, Rejected) else None


def next_day(now: datetime) -> datetime:
    """Returns the next midnight in Vietnam, in UTC."""
    day = now.astimezone(_VIETNAM).date() + timedelta(days=1)
    return datetime(day.year, day.month, day.day, tzinfo=_VIETNAM).astimezone(UTC)


@dataclass(frozen=True, slots=True)
class QuotaMeter:
    """Records the OA's quota, and says whether a message would exceed it.

    Attributes:
        repository: The stored quotas.
        clock: Tells the time.
    """

    repository: QuotaRepository
    clock: Clock = utc_now
    _cache: TtlCache[str, Mapping[str | None, SenderQuota]] = field(
        default_factory=lambda: TtlCache(_CACHE_SECONDS), repr=False
    )
    _writes: TtlCache[str, Quota] = field(
        default_factory=lambda: TtlCache(_CACHE_SECONDS), repr=False
    )

    def closed_until(self, order: MessageOrder, now: datetime) -> datetime | None:
        """Returns until when Zalo would refuse this message; None if it may be sent.

        The quota may be a minute old. If the table cannot be read, the message may be sent.
        """
        try:
            quotas = self._quotas(order.zns_id or "")
        except Unavailable:
            logger().exception("zalo quota not read")
            return None
        ends = [quota.used_up_until for quota in quotas.values() if quota.used_up_until]
        return max((end for end in ends if end > now), default=None)

    def record_outcome(self, order: MessageOrder, outcome: ProviderResponse, now: datetime) -> None:
        """Record the quota of an outcome. Only logs an error, as the message has been sent."""
        try:
            match outcome:
                case Accepted(quota=Quota() as quota):
                    self.record(quota, now)
                case Rejected(reason) if reason == QUOTA_USED_UP:
                    self._record_used_up(None, now)
                case Rejected(reason) if reason == TEMPLATE_QUOTA_USED_UP:
                    self._record_used_up(order.zns_id, now)
                case _:
                    return
        except Unavailable:
            logger().exception("zalo quota not recorded")

    def record(self, quota: Quota, now: datetime) -> None:
        """Record the OA's quota, unless much of it is left and it was written in the last minute.

        Raises:
            Unavailable: The table cannot be reached.
        """
        is_plenty = quota.remaining > quota.daily * _SCARCE_PART
        if is_plenty and self._writes.is_fresh(_OA, self.clock()):
            return
        until = next_day(now) if quota.remaining <= 0 else None
        self.repository.put(None, SenderQuota(now, quota.daily, quota.remaining, until))
        self._writes.put(_OA, quota, self.clock())
        self._cache.clear()

    def _record_used_up(self, template: str | None, now: datetime) -> None:
        self.repository.put(template, SenderQuota(now, remaining=0, used_up_until=next_day(now)))
        self._cache.clear()

    def _quotas(self, template: str) -> Mapping[str | None, SenderQuota]:
        now = self.clock()
        quotas = self._cache.get(template, now)
        if quotas is None:
            quotas = self._cache.put(template, self.repository.get(template), now)
        return quotas
