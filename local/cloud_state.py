"""Keeps what the local cloud holds over restarts: the table, secrets, queues, the deployed stack.

ministack can do that (`PERSIST_STATE`), with three things to add. It saves while functions run, so
that one part of its state is older than another; here it saves while none runs. It saves only when
it is stopped; here also while it runs, in case the machine is switched off. It forgets the records
of a table's stream, but not how many of them were read, and would pass over as many new ones; here
those that are still to be read are kept.

This file runs in the process of ministack (`local.ministack_server`).
"""

import logging
import os
import re
import signal
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any, Final

from local.ports import LOOPBACK

END_SIGNAL: Final = signal.SIGUSR1
"""Asks ministack to save all once no function runs, and to end. It goes on if it cannot save."""

_SECONDS_BETWEEN: Final = 20.0
_PATIENCE: Final = 8.0
"""Seconds that running functions have to end before all is saved for the last time."""
_STREAM: Final = "stream"

_log = logging.getLogger("state")

type _Save = Callable[[Mapping[str, Callable[[], Any]]], None]


class _Failures(logging.Handler):
    """Counts what ministack could not save: it catches every exception, and only logs it."""

    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.count = 0
        logging.getLogger("persistence").addHandler(self)

    def emit(self, _: logging.LogRecord) -> None:
        self.count += 1


class StateKeeper:
    """Saves ministack's state at moments in which no function runs.

    Args:
        app: ministack's module of that name.
        dynamodb: ministack's module of the table.
        pause: Gives a block (seconds to wait at most -> whether no function runs in it).
    """

    def __init__(
        self,
        app: Any,  # noqa: ANN401 - has no types
        dynamodb: Any,  # noqa: ANN401
        pause: Callable[[float], AbstractContextManager[bool]],
    ) -> None:
        self._app = app
        self._dynamodb = dynamodb
        self._pause = pause
        self._save: _Save = app.save_all
        self._saved_at_write = -1
        self._failures = _Failures()
        self._lock = threading.Lock()

    def install(self) -> None:
        """Save when ministack is stopped, or asked to end, and every few seconds."""
        self._app.save_all = lambda _: self.save(0.5)
        threading.Thread(target=self._save_often, daemon=True, name="state").start()
        signal.signal(END_SIGNAL, lambda *_: threading.Thread(target=self._end).start())

    def save(self, patience: float, *, only_at_rest: bool = False) -> bool:
        """Save all, once no function runs or `patience` is over. Returns whether it was saved.

        Args:
            patience: Seconds.
            only_at_rest: Do not save while a function runs.
        """
        with self._lock, self._pause(patience) as is_at_rest:
            if only_at_rest and not is_at_rest:
                return False
            return self._save_now()

    def _save_now(self) -> bool:
        is_saved = self._try_to_save() or self._try_to_save()
        if not is_saved:
            _log.error("What the local cloud holds could not be saved: the reasons are above")
        return is_saved

    def _try_to_save(self) -> bool:
        writes, failures = self._writes(), self._failures.count
        self._save(self._app._build_persistence_save_dict())  # noqa: SLF001
        if self._failures.count > failures:
            return False
        self._saved_at_write = writes
        return True

    def _save_often(self) -> None:
        while True:
            time.sleep(_SECONDS_BETWEEN)
            if self._writes() != self._saved_at_write:
                self.save(2.0, only_at_rest=True)

    def _writes(self) -> int:
        """How often the table was written."""
        count: int = self._dynamodb._stream_seq_counter  # noqa: SLF001
        return count

    def _end(self) -> None:
        with self._lock, self._pause(_PATIENCE):
            if self._save_now():
                os._exit(0)  # No function may run after that: what it wrote would be lost.


def keep_stream_records(dynamodb: Any, lambdas: Any) -> None:  # noqa: ANN401
    """Let ministack keep those records of a stream that a function has still to read."""
    get_state: Callable[[], dict[str, Any]] = dynamodb.get_state
    load: Callable[[dict[str, Any]], None] = dynamodb.load_persisted_state

    def get_state_with_records() -> dict[str, Any]:
        return get_state() | {_STREAM: list(_unread_records(dynamodb, lambdas))}

    def load_with_records(data: dict[str, Any]) -> None:
        load(data)
        for account, region, table, position, records in data.get(_STREAM, ()):
            dynamodb._stream_records.set_scoped(account, region, table, records)  # noqa: SLF001
            dynamodb._stream_trimmed.set_scoped(account, region, table, position)  # noqa: SLF001

    dynamodb.get_state = get_state_with_records
    dynamodb.load_persisted_state = load_with_records


def _unread_records(
    dynamodb: Any,  # noqa: ANN401
    lambdas: Any,  # noqa: ANN401
) -> Iterator[tuple[str, str, str, int, list[Any]]]:
    """Account, region, table, position of the first record that one still has to read, records."""
    positions: dict[str, list[int]] = {}
    for mapping in lambdas._esms._data.values():  # noqa: SLF001
        stream = re.search(r":table/([^/]+)/stream/", mapping.get("EventSourceArn", ""))
        for (*_, mapping_id), position in lambdas._dynamodb_stream_positions._data.items():  # noqa: SLF001
            if stream and mapping_id == mapping["UUID"]:
                positions.setdefault(stream[1], []).append(position)
    for (account, region, table), records in list(dynamodb._stream_records.all_items()):  # noqa: SLF001
        trimmed: int = dynamodb._stream_trimmed.get_scoped(account, region, table, 0)  # noqa: SLF001
        first = max(trimmed, min([trimmed + len(records), *positions.get(table, ())]))
        yield account, region, table, first, records[first - trimmed :]


def forget_logs(logs: Any) -> None:  # noqa: ANN401
    """Let ministack keep no lines of logs: `make logs` shows those since the start."""
    get_state: Callable[[], dict[str, Any]] = logs.get_state

    def get_state_without_lines() -> dict[str, Any]:
        state = get_state()
        for _, group in state["log_groups"].all_items():
            group["streams"] = {}
        state["log_records"].clear()
        return state

    logs.get_state = get_state_without_lines


def move(folder: Path, old_port: int, new_port: int) -> None:
    """Lead everything in a saved state to another port of this machine.

    Addresses stand in settings of functions, URLs of queues, parameters and outputs.
    """
    for path in sorted(folder.glob("*.json")):
        text = path.read_text(encoding="utf-8")
        unfinished = path.with_suffix(".unfinished")
        unfinished.write_text(moved(text, old_port, new_port), encoding="utf-8")
        unfinished.replace(path)


def moved(text: str, old_port: int, new_port: int) -> str:
    """A text whose addresses on this machine have another port."""
    address = rf"{re.escape(LOOPBACK)}:{old_port}(?!\d)"
    return re.sub(address, f"{LOOPBACK}:{new_port}", text)
