"""Status poller of Bizfly: reads the call log, the second source, where no webhook came.

``GET <base>/v1/api/reports?offset=<page, from 1>&limit=20&from_time=<Unix s>&to_time=<Unix s>``
answers ``{"data": [<row>, ...], "total": <number>}``. Source: public clients; no documentation of
it is known. So a row is read like an event of the webhook, and what is not understood is skipped.
"""

import json
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from http import HTTPStatus
from itertools import islice
from typing import Any, ClassVar, Final
from urllib.parse import urlencode

from ringpass.aws.secrets import Secrets
from ringpass.clock import Clock, from_text, to_text
from ringpass.deliveries.call_reports import CallReport, ReportSource
from ringpass.deliveries.callees_store import Callee, CalleeRepository
from ringpass.deliveries.model import Delivery, Fact, Source
from ringpass.deliveries.receipts.bizfly import to_report
from ringpass.deliveries.receipts.call_report_matcher import CALLED_WITHIN, CLOCK_MARGIN
from ringpass.deliveries.receipts.call_results import CallResults, CallSettlement
from ringpass.errors import Unavailable
from ringpass.ids import phone_key
from ringpass.observability import logger
from ringpass.outcomes import Status
from ringpass.providers.base import HttpRequest, HttpResponse, NoResponse
from ringpass.providers.bizfly import webhook
from ringpass.providers.bizfly.facts import BIZFLY
from ringpass.redaction import Secret

_PAGE_ROWS: Final = 20
# So many pages are read in one run; the rest in the next one, five minutes later.
_MAX_PAGES: Final = 100
# Calls of one callee that are no further apart than this compete for the same rows.
_COMPETING_WITHIN: Final = CALLED_WITHIN + CLOCK_MARGIN
# Windows are merged up to this length.
_MAX_WINDOW: Final = timedelta(minutes=15)
_LISTS: Final = ("data", "items", "rows", "reports")


@dataclass(frozen=True, slots=True)
class LogWindow:
    """A time window of the log, and the deliveries that it is read for."""

    first: datetime
    last: datetime
    delivery_ids: tuple[str, ...]


class LogUnreadableError(Exception):
    """The log returned no page; the text says what it returned instead."""


@dataclass(frozen=True, slots=True)
class BizflyCallLog:
    """Polls Bizfly's call log.

    Attributes:
        base_url: Origin of the API.
        transmit: Sends one request; ``Transport.send``.
        secrets: The stack's secrets.
        callees: The table's callees.
        results: Settles deliveries.
        states: The stack's own mapping of Bizfly's call states.
        clock: Tells the time: the log may take a minute to be read.
    """

    base_url: str
    transmit: Callable[[HttpRequest], HttpResponse | NoResponse]
    secrets: Secrets
    callees: CalleeRepository
    results: CallResults
    states: Mapping[str, Status]
    clock: Clock

    provider: ClassVar[str] = BIZFLY.name

    def poll(self, deliveries: Sequence[Delivery], now: datetime) -> Mapping[str, Sequence[Fact]]:
        """Poll the log for deliveries; returns facts by delivery id.

        Matched reports settle their deliveries here. Deliveries that could not be polled for are
        left out: the log did not answer, or it was too long.

        Raises:
            Unavailable: The table or a secret cannot be reached.
        """
        lookup_key = self.secrets.value("lookup", "key")
        keys = {delivery.id: phone_key(lookup_key, delivery.phone) for delivery in deliveries}
        callees = {
            callee.key: callee
            for callee in self.callees.get_many(self.provider, sorted(set(keys.values())))
        }
        reports, polled_ids = self._read(windows(deliveries, keys, callees), now)
        facts: dict[str, Sequence[Fact]] = {}
        by_callee: dict[tuple[str, str], list[Delivery]] = defaultdict(list)
        for delivery in deliveries:
            by_callee[delivery.phone, keys[delivery.id]].append(delivery)
        for (phone, key), own in by_callee.items():
            settlement = self.results.apply(
                self.provider, key, reports.get(phone, []), self.clock()
            )
            self._log_results(own, settlement)
            for delivery in own:
                if delivery.id in polled_ids:
                    facts[delivery.id] = _doubtful_facts(delivery, settlement, now)
        return facts

    def _read(
        self, log_windows: Sequence[LogWindow], now: datetime
    ) -> tuple[dict[str, list[CallReport]], set[str]]:
        """Read the log; returns reports by number, and the deliveries whose window is complete."""
        reports: dict[str, list[CallReport]] = defaultdict(list)
        polled_ids: set[str] = set()
        pages_left, accounts = _MAX_PAGES, _distinct(self.secrets.fields(self.provider))
        for window in log_windows:
            is_complete = bool(accounts)
            for account in tuple(accounts):
                try:
                    for page in islice(self._pages(account, window), pages_left):
                        pages_left -= 1
                        for event in page:
                            if event.callee and event.started_at and not event.inbound:
                                report = to_report(event, ReportSource.LOG, now)
                                reports[event.callee].append(report)
                except LogUnreadableError as error:
                    # Not read again in this run; the rows of other accounts are still of use.
                    logger().error("call log not read", why=str(error))
                    accounts.remove(account)
                    is_complete = False
            if not pages_left:
                logger().warning("call log read in part", asked=len(polled_ids))
                break
            if is_complete:
                polled_ids.update(window.delivery_ids)
        return reports, polled_ids

    def _pages(self, field: str, window: LogWindow) -> Iterator[list[webhook.BizflyCallEvent]]:
        """A window's calls, page by page, until the last one."""
        keys: set[str] = set()
        for page in range(1, _MAX_PAGES + 1):
            document = self._page(field, window, page)
            rows = _rows_in(document)
            events = [webhook.parse_call(fields, self.states) for fields in rows]
            new = [event for event in events if event.key not in keys]
            keys.update(event.key for event in new)
            yield new
            total = document.get("total") if isinstance(document, dict) else None
            # A log without paging answers the same page again: nothing of it is new.
            if len(rows) < _PAGE_ROWS or not new or total == len(keys):
                return

    def _page(self, field: str, window: LogWindow, page: int) -> Any:  # noqa: ANN401 - any JSON
        query = {
            "offset": page,
            "limit": _PAGE_ROWS,
            "from_time": int(window.first.timestamp()),
            "to_time": int(window.last.timestamp()) + 1,
        }
        url = f"{self.base_url}/v1/api/reports?{urlencode(query)}"
        response = self._get(url, self.secrets.value(self.provider, field))
        if isinstance(response, HttpResponse) and response.status == HTTPStatus.UNAUTHORIZED:
            # The key may have been replaced since it was fetched.
            response = self._get(url, self.secrets.value(self.provider, field, refresh=True))
        if isinstance(response, NoResponse):
            raise LogUnreadableError(response.reason)
        if not response.is_success:
            raise LogUnreadableError(f"http_{response.status}")
        try:
            return json.loads(response.body)
        except (ValueError, RecursionError):
            raise LogUnreadableError("unreadable_reply") from None

    def _get(self, url: str, key: Secret) -> HttpResponse | NoResponse:
        headers = {"Accept": "application/json", "Authorization": key.reveal()}
        return self.transmit(HttpRequest(url, headers, b"", method="GET"))

    def _log_results(self, deliveries: Sequence[Delivery], settlement: CallSettlement) -> None:
        """Log which results came from the log alone: many of them mean that the webhook is off."""
        by_webhook = {
            report.delivery_id
            for report in settlement.reports
            if report.source is ReportSource.WEBHOOK
        }
        for delivery in deliveries:
            if delivery.id in settlement.settled:
                only = delivery.id not in by_webhook
                logger().info("call result from the log", delivery=delivery.id, only=only)


def windows(
    deliveries: Sequence[Delivery], keys: Mapping[str, str], callees: Mapping[str, Callee]
) -> list[LogWindow]:
    """The windows of the log that must be read, oldest first, each once.

    Around a delivery, and around each other call of its callee that competes with it for reports:
    without all of these reports, one could be matched with the wrong delivery.
    """
    log_windows = []
    for delivery in deliveries:
        created = first = last = from_text(delivery.created_at)
        callee = callees.get(keys[delivery.id])
        times = sorted(
            {other.created_at for other in callee.deliveries} | {created} if callee else []
        )
        for at in reversed([at for at in times if at < created]):
            first = at if first - at <= _COMPETING_WITHIN else first
        for at in (at for at in times if at > created):
            last = at if at - last <= _COMPETING_WITHIN else last
        log_windows.append(LogWindow(first - CLOCK_MARGIN, last + CALLED_WITHIN, (delivery.id,)))
    return _merge(sorted(log_windows, key=lambda window: window.first))


def _merge(log_windows: Sequence[LogWindow]) -> list[LogWindow]:
    merged: list[LogWindow] = []
    for window in log_windows:
        if merged and window.last - merged[-1].first <= _MAX_WINDOW:
            previous = merged.pop()
            ids = previous.delivery_ids + window.delivery_ids
            merged.append(LogWindow(previous.first, max(previous.last, window.last), ids))
        else:
            merged.append(window)
    return merged


def _distinct(fields: Mapping[str, Secret]) -> list[str]:
    """The secret's fields, one for each key: one key is one account, with a log of its own.

    Raises:
        Unavailable: The secret holds no key.
    """
    by_key = {secret.reveal(): name for name, secret in reversed(list(fields.items()))}
    if not by_key:
        raise Unavailable("The secret 'bizfly' holds no key.")
    return sorted(by_key.values())


def _rows_in(node: Any) -> list[Mapping[str, Any]]:  # noqa: ANN401 - any JSON
    """The rows in a response, also one level deeper than is known."""
    for _ in range(3):
        if isinstance(node, list):
            return [row for row in node if isinstance(row, Mapping)]
        if not isinstance(node, Mapping):
            break
        node = next((node[name] for name in _LISTS if name in node), None)
    return []


def _doubtful_facts(
    delivery: Delivery, settlement: CallSettlement, now: datetime
) -> Sequence[Fact]:
    """The fact for a delivery that an unmatched report could belong to; else none."""
    if delivery.id not in settlement.doubtful or delivery.id in settlement.settled:
        return ()
    return (Fact(to_text(now), Status.UNKNOWN, "ambiguous_result", Source.RECEIPT),)
