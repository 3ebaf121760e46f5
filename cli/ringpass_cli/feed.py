"""New events of a stack, by asking for them again and again: it works without a public address."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final

from ringpass_cli.api import Api
from ringpass_cli.errors import CliError, ExitCode
from ringpass_cli.times import to_text

type Event = dict[str, Any]

_LATE: Final = timedelta(seconds=60)
"""An event is listed a second or two after it happened; after a failure of the outbox later."""
POLL_SECONDS: Final = 1.0
_PAUSE_SECONDS: Final = 5.0
"""After a failure of the API."""


@dataclass
class EventFeed:
    """Events of a stack, each once, in the order of their time.

    Attributes:
        api: Where they are asked for.
        since: Events since then.
        types: Their types, such as ``verification.*``; none: all.
        subject: Only events about this record.
        late: How far back to look again for events that were listed late.
    """

    api: Api
    since: datetime
    types: Sequence[str] = ()
    subject: str | None = None
    late: timedelta = _LATE
    _seen: dict[str, datetime] = field(default_factory=dict)
    _newest: datetime | None = None

    def poll(self) -> list[Event]:
        """Events that were not returned before, oldest first."""
        start = max(self.since, self._newest - self.late) if self._newest else self.since
        query: dict[str, object] = {"from": to_text(start), "subject": self.subject}
        if len(self.types) == 1:
            query["type"] = self.types[0]
        new = [
            event
            for event in self.api.items("/v1/events", query)
            if event["id"] not in self._seen and self._is_wanted(event["type"])
        ]
        for event in new:
            at = datetime.fromisoformat(event["timestamp"])
            self._seen[event["id"]] = at
            self._newest = at if self._newest is None else max(self._newest, at)
        self._seen = {name: at for name, at in self._seen.items() if at >= start}
        return sorted(new, key=lambda event: (event["timestamp"], event["sequence"]))

    def follow(
        self, pause: Callable[[float], None], warn: Callable[[str], None]
    ) -> Iterator[Event]:
        """All events, and those that follow, without an end; failures of the API are waited out.

        Raises:
            CliError: the API refuses: waiting would not help.
        """
        is_away = False
        while True:
            try:
                events = self.poll()
            except CliError as error:
                if error.exit_code is not ExitCode.UNREACHABLE:
                    raise
                if not is_away:
                    warn(f"{error}; asking again every {_PAUSE_SECONDS:.0f} s")
                is_away = True
                pause(_PAUSE_SECONDS)
                continue
            if is_away:
                warn("It answers again.")
                is_away = False
            yield from events
            pause(POLL_SECONDS)

    def _is_wanted(self, event_type: str) -> bool:
        return not self.types or any(_matches(event_type, wanted) for wanted in self.types)


def _matches(event_type: str, wanted: str) -> bool:
    if wanted.endswith("*"):
        return event_type.startswith(wanted.removesuffix("*"))
    return event_type == wanted
