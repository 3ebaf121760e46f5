"""The story of a verification, of a delivery, of a refusal, as sentences with their times."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from ringpass_cli.stories.language import Language

type Record = Mapping[str, Any]
"""As the API answers it."""

_MINUTE: Final = 60
_HOUR: Final = 3600
_ARRIVED: Final = ("answered", "delivered")
_MAYBE: Final = ("accepted", "unknown", "reserved")


@dataclass(frozen=True)
class Sentence:
    """One thing that happened. ``at`` is RFC 3339 in UTC; None: it has no time."""

    at: str | None
    text: str


@dataclass(frozen=True)
class Storyteller:
    """Tells stories in a language."""

    language: Language

    def verification(self, record: Record) -> Iterator[Sentence]:
        """A verification, from its start to its end."""
        yield Sentence(
            None,
            self.language.text(
                "heads",
                "verification",
                id=record["id"],
                phone=record["phone"],
                status=self._status(record["status"]),
            ),
        )
        if record["test"]:
            yield Sentence(None, self.language.text("heads", "test"))
        deliveries = {delivery["id"]: delivery for delivery in record["deliveries"]}
        for line in record["history"]:
            yield Sentence(line["at"], self._line(record, line, deliveries))
        yield Sentence(None, self._verdict(record))

    def delivery(self, record: Record) -> Iterator[Sentence]:
        """A single send."""
        values = {
            "channel": self._channel(record["channel"]),
            "phone": record["phone"],
            "provider": record["provider"],
        }
        status = self._status(record["status"])
        yield Sentence(
            None, self.language.text("heads", "delivery", id=record["id"], status=status, **values)
        )
        if record["test"]:
            yield Sentence(None, self.language.text("heads", "test"))
        key = "retried" if record["retry_of"] else "requested"
        yield Sentence(record["created_at"], self.language.text("events", key, **values))
        for entry in record["history"]:
            if entry["status"] == "reserved":
                continue
            yield Sentence(entry["at"], self._entry(record, entry))

    def refusal(self, record: Record) -> Sentence:
        """A send that a limit or a list refused, or would have refused."""
        channel = self._channel(record["channel"])
        if record["starts"]:
            what = self.language.text("refusals", "start", channel=channel)
        elif record["verification_id"]:
            what = self.language.text(
                "refusals",
                "step",
                channel=channel,
                step=record["step"],
                verification_id=record["verification_id"],
            )
        else:
            what = self.language.text("refusals", "single", channel=channel)
        limit = self.language.text("limits", record["limit"])
        key = "refused" if record["refused"] else "recorded"
        parts = [self.language.text("refusals", key, what=what, limit=limit)]
        if record["cap"] is not None and record["counted"] is not None:
            values = {"counted": record["counted"], "cap": record["cap"]}
            parts.append(self.language.text("refusals", "counted", **values))
        if record["retry_after"]:
            parts.append(self._room(record["retry_after"]))
        return Sentence(record["at"], " ".join(parts))

    def _line(self, record: Record, line: Record, deliveries: Mapping[str, Record]) -> str:
        delivery = deliveries.get(line["delivery_id"] or "")
        reason = line["reason"] or ""
        match line["event"]:
            case "started":
                steps = len(record["workflow"])
                return self.language.plural("events", "started", steps, phone=record["phone"])
            case "sent":
                return self.language.text(
                    "events",
                    "sent",
                    step=line["step"],
                    channel=self._channel(line["channel"]),
                    phone=record["phone"],
                    provider=delivery["provider"] if delivery else "?",
                    cause=self.language.text("causes", reason),
                )
            case "skipped":
                return self.language.text(
                    "events",
                    "skipped",
                    step=line["step"],
                    channel=self._channel(line["channel"]),
                    cause=self.language.text("skips", reason),
                )
            case "ended":
                return self.language.text("ends", self._end(reason))
            case "outcome":
                status, _, why = reason.partition(":")
                return self._outcome(delivery, status, why, line["at"])
        # A new word of a newer stack: its own sentence says it, in English.
        return self.language.text("events", line["event"], text=line["text"])

    def _end(self, reason: str) -> str:
        status, _, why = reason.partition(":")
        key = f"{status}_{why}"
        return key if self.language.knows("ends", key) else status

    def _entry(self, delivery: Record, entry: Record) -> str:
        reason = entry["reason"] or ""
        if reason.startswith("later_"):
            return self.language.text("events", "later", reason=reason)
        return self._outcome(delivery, entry["status"], reason, entry["at"])

    def _outcome(self, delivery: Record | None, status: str, reason: str, at: str) -> str:
        sentence = self.language.text("outcomes", status)
        if self.language.knows("reasons", reason):
            why = self.language.text("reasons", reason)
            # "The line was busy" says what its cause says.
            sentence += "" if why.lower() in sentence.lower() else f": {why}"
        sentence += f" ({reason})." if reason else "."
        cost = self._cost(delivery, at) if delivery else ""
        return f"{sentence} {cost}".rstrip()

    def _cost(self, delivery: Record, at: str) -> str:
        """The cost, which is known with the provider's first reply."""
        first = next((e["at"] for e in delivery["history"] if e["status"] != "reserved"), None)
        cost = delivery["cost"]
        if cost is None or at != first or not float(cost["amount"]):
            return ""
        return self.language.text(
            "costs", cost["kind"], amount=cost["amount"], currency=cost["currency"]
        )

    def _verdict(self, record: Record) -> str:
        """Whether the person has the code, as far as anybody knows."""
        status, reason = record["status"], record["reason"] or ""
        if status in ("pending", "expired"):
            statuses = [delivery["status"] for delivery in record["deliveries"]]
            if any(one in _ARRIVED for one in statuses):
                reach = "reached"
            else:
                reach = "maybe" if any(one in _MAYBE for one in statuses) else "not"
            return self.language.text("verdicts", f"{status}_{reach}")
        if reason == "replaced":
            return self.language.text("verdicts", "canceled_replaced")
        return self.language.text("verdicts", status)

    def _room(self, seconds: int) -> str:
        if seconds <= _MINUTE:
            return self.language.plural("refusals", "seconds", seconds)
        if seconds <= _HOUR:
            return self.language.plural("refusals", "minutes", -(-seconds // _MINUTE))
        return self.language.plural("refusals", "hours", -(-seconds // _HOUR))

    def _channel(self, channel: str | None) -> str:
        return self.language.text("channels", channel or "?")

    def _status(self, status: str) -> str:
        return self.language.text("statuses", status)
