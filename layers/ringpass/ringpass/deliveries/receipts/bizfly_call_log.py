"""Bizfly's call log, the second witness of a call: asked where the webhook told nothing.

``GET <base>/v1/api/reports?offset=<page, from 1>&limit=20&from_time=<Unix s>&to_time=<Unix s>``
answers ``{"data": [<row>, ...], "total": <number>}``. Source: public clients; no documentation of
it is known. So a row is read like a delivery of the webhook, and what is not understood is passed
over.
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
from ringpass.clock import from_text, to_text
from ringpass.deliveries.call_reports import CallReport, ReportSource
from ringpass.deliveries.callees_store import Callee, CalleeRepository
from ringpass.deliveries.model import Delivery, Fact, Source
from ringpass.deliveries.receipts.bizfly import row_of
from ringpass.deliveries.receipts.call_matcher import CALLED_WITHIN, CLOCK_MARGIN
from ringpass.deliveries.receipts.call_results import CallResults, Taken
from ringpass.errors import Unavailable
from ringpass.ids import phone_key
from ringpass.observability import logger
from ringpass.outcomes import Status
from ringpass.providers.base import HttpRequest, HttpResponse, NoResponse
from ringpass.providers.bizfly import webhook
from ringpass.redaction import Secret

_PAGE_ROWS: Final = 20
# So many pages are read in one run: what is left is read in the next one, five minutes later.
_MOST_PAGES: Final = 100
# Calls of one callee that are no further apart than this compete for the same rows.
_NEAR: Final = CALLED_WITHIN + CLOCK_MARGIN
# What is due within so long is read at once.
_LONGEST: Final = timedelta(minutes=15)
_LISTS: Final = ("data", "items", "rows", "reports")


@dataclass(frozen=True, slots=True)
class Window:
    """A time of which the log is read, and the deliveries that it is read for."""

    first: datetime
    last: datetime
    delivery_ids: tuple[str, ...]


class LogUnreadableError(Exception):
    """The log gave no page; the text says what it gave instead."""


@dataclass(frozen=True, slots=True)
class BizflyCallLog:
    """Asks Bizfly's call log.

    Attributes:
        base_url: Origin of the API.
        transmit: Sends one request; ``Transport.send``.
        secrets: The stack's secrets.
        callees: The table's callees.
        results: Settles deliveries.
        states: The stack's own words for what became of a call.
    """

    base_url: str
    transmit: Callable[[HttpRequest], HttpResponse | NoResponse]
    secrets: Secrets
    callees: CalleeRepository
    results: CallResults
    states: Mapping[str, Status]

    provider: ClassVar[str] = "bizfly"

    def ask(self, deliveries: Sequence[Delivery], now: datetime) -> Mapping[str, Sequence[Fact]]:
        """What is known of deliveries beyond what they were told, by their ids.

        Rows that belong to a delivery settle it here. Deliveries that could not be asked about are
        left out: the log did not answer, or there was too much of it.

        Raises:
            Unavailable: The table or a secret cannot be reached.
        """
        lookup_key = self.secrets.value("lookup", "key")
        keys = {one.id: phone_key(lookup_key, one.phone) for one in deliveries}
        callees = {
            callee.key: callee
            for callee in self.callees.get_many(self.provider, sorted(set(keys.values())))
        }
        rows, asked = self._read(windows(deliveries, keys, callees), now)
        findings: dict[str, Sequence[Fact]] = {}
        of_callee: dict[tuple[str, str], list[Delivery]] = defaultdict(list)
        for one in deliveries:
            of_callee[one.phone, keys[one.id]].append(one)
        for (phone, key), own in of_callee.items():
            taken = self.results.take(self.provider, key, rows.get(phone, []), now)
            self._say(own, taken)
            for one in own:
                if one.id in asked:
                    findings[one.id] = _doubt(one, taken, now)
        return findings

    def _read(
        self, read: Sequence[Window], now: datetime
    ) -> tuple[dict[str, list[CallReport]], set[str]]:
        """The rows of each callee by number, and the deliveries whose time was read to its end."""
        rows: dict[str, list[CallReport]] = defaultdict(list)
        asked: set[str] = set()
        left, accounts = _MOST_PAGES, _distinct(self.secrets.fields(self.provider))
        for window in read:
            whole = bool(accounts)
            for account in tuple(accounts):
                try:
                    for page in islice(self._pages(account, window), left):
                        left -= 1
                        for event in page:
                            if event.callee and event.started_at and not event.inbound:
                                rows[event.callee].append(row_of(event, ReportSource.LOG, now))
                except LogUnreadableError as error:
                    # Not asked again in this run: others' rows are of use all the same.
                    logger().error("call log not read", why=str(error))
                    accounts.remove(account)
                    whole = False
            if not left:
                logger().warning("call log read in part", asked=len(asked))
                break
            if whole:
                asked.update(window.delivery_ids)
        return rows, asked

    def _pages(self, field: str, window: Window) -> Iterator[list[webhook.CallEvent]]:
        """A window's calls, page by page, until one of them says that it is the last."""
        seen: set[str] = set()
        for page in range(1, _MOST_PAGES + 1):
            document = self._page(field, window, page)
            found = _rows_of(document)
            events = [webhook.parse_call(fields, self.states) for fields in found]
            fresh = [event for event in events if event.key not in seen]
            seen.update(event.key for event in fresh)
            yield fresh
            total = document.get("total") if isinstance(document, dict) else None
            # A log that knows no pages answers the same one again: nothing of it is fresh.
            if len(found) < _PAGE_ROWS or not fresh or total == len(seen):
                return

    def _page(self, field: str, window: Window, page: int) -> Any:  # noqa: ANN401 - any JSON
        query = {
            "offset": page,
            "limit": _PAGE_ROWS,
            "from_time": int(window.first.timestamp()),
            "to_time": int(window.last.timestamp()) + 1,
        }
        url = f"{self.base_url}/v1/api/reports?{urlencode(query)}"
        answer = self._get(url, self.secrets.value(self.provider, field))
        if isinstance(answer, HttpResponse) and answer.status == HTTPStatus.UNAUTHORIZED:
            # The key may have been replaced since it was fetched.
            answer = self._get(url, self.secrets.value(self.provider, field, refresh=True))
        if isinstance(answer, NoResponse):
            raise LogUnreadableError(answer.reason)
        if not answer.is_success:
            raise LogUnreadableError(f"http_{answer.status}")
        try:
            return json.loads(answer.body)
        except (ValueError, RecursionError):
            raise LogUnreadableError("unreadable_reply") from None

    def _get(self, url: str, key: Secret) -> HttpResponse | NoResponse:
        headers = {"Accept": "application/json", "Authorization": key.reveal()}
        return self.transmit(HttpRequest(url, headers, b"", method="GET"))

    def _say(self, own: Sequence[Delivery], taken: Taken) -> None:
        """Say which results came by the log alone: many of them mean that the webhook is off."""
        by_webhook = {row.delivery_id for row in taken.rows if row.witness is ReportSource.WEBHOOK}
        for one in own:
            if one.id in taken.settled:
                only = one.id not in by_webhook
                logger().info("call result from the log", delivery=one.id, only=only)


def windows(
    deliveries: Sequence[Delivery], keys: Mapping[str, str], callees: Mapping[str, Callee]
) -> list[Window]:
    """The times of which the log must be read, oldest first, each once.

    Around a delivery, and around each other call of its callee that competes with it for rows:
    without all of these rows, one could be taken for another's.
    """
    wanted = []
    for one in deliveries:
        created = first = last = from_text(one.created_at)
        callee = callees.get(keys[one.id])
        times = sorted({each.created_at for each in callee.called} | {created} if callee else [])
        for at in reversed([at for at in times if at < created]):
            first = at if first - at <= _NEAR else first
        for at in (at for at in times if at > created):
            last = at if at - last <= _NEAR else last
        wanted.append(Window(first - CLOCK_MARGIN, last + CALLED_WITHIN, (one.id,)))
    return _joined(sorted(wanted, key=lambda window: window.first))


def _joined(wanted: Sequence[Window]) -> list[Window]:
    joined: list[Window] = []
    for window in wanted:
        if joined and window.last - joined[-1].first <= _LONGEST:
            before = joined.pop()
            ids = before.delivery_ids + window.delivery_ids
            joined.append(Window(before.first, max(before.last, window.last), ids))
        else:
            joined.append(window)
    return joined


def _distinct(fields: Mapping[str, Secret]) -> list[str]:
    """The secret's fields, one for each key: one key is one account, with a log of its own.

    Raises:
        Unavailable: The secret holds no key.
    """
    by_key = {secret.reveal(): name for name, secret in reversed(list(fields.items()))}
    if not by_key:
        raise Unavailable("The secret 'bizfly' holds no key.")
    return sorted(by_key.values())


def _rows_of(node: Any) -> list[Mapping[str, Any]]:  # noqa: ANN401 - any JSON
    """The rows in an answer, also one level further down than is known."""
    for _ in range(3):
        if isinstance(node, list):
            return [row for row in node if isinstance(row, Mapping)]
        if not isinstance(node, Mapping):
            break
        node = next((node[name] for name in _LISTS if name in node), None)
    return []


def _doubt(delivery: Delivery, taken: Taken, now: datetime) -> Sequence[Fact]:
    """What a delivery is told of which it stays open whose call a row tells."""
    if delivery.id not in taken.doubtful or delivery.id in taken.settled:
        return ()
    return (Fact(to_text(now), Status.UNKNOWN, "ambiguous_result", Source.CDR),)
