"""Exports all that is known of a number, a page at a time: each record with its kind."""

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from ringpass.aws.client_index import Listed, listed_at
from ringpass.aws.secrets import Secrets
from ringpass.clock import Clock, to_text
from ringpass.deliveries.model import Delivery
from ringpass.deliveries.views import delivery_view
from ringpass.http.pagination import Page, Parameters, to_cursor
from ringpass.http.router import Caller
from ringpass.ids import phone_key
from ringpass.limits.phone_lookups import PhoneLookups
from ringpass.limits.refusals_store import Refusal
from ringpass.limits.refusals_store import listed_at as refusal_listed_at
from ringpass.oa.calls.model import Call
from ringpass.oa.calls.views import call_view
from ringpass.oa.consents.consent_view import consent_view
from ringpass.oa.consents.views import evidence_view
from ringpass.phone import Phone
from ringpass.phones.records import LATEST, Person, Records
from ringpass.reporting.views import refusal_view
from ringpass.verifications.model import Verification
from ringpass.verifications.views import verification_view

MOST_BYTES: Final = 2_000_000
"""A page ends after so much: a function's response has at most 6 MB."""
MOST_RECORDS: Final = 200
_INSTANT: Final = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z"
_CURSOR: Final = re.compile(
    rf"(verification|delivery|refusal|oa_call)#{_INSTANT}#[a-z]{{3}}_[a-z2-7]{{32}}"
)
_FIELDS: Final = frozenset({"region", "cursor"})


@dataclass(frozen=True, slots=True)
class ExportLine:
    """A line of an export: a record, and its kind."""

    kind: str
    data: Mapping[str, Any]

    @property
    def text(self) -> str:
        """The line as it is sent."""
        return json.dumps({"kind": self.kind, "data": self.data}, ensure_ascii=False) + "\n"


type Group = tuple[str, Iterable[ExportLine]]
"""A record with all that belongs to it, and its position in the export."""


@dataclass(frozen=True, slots=True)
class PhoneExport:
    """Exports a client's records of a number.

    Attributes:
        records: The repositories.
        lookups: Limits look-ups of keys that may not see phones.
        secrets: The stack's secrets.
        clock: Returns the current time.
    """

    records: Records
    lookups: PhoneLookups
    secrets: Secrets
    clock: Clock

    def page(self, caller: Caller, phone: Phone, query: Mapping[str, str]) -> Page[ExportLine]:
        """Returns a page of lines; a record and all that belongs to it are on the same page.

        Raises:
            ValidationFailed: Names each parameter at fault.
            LimitReached: The key has looked up too many unknown numbers.
            Unavailable: The table or the look-up secret cannot be reached.
        """
        params = Parameters(query, _FIELDS)
        cursor = params.cursor(_CURSOR, "")
        params.check()
        key = phone_key(self.secrets.value("lookup", "key"), phone.e164)
        person = Person(caller.client, phone.e164, key)
        return self.lookups.page(
            caller.blind_key, phone, key, lambda: _page(self._groups(person, caller, cursor))
        )

    def _groups(self, person: Person, caller: Caller, cursor: str) -> Iterator[Group]:
        records, now, clear = self.records, self.clock(), caller.sees_phones
        first, _, before = cursor.partition("#")

        def verification(one: Verification) -> Iterator[ExportLine]:
            view = verification_view(one, (), now, clear_phone=clear)
            # Its deliveries have lines of their own.
            yield ExportLine(
                "verification",
                {**view, "deliveries": list(one.delivery_ids)},
            )
            yield from self._events(one.id)

        def delivery(one: Delivery) -> Iterator[ExportLine]:
            yield ExportLine("delivery", delivery_view(one, clear_phone=clear))
            yield from self._reports(person, one)
            yield from self._events(one.id)

        def refusal(one: Refusal) -> Iterator[ExportLine]:
            yield ExportLine("refusal", refusal_view(one, clear_phone=clear))
            yield from self._events(one.id)

        def call(one: Call) -> Iterator[ExportLine]:
            yield ExportLine("oa_call", call_view(one, now, clear_phone=clear))
            yield from self._events(one.id)

        kinds: Mapping[str, Callable[[str], Iterator[Group]]] = {
            "verification": lambda end: _listed(
                records.verifications_of(person, end), verification
            ),
            "delivery": lambda end: _listed(records.deliveries_of(person, end), delivery),
            "refusal": lambda end: (
                (refusal_listed_at(one), refusal(one)) for one in records.refusals_of(person, end)
            ),
            "oa_call": lambda end: _listed(records.calls_of(person, end), call),
        }
        names = list(kinds)
        for name in names[names.index(first) if first else 0 :]:
            for position, lines in kinds[name](before if name == first else LATEST):
                yield f"{name}#{position}", lines
        # Few lines, so they need no position.
        yield "", self._rest(person, caller, now)

    def _events(self, subject: str, last: int | None = None) -> Iterator[ExportLine]:
        for event in self.records.events.list_by_subject(subject, last):
            yield ExportLine("event", event.body)

    def _reports(self, person: Person, delivery: Delivery) -> Iterator[ExportLine]:
        """What the provider has reported of a delivery, without the redacted text."""
        correlation = self.records.correlation_of(delivery)
        for receipt in correlation.receipts if correlation else ():
            theirs = person.phone_key in receipt.callee_keys
            if correlation and correlation.is_shared and not theirs:
                continue
            yield ExportLine(
                "report",
                {
                    "delivery_id": delivery.id,
                    "provider": delivery.provider,
                    "at": receipt.at,
                    "outcome": receipt.outcome,
                    "reason": receipt.reason,
                },
            )

    def _rest(self, person: Person, caller: Caller, now: datetime) -> Iterator[ExportLine]:
        records = self.records
        callee, others = records.callee_of(person)
        for report in callee.reports:
            if report.delivery_id is None or report.delivery_id in others:
                continue  # Nobody knows whose it is, or it is another client's.
            yield ExportLine(
                "report",
                {
                    "delivery_id": report.delivery_id,
                    "provider": callee.provider,
                    "at": to_text(report.received_at),
                    "outcome": report.outcome,
                    "reason": report.reason,
                },
            )
        stored = records.consent_of(person)
        if stored is not None and stored.consent is not None:
            yield ExportLine(
                "oa_consent", consent_view(stored.consent, now, clear_phone=caller.sees_phones)
            )
            for fact in stored.evidence:
                yield ExportLine("oa_consent_evidence", evidence_view(fact))
            yield from self._events(stored.consent.id, stored.consent.changes)
        if sends := records.sends_of(person):
            yield ExportLine("limit_counter", {"sent_at": [_instant(at) for at in sends]})
        for name in records.lists_with(person):
            yield ExportLine("list_entry", {"list": name})


def _listed[R: Listed](
    rows: Iterator[R], lines: Callable[[R], Iterable[ExportLine]]
) -> Iterator[Group]:
    return ((listed_at(row), lines(row)) for row in rows)


def _page(groups: Iterator[Group]) -> Page[ExportLine]:
    lines: list[ExportLine] = []
    size = 0
    for number, (position, group) in enumerate(groups, 1):
        for line in group:
            lines.append(line)
            size += len(line.text.encode())
        if position and (number >= MOST_RECORDS or size >= MOST_BYTES):
            return Page(tuple(lines), to_cursor(position))
    return Page(tuple(lines), None)


def _instant(milliseconds: int) -> str:
    return to_text(datetime.fromtimestamp(milliseconds / 1000, UTC))
