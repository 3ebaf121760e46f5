"""Makes an edit of a function or of our layer live in the running local cloud.

Functions and layer are not taken from the archives that were deployed, but from `functions/` and
`layers/ringpass/`. A watcher looks at those folders; after an edit, workers that have the earlier
code end, and the next request starts one with the new code.

The fork server imports the layer once more before the one that is there is ended: an edit that
cannot be compiled or imported changes nothing but a line in `make logs`.

This file runs in the process of ministack (`local.ministack_server`).
"""

import importlib.util
import json
import os
import re
import threading
import time
import zipfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from local.environment import ACCOUNT, REGION, STACK_NAME

LOG_GROUP: Final = f"/aws/lambda/{STACK_NAME}-local-stack"
"""Where the watcher's lines go: `make logs` shows them among those of functions."""
SECONDS_BETWEEN_LOOKS: Final = 0.3

_FUNCTIONS: Final = "functions"
_LAYER: Final = "layers/ringpass/ringpass"
_DEPLOYED: Final = (
    *("template.yaml", "observability/template.yaml", "samconfig.toml"),
    *("layers/dependencies/requirements.txt", "layers/dependencies/cognito.txt"),
)
"""Files whose edits have to be deployed."""
_FUNCTION_NAME: Final = re.compile(rf"{STACK_NAME}-(\w+)Function-[0-9A-F]+")
"""As CloudFormation names a function: by its logical id, which is made of its folder's name."""
_WORKER_FOLDER: Final = re.compile(r"ministack-lambda-(.+)-\w{8}")
_IN_OUR_LAYER: Final = "python/ringpass/"
_STILL_WORKS_SECONDS: Final = 60.0

type _Seen = Mapping[Path, tuple[int, int]]
"""Files by when they were changed, and how long they are."""


@dataclass(frozen=True)
class LiveSources:
    """Finds the folder of the repository that an archive was made from.

    Args:
        root: The repository.
        layer: A folder of this stack's own, which becomes our layer: `python/ringpass` in it is a
            link to the sources.
    """

    root: Path
    layer: Path

    def folder_of(self, archive: Path, target: Path) -> Path | None:
        """The folder to be used in place of an archive that ministack unpacks to `target`."""
        if target.name == "code":
            match = _WORKER_FOLDER.fullmatch(target.parent.name)
            name = folder_name(match[1]) if match else ""
            folder = self.root / _FUNCTIONS / name
            return folder if name and (folder / "app.py").is_file() else None
        with zipfile.ZipFile(archive) as content:
            is_ours = any(name.startswith(_IN_OUR_LAYER) for name in content.namelist())
        return self._linked_layer() if is_ours else None

    def _linked_layer(self) -> Path:
        link = self.layer / "python" / "ringpass"
        if not link.is_symlink():
            link.parent.mkdir(parents=True, exist_ok=True)
            link.symlink_to(self.root / _LAYER)
        return self.layer


def folder_name(function: str) -> str:
    """The folder of a function with this name in the local cloud; or nothing."""
    match = _FUNCTION_NAME.fullmatch(function)
    return re.sub(r"(?<!^)(?=[A-Z])", "_", match[1]).lower() if match else ""


def sources(root: Path) -> _Seen:
    """All files whose edits matter."""
    return dict(_seen(root))


def _seen(root: Path) -> Iterator[tuple[Path, tuple[int, int]]]:
    for folder in (_FUNCTIONS, _LAYER):
        for parent, folders, names in os.walk(root / folder):
            folders[:] = [name for name in folders if name != "__pycache__"]
            yield from _stats(Path(parent, name) for name in names)
    yield from _stats(root / name for name in _DEPLOYED)


def _stats(paths: Iterable[Path]) -> Iterator[tuple[Path, tuple[int, int]]]:
    for path in paths:
        try:
            status = path.stat()
        except OSError:
            continue  # It has just been removed or renamed: the next look sees that.
        yield path, (status.st_mtime_ns, status.st_size)


def fault_in(path: Path) -> str:
    """Why Python cannot compile a file: line and reason; or nothing."""
    try:
        compile(path.read_bytes(), path, "exec", dont_inherit=True)
    except SyntaxError as error:
        return f"line {error.lineno}: {error.msg}"
    except (OSError, ValueError) as error:
        return str(error)
    return ""


def faults(root: Path) -> Iterator[str]:
    """What Python cannot compile of the sources: file, line and reason."""
    for path in sorted(sources(root)):
        if path.suffix == ".py" and (fault := fault_in(path)):
            yield f"{path.relative_to(root).as_posix()}: {fault}"


@dataclass
class SourceWatcher:
    """Sees edits, and has the new code taken.

    Args:
        root: The repository.
        renew: Imports the layer anew; gives why it cannot be, or nothing.
        retire: Ends the workers of these functions, or of all (None).
        say: Takes a line: level, text.
    """

    root: Path
    renew: Callable[[], str]
    retire: Callable[[set[str] | None], None]
    say: Callable[[str, str], None]
    _live: _Seen = field(init=False)
    """What the workers have."""
    _last: _Seen = field(init=False)
    """What was seen the last time."""
    _tried: _Seen = field(init=False)

    def __post_init__(self) -> None:
        self._live = self._last = self._tried = sources(self.root)

    def run(self) -> None:
        """Look until the process ends."""
        while True:
            time.sleep(SECONDS_BETWEEN_LOOKS)
            try:
                self.look()
            except Exception as error:  # noqa: BLE001 - the next edit must be seen, too
                self.say("ERROR", f"an edit could not be taken: {error!r}")

    def look(self) -> None:
        """Look once. An edit is taken when two looks see the same: editors write in steps."""
        now = sources(self.root)
        is_settled, self._last = now == self._last, now
        if is_settled and now != self._tried:
            self._tried = now
            self._take(now)

    def _take(self, now: _Seen) -> None:
        started = time.monotonic()
        edited = sorted(
            path for path in now.keys() | self._live.keys() if now.get(path) != self._live.get(path)
        )
        names = {path: path.relative_to(self.root).as_posix() for path in edited}
        for path in edited:
            if names[path] in _DEPLOYED:
                self.say("WARNING", f"{names[path]} has changed: `make up` deploys it")
        code = [path for path in edited if path.suffix == ".py"]
        faults = {path: fault for path in code if path in now and (fault := fault_in(path))}
        for path, fault in faults.items():
            self.say("ERROR", f"{names[path]}: {fault}: the earlier code goes on")
        if faults:
            return
        for path in code:
            # Bytecode tells edits of one second apart by their length alone.
            Path(importlib.util.cache_from_source(path)).unlink(missing_ok=True)
        if any(names[path].startswith(f"{_LAYER}/") for path in edited):
            if reason := self.renew():
                lines = reason.strip().splitlines()
                text = f"{lines[-1]}: the earlier code goes on"
                self.say("ERROR", f"the layer cannot be imported: {text}\n{reason}")
                return
            self.retire(None)
        elif functions := {
            path.relative_to(self.root).parts[1]
            for path in edited
            if names[path].startswith(f"{_FUNCTIONS}/")
        }:
            self.retire(functions)
        self._live = now
        if code:
            shown = ", ".join(names[path] for path in code[:3])
            more = f" and {len(code) - 3} more" if len(code) > 3 else ""  # noqa: PLR2004
            self.say("INFO", f"live after {time.monotonic() - started:.1f} s: {shown}{more}")


def retire(runtime: Any, functions: set[str] | None) -> None:  # noqa: ANN401 - has no types
    """End the workers of these functions (names of folders), or of all.

    One that has a request in work ends after it.
    """
    with runtime._lock:  # noqa: SLF001
        keys = [
            key
            for key in runtime._workers  # noqa: SLF001
            if functions is None or folder_name(key.split(":")[2]) in functions
        ]
        workers = [worker for key in keys for worker in runtime._workers.pop(key)]  # noqa: SLF001
        busy = [worker for worker in workers if worker.in_use]
    runtime.kill_workers([worker for worker in workers if worker not in busy])
    if busy:
        threading.Thread(target=_end_after_work, args=(runtime, busy), daemon=True).start()


def _end_after_work(runtime: Any, workers: list[Any]) -> None:  # noqa: ANN401
    deadline = time.monotonic() + _STILL_WORKS_SECONDS
    while any(worker.in_use for worker in workers) and time.monotonic() < deadline:
        time.sleep(0.05)
    runtime.kill_workers(workers)


def line_writer(logs: Any, responses: Any) -> Callable[[str, str], None]:  # noqa: ANN401
    """A function (level, text) that writes lines to the local cloud's own log group."""

    def write(level: str, text: str) -> None:
        message, _, exception = text.partition("\n")
        record = {"level": level, "message": message}
        if exception:
            record["exception"] = exception
        event = {"timestamp": int(time.time() * 1000), "message": json.dumps(record)}
        stream = {"logGroupName": LOG_GROUP, "logStreamName": "local-stack"}
        with responses.request_scope(ACCOUNT, REGION):
            # Either is there already, but for the first line: then they say so.
            logs._create_log_group({"logGroupName": LOG_GROUP})  # noqa: SLF001
            logs._create_log_stream(stream)  # noqa: SLF001
            logs._put_log_events({**stream, "logEvents": [event]})  # noqa: SLF001
        print(f"{level} {text}", flush=True)

    return write
