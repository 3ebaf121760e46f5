"""Runs ministack, in its own virtual environment, with nine things changed.

For `make up` there are two more: what it holds outlives it (`local.cloud_state`), and edits of the
sources are live (`local.live_code`).

It unpacks a function and its layers anew for each worker, thousands of files each time, and does
so for many workers at once in one Python process. Here they are unpacked once and linked. As in
Lambda, all workers of a function see the same `/opt` and code, which nobody writes to.

It starts a new interpreter for each worker, which imports the same libraries as all others. Here
a fork server has imported them (`local.fork_server`), where the system can tell of a process that
is another's child (Linux).

It enforces the functions' roles, but for the condition `dynamodb:LeadingKeys`, which it does not
know and takes for met. Here a request names the keys that it touches, as in AWS.

It forgets what it has allowed. Here each kind of call that a role makes is noted once, so that
policies can be compared with what functions do.

It starts a worker for each request that finds none free, however many start already: on a small
machine each of them takes the longer, and their requests time out. Here only a few start at once,
and a request that waits for its turn takes a worker that gets free in the meantime.

It wants something behind the slash where a greedy path variable stands. In AWS the route
`/metrics/{proxy+}` answers `/metrics/`, and so it does here.

It waits 50 ms after each invocation for what the function may have logged, twice for each request:
the authorizer seldom says anything. What a function logs is in its pipe before its answer, so here
an empty pipe is waited for only as long as it takes to hand on what was read from it.

It leaves a parameter of the type `Number` a text, and then cannot compare `MaximumConcurrency` with
what a queue has in work. Here that is a number, as in CloudFormation.

It looks at streams once a second, so that whatever follows from a write is waited for half a second
on average, at each step. Here it looks four times as often: Lambda's own delay is about that.

It makes up the id and the material of each KMS key. Here one key is always the same, so that the
files of events/cognito_sender can hold what it has encrypted.
"""

import fcntl
import hashlib
import importlib
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import termios
import threading
import types
import zipfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import IO, Any, Self

from local.cloud_state import StateKeeper, forget_logs, keep_stream_records
from local.environment import ACCOUNT, REGION
from local.fork_server import ForkServers
from local.live_code import LiveSources, SourceWatcher, line_writer, retire
from local.paths import ROOT
from local.quick_yaml import use_libyaml

PARTITION_KEY = "PK"
"""Of the table in template.yaml."""
_QUERIED = re.compile(rf"{PARTITION_KEY} = (:\w+)")
CALLS_VARIABLE = "LOCAL_CLOUD_CALLS_FILE"
"""Says where calls are noted; functions do not see it."""
LIVE_VARIABLE = "LOCAL_CLOUD_LIVE_FOLDER"
"""Says that the sources are run as they stand in the repository (`local.live_code`), and which
folder the link to our layer is put into."""
MOST_CALLS = 10_000
"""More kinds of calls than this are not noted: something has gone wrong then."""

KEY_ID = "c0911700-0000-4000-8000-000000000001"
KEY_ARN = f"arn:aws:kms:{REGION}:{ACCOUNT}:key/{KEY_ID}"
"""The KMS key that every local stack has."""

_PATIENCE = 60.0
"""Seconds that a request waits for its turn to start a worker, or for one that gets free."""

_LOG_SECONDS = 0.05
"""How long the first line of a log is waited for, if there is one."""
_HAND_ON_SECONDS = 0.005
"""How long a line that was taken out of its pipe may take to where it is waited for."""

_STREAM_SECONDS = 0.25
"""How often streams are looked at. A batch still holds what one request has written."""

_lock = threading.Lock()


def unpacked_name(digest: bytes) -> str:
    """The name of the folder that has the content of an archive with this SHA-256."""
    return digest.hex()[:32]


class UnpackedOnce:
    """Stands in for `zipfile.ZipFile` where ministack reads a function's archives.

    Archives with the same content are unpacked once; `extractall` makes its (empty) target a
    link to that, or to the sources of the archive, if they are live.
    """

    def __init__(self, path: str, *, sources: LiveSources | None = None) -> None:
        self._path = Path(path)
        self._sources = sources

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        return None

    def namelist(self) -> list[str]:
        """Nothing to be checked: archives are ours, and `zipfile` keeps them in their folder."""
        return []

    def extractall(self, target: str) -> None:
        """Make `target` the content of the archive."""
        link = Path(target)
        live = self._sources and self._sources.folder_of(self._path, link)
        content = live or self._unpacked()
        link.rmdir()
        link.symlink_to(content)
        self._path.unlink()

    def _unpacked(self) -> Path:
        name = unpacked_name(hashlib.sha256(self._path.read_bytes()).digest())
        unpacked = Path(tempfile.gettempdir()) / "unpacked" / name
        with _lock:
            if not unpacked.exists():
                unfinished = unpacked.with_suffix(".unfinished")
                shutil.rmtree(unfinished, ignore_errors=True)
                with zipfile.ZipFile(self._path) as archive:
                    archive.extractall(unfinished)
                unfinished.rename(unpacked)
        return unpacked


def leading_keys(body: bytes) -> list[str]:
    """The partition keys of the items that a DynamoDB request touches.

    A query of the table has the one that it asks for; one of an index, and a scan, have none.
    """
    try:
        request = json.loads(body)
    except ValueError:
        return []
    return list(_keys_in(request)) if isinstance(request, dict) else []


def _keys_in(request: Mapping[str, Any]) -> Iterator[str]:
    for member in ("Key", "Item"):
        value = request.get(member, {}).get(PARTITION_KEY, {})
        yield from value.values()
    if "IndexName" not in request:
        condition = _QUERIED.match(request.get("KeyConditionExpression", ""))
        values = request.get("ExpressionAttributeValues", {})
        yield from values.get(condition[1], {}).values() if condition else ()
    for actions in request.get("TransactItems", []):
        for action in actions.values():
            yield from _keys_in(action)
    for table_request in request.get("RequestItems", {}).values():
        for key in table_request.get("Keys", []) if isinstance(table_request, dict) else []:
            yield from key.get(PARTITION_KEY, {}).values()


class Calls:
    """Notes the calls of roles in a file of JSON lines, each kind of call once.

    A line is `{"action", "allowed", "keys", "resource", "role"}`. Of a leading key only what goes
    before its first `#` (and that) is noted: the rest is different each time.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = threading.Lock()
        self._noted: set[str] = set()

    def note(
        self, role: str, action: str, resource: str, keys: Iterable[str], *, allowed: bool
    ) -> None:
        """Note a call, if there was none like it."""
        kinds = sorted({"".join(key.partition("#")[:2]) for key in keys})
        call = {
            "action": action,
            "allowed": allowed,
            "keys": kinds,
            "resource": resource,
            "role": role,
        }
        line = json.dumps(call)
        with self._lock:
            if line in self._noted or len(self._noted) >= MOST_CALLS:
                return
            self._noted.add(line)
            with self._path.open("a", encoding="utf-8") as file:
                file.write(f"{line}\n")


def take_a_last_slash() -> None:
    """Let a greedy path variable of an HTTP API match nothing, behind its slash."""
    gateway: Any = importlib.import_module("ministack.services.apigateway")
    gateway._extract_path_params = with_last_slash(gateway._extract_path_params)  # noqa: SLF001


def with_last_slash(
    extract: Callable[[str, str], dict[str, str] | None],
) -> Callable[[str, str], dict[str, str] | None]:
    """``extract`` (route, path -> variables), which also takes an empty greedy variable."""

    def extract_or_empty(route: str, path: str) -> dict[str, str] | None:
        if not (route.endswith("+}") and path.endswith("/")):
            return extract(route, path)
        variables = extract(route, f"{path}_")
        return variables and {name: value.removesuffix("_") for name, value in variables.items()}

    return extract_or_empty


def know_leading_keys() -> None:
    """Let ministack see the partition keys that a request touches."""
    actions: Any = importlib.import_module("ministack.core.iam_actions")
    context_of: Callable[[bytes], dict[str, Any]] = actions.dynamodb_service_context

    def with_leading_keys(body: bytes) -> dict[str, Any]:
        keys = leading_keys(body)
        return context_of(body) | ({"dynamodb:LeadingKeys": keys} if keys else {})

    actions.dynamodb_service_context = with_leading_keys


def note_calls(calls: Calls) -> None:
    """Let ministack note what it allows to roles, and what it does not."""
    evaluator: Any = importlib.import_module("ministack.core.iam_evaluator")
    responses: Any = importlib.import_module("ministack.core.responses")
    enforce: Callable[..., object] = evaluator.enforce

    def enforce_and_note(
        access_key_id: str,
        iam_action: str,
        service: str,
        region: str,
        resource_arn: str = "*",
        service_context: Mapping[str, Any] | None = None,
    ) -> object:
        refusal = enforce(access_key_id, iam_action, service, region, resource_arn, service_context)
        caller = evaluator.resolve_credential(access_key_id or "", responses.get_account_id())
        if getattr(caller, "principal_type", "") == "AssumedRole":
            role = role_in(caller.principal_arn)
            keys = (service_context or {}).get("dynamodb:LeadingKeys", ())
            calls.note(role, iam_action, resource_arn, keys, allowed=refusal is None)
        return refusal

    evaluator.enforce = enforce_and_note


def role_in(arn: str) -> str:
    """The role's name in the ARN of one who has assumed it."""
    return arn.partition(":assumed-role/")[2].partition("/")[0]


class FewStarts:
    """Stands in for the functions with which ministack leases its workers.

    Args:
        runtime: ministack's module that has them.
        most: How many workers may start at once.
    """

    def __init__(self, runtime: Any, most: int) -> None:  # noqa: ANN401 - has no types
        self._runtime = runtime
        self._most = most
        self._acquire: Callable[..., tuple[Any, str]] = runtime.acquire_worker
        self._release: Callable[[Any], None] = runtime.release_worker
        self._starting: set[int] = set()
        self._changed = threading.Condition()

    def acquire(
        self,
        name: str,
        config: Any,  # noqa: ANN401
        code: bytes,
        qualifier: str = "$LATEST",
        **others: Any,  # noqa: ANN401
    ) -> tuple[Any, str]:
        """Lease a worker: one that is free, or a new one once few enough are starting."""
        with self._changed:
            self._changed.wait_for(lambda: self._may_go_on(name, config, qualifier), _PATIENCE)
            worker, reason = self._acquire(name, config, code, qualifier=qualifier, **others)
            if reason == "spawn":
                self._starting.add(id(worker))
            return worker, reason

    def _may_go_on(self, name: str, config: Any, qualifier: str) -> bool:  # noqa: ANN401
        workers = self._runtime._workers.get(self._runtime._worker_key(name, config, qualifier), ())  # noqa: SLF001
        return len(self._starting) < self._most or any(not each.in_use for each in list(workers))

    def release(self, worker: Any) -> None:  # noqa: ANN401
        """Give a worker back."""
        self._release(worker)
        self.started(worker)

    def started(self, worker: Any) -> None:  # noqa: ANN401
        """A worker takes requests from now on, or never will."""
        with self._changed:
            self._starting.discard(id(worker))
            self._changed.notify_all()

    @contextmanager
    def nobody_works(self, seconds: float) -> Iterator[bool]:
        """A block in which no worker is leased. Gives whether all were free within `seconds`."""
        with self._changed:
            yield self._changed.wait_for(lambda: not self._runtime.workers_in_use(), seconds)


def start_few_at_once(runtime: Any) -> FewStarts:  # noqa: ANN401
    """Let ministack start no more workers at once than there are processors."""
    few = FewStarts(runtime, max(2, os.cpu_count() or 1))
    spawn: Callable[[Any], None] = runtime.Worker._spawn  # noqa: SLF001

    def spawn_and_tell(worker: Any) -> None:  # noqa: ANN401
        try:
            spawn(worker)
        finally:
            few.started(worker)

    runtime.Worker._spawn = spawn_and_tell  # noqa: SLF001
    runtime.acquire_worker = few.acquire
    runtime.release_worker = few.release
    return few


def is_unread(pipe: IO[str] | None) -> bool:
    """Whether there is something in a pipe that nobody has taken out yet."""
    if pipe is None or pipe.closed:
        return False
    waiting = fcntl.ioctl(pipe.fileno(), termios.FIONREAD, bytes(4))
    return int.from_bytes(waiting, sys.byteorder) > 0


def wait_for_no_log(runtime: Any) -> None:  # noqa: ANN401
    """Let ministack wait for a function's log only if the function has written one."""
    drain: Callable[..., str] = runtime.Worker._drain_stderr_bounded  # noqa: SLF001

    def drain_what_was_written(worker: Any) -> str:  # noqa: ANN401
        process = worker._proc  # noqa: SLF001
        wrote = process is not None and is_unread(process.stderr)
        return drain(worker, first_line_wait=_LOG_SECONDS if wrote else _HAND_ON_SECONDS)

    runtime.Worker._drain_stderr_bounded = drain_what_was_written  # noqa: SLF001


def read_concurrency_as_number(lambdas: Any) -> None:  # noqa: ANN401
    """Let ministack take the limit of a queue's mapping for a number, also from a parameter."""
    limit: Callable[..., int] = lambdas._sqs_esm_concurrency  # noqa: SLF001

    def limit_as_number(mapping: Mapping[str, Any], *others: Any) -> int:  # noqa: ANN401
        scaling = mapping.get("ScalingConfig") or {}
        numbers = {name: int(value) for name, value in scaling.items()}
        return limit({**mapping, "ScalingConfig": numbers}, *others)

    lambdas._sqs_esm_concurrency = limit_as_number  # noqa: SLF001


def look_at_streams_often(lambdas: Any) -> None:  # noqa: ANN401
    """Let ministack wait less long between two looks at streams in which there is nothing."""
    wait: Callable[[float], bool] = lambdas._esm_wake.wait  # noqa: SLF001
    lambdas._esm_wake.wait = lambda seconds: wait(min(seconds, _STREAM_SECONDS))  # noqa: SLF001


def have_a_key(kms: Any) -> None:  # noqa: ANN401
    """Let ministack have a KMS key with a known id and material."""
    with kms.request_scope(ACCOUNT, REGION):
        kms._create_key({"Description": "Cognito's, on every local stack"})  # noqa: SLF001
        [(made_up_id, key)] = kms._keys.items()  # noqa: SLF001
        del kms._keys[made_up_id]  # noqa: SLF001
        kms._keys[KEY_ID] = key | {  # noqa: SLF001
            "KeyId": KEY_ID,
            "Arn": KEY_ARN,
            "_symmetric_key": hashlib.sha256(KEY_ID.encode()).digest(),
        }


def main() -> None:
    """Run ministack until it is told to stop."""
    use_libyaml()
    know_leading_keys()
    take_a_last_slash()
    calls_file = os.environ.pop(CALLS_VARIABLE, None)
    if calls_file is not None:
        note_calls(Calls(Path(calls_file)))
    live_folder = os.environ.pop(LIVE_VARIABLE, None)
    sources = LiveSources(ROOT, Path(live_folder)) if live_folder else None

    runtime: Any = importlib.import_module("ministack.core.lambda_runtime")
    zipfile_module = types.SimpleNamespace(**vars(zipfile))
    zipfile_module.ZipFile = partial(UnpackedOnce, sources=sources)
    runtime.zipfile = zipfile_module
    fork_servers = ForkServers()
    if hasattr(os, "pidfd_open"):
        runtime.subprocess = types.SimpleNamespace(**vars(subprocess))
        runtime.subprocess.Popen = fork_servers.popen
    few = start_few_at_once(runtime)
    wait_for_no_log(runtime)
    lambdas: Any = importlib.import_module("ministack.services.lambda_svc")
    read_concurrency_as_number(lambdas)
    look_at_streams_often(lambdas)
    have_a_key(importlib.import_module("ministack.services.kms"))
    server: Any = importlib.import_module("ministack.app")
    logs: Any = importlib.import_module("ministack.services.cloudwatch_logs")
    if os.environ.get("PERSIST_STATE") == "1":
        dynamodb: Any = importlib.import_module("ministack.services.dynamodb")
        keep_stream_records(dynamodb, lambdas)
        forget_logs(logs)
        StateKeeper(server, dynamodb, few.nobody_works).install()
    if sources is not None:
        responses: Any = importlib.import_module("ministack.core.responses")
        watcher = SourceWatcher(
            root=sources.root,
            renew=fork_servers.renew,
            retire=partial(retire, runtime),
            say=line_writer(logs, responses),
        )
        threading.Thread(target=watcher.run, daemon=True, name="source-watcher").start()
    sys.argv = ["ministack"]
    server.main()


if __name__ == "__main__":
    main()
