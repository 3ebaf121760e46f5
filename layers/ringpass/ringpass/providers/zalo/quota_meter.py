"""What the OA may still send on this day: kept from Zalo's replies, and no request is made in vain.

Each accepted message tells the OA's quota, ``{"dailyQuota": "500", "remainingQuota": "499"}``
(numbers as text). Without a message it is told by GET <base>/message/quota. Over it Zalo refuses
(-144 the OA's, -147 a template's). When the day begins anew is not documented: we take midnight in
Vietnam. Source: Zalo's ZNS reference and public clients of it.
"""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, timezone
from typing import Final

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
from ringpass.providers.zalo.quota_store import QuotaRepository, SenderQuota
from ringpass.providers.zalo.zns_client import data_of, error_of, quota_in, refusal
from ringpass.redaction import Secret

# Vietnam has had no summer time since 1975, so no table of zones is needed.
_VIETNAM: Final = timezone(timedelta(hours=7))
_LOOKED_FOR_SECONDS: Final = 60.0
# Below this part of the day's quota every number is kept; above, one a minute and function.
_SCARCE: Final = 0.1


def quota_request(base_url: str, access_token: Secret) -> HttpRequest:
    """Asks what the OA may still send. Zalo counts nothing for it."""
    return HttpRequest(
        f"{base_url}/message/quota",
        {"Accept": "application/json", "access_token": access_token.reveal()},
        b"",
        method="GET",
    )


def read_quota(answer: HttpResponse | NoResponse) -> Quota | Rejected | None:
    """What Zalo says; ``Rejected`` if it refuses, None if it says nothing of use."""
    if isinstance(answer, NoResponse):
        return None
    body = json_object(answer)
    error = error_of(body)
    if answer.is_success and body is not None and error == 0:
        return quota_in(data_of(body))
    refused = refusal(answer, error)
    return refused if isinstance(refused, Rejected) else None


def next_day(now: datetime) -> datetime:
    """The next midnight in Vietnam, in UTC."""
    day = now.astimezone(_VIETNAM).date() + timedelta(days=1)
    return datetime(day.year, day.month, day.day, tzinfo=_VIETNAM).astimezone(UTC)


@dataclass(frozen=True, slots=True)
class QuotaMeter:
    """Keeps and tells what may still be sent.

    Attributes:
        kept: Where it is kept.
        seconds: Seconds since 1970, for what a function keeps itself.
    """

    kept: QuotaRepository
    seconds: Callable[[], float] = time.time
    _looked: dict[str, tuple[float, Mapping[str | None, SenderQuota]]] = field(
        default_factory=dict, repr=False
    )
    _written: list[float] = field(default_factory=list, repr=False)

    def closed_until(self, order: MessageOrder, now: datetime) -> datetime | None:
        """Until when Zalo would refuse this message; None if it may be sent.

        What it is told from may be a minute old. A table that cannot be read closes nothing.
        """
        try:
            known = self._known(order.zalo_template or "")
        except Unavailable:
            logger().exception("zalo quota not read")
            return None
        ends = [quota.used_up_until for quota in known.values() if quota.used_up_until]
        return max((end for end in ends if end > now), default=None)

    def learn(self, order: MessageOrder, outcome: ProviderResponse, now: datetime) -> None:
        """Keep what an outcome tells. The message has been sent: an error here is only logged."""
        try:
            match outcome:
                case Accepted(quota=Quota() as told):
                    self.heard(told, now)
                case Rejected(reason) if reason == QUOTA_USED_UP:
                    self._used_up(None, now)
                case Rejected(reason) if reason == TEMPLATE_QUOTA_USED_UP:
                    self._used_up(order.zalo_template, now)
                case _:
                    return
        except Unavailable:
            logger().exception("zalo quota not recorded")

    def heard(self, told: Quota, now: datetime) -> None:
        """Keep what Zalo said of the OA, unless that was done just now and there is plenty.

        Raises:
            Unavailable: The table cannot be reached.
        """
        plenty = told.remaining > told.daily * _SCARCE
        if plenty and self._written and self.seconds() - self._written[0] < _LOOKED_FOR_SECONDS:
            return
        until = next_day(now) if told.remaining <= 0 else None
        self.kept.put(None, SenderQuota(now, told.daily, told.remaining, until))
        self._written[:] = [self.seconds()]
        self._looked.clear()

    def _used_up(self, template: str | None, now: datetime) -> None:
        self.kept.put(template, SenderQuota(now, remaining=0, used_up_until=next_day(now)))
        self._looked.clear()

    def _known(self, template: str) -> Mapping[str | None, SenderQuota]:
        looked_at, known = self._looked.get(template, (0.0, {}))
        if not 0 <= self.seconds() - looked_at < _LOOKED_FOR_SECONDS:
            known = self.kept.get(template)
            self._looked[template] = self.seconds(), known
        return known
