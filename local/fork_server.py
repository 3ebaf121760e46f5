"""Starts the processes of functions by a fork server, as `multiprocessing` has one.

Most of what a function's first request takes is the import of its layers, which are the same each
time. Here one process for each set of layers has imported them, and forks itself for each worker.
The function's code is imported by each worker. In Lambda a cold start has all of it to do
(`make bench` measures those).

The fork server is this file, run as a program. It first writes to its socket whether it could
import everything: nothing, or the traceback. Then it gets a request for each worker: JSON
`{"env", "folder", "program"}` with the worker's stdin, stdout and stderr, and answers the worker's
id as text with a descriptor of the process (`pidfd_open(2)`).
"""

import gc
import importlib
import json
import os
import pkgutil
import runpy
import select
import signal
import socket
import subprocess
import sys
import threading
import traceback
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any, Final, get_args

LAYERS_VARIABLE: Final = "_LAMBDA_LAYERS_DIRS"
"""Where ministack tells a worker the folders of its layers."""

_LIBRARIES: Final = (
    "aws_lambda_powertools.logging",
    "aws_lambda_powertools.utilities.batch",
    "botocore.session",
    "httpcore",
    "httpx",
    "phonenumbers",
    "pydantic",
)
"""Some import their own modules only when they are first used: those are named here, too."""
_LAYER: Final = "ringpass"
"""Our own layer. None of its modules reads a variable of the environment while it is imported, so
that all of them can be shared by functions."""
_MOST_BYTES: Final = 200_000
"""A request is one message: an environment and two paths."""
_READY: Final = b"ready"
_LONGEST_REASON: Final = 4_000
"""Characters of a traceback that are handed on."""


class ForkedProcess:
    """A worker, with what ministack uses of `subprocess.Popen`."""

    def __init__(self, pid: int, descriptor: int, pipes: Sequence[int]) -> None:
        self.pid = pid
        self._descriptor = descriptor
        to_stdin, of_stdout, of_stderr = pipes
        self.stdin = os.fdopen(to_stdin, "w", buffering=1, encoding="utf-8")
        self.stdout = os.fdopen(of_stdout, encoding="utf-8")
        self.stderr = os.fdopen(of_stderr, encoding="utf-8")

    def __del__(self) -> None:
        os.close(self._descriptor)

    def poll(self) -> int | None:
        """None while it runs, then 0: only the fork server could know how it ended."""
        return 0 if self._has_ended(0) else None

    def wait(self, timeout: float | None = None) -> int:
        """Wait for its end.

        Raises:
            subprocess.TimeoutExpired: It runs on.
        """
        if not self._has_ended(timeout):
            raise subprocess.TimeoutExpired("worker", timeout or 0)
        return 0

    def terminate(self) -> None:
        """Ask it to end."""
        self._send(signal.SIGTERM)

    def kill(self) -> None:
        """End it."""
        self._send(signal.SIGKILL)

    def _send(self, number: signal.Signals) -> None:
        if self.poll() is None:
            signal.pidfd_send_signal(self._descriptor, number)

    def _has_ended(self, timeout: float | None) -> bool:
        waiting = select.poll()
        waiting.register(self._descriptor, select.POLLIN)
        return bool(waiting.poll(None if timeout is None else timeout * 1000))


class ForkServer:
    """One fork server with its libraries.

    Args:
        python: The interpreter of the workers.
        layers: Folders of layers with the libraries.
    """

    def __init__(self, python: str, layers: Sequence[str]) -> None:
        self._lock = threading.Lock()
        self._is_ready = False
        self._socket, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with theirs:
            # -P: what stands beside this file must not be found by functions.
            self._process = subprocess.Popen(
                [python, "-P", __file__, str(theirs.fileno()), *layers],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                pass_fds=[theirs.fileno()],
            )

    def is_alive(self) -> bool:
        """Whether it can start workers."""
        return self._process.poll() is None

    def wait_ready(self) -> str:
        """Wait until it has imported everything. Returns why it cannot, or nothing."""
        with self._lock:
            if self._is_ready:
                return ""
            try:
                message = self._socket.recv(_MOST_BYTES)
            except OSError as error:
                return str(error)
            self._is_ready = message == _READY
            if self._is_ready:
                return ""
            return message.decode() or "the fork server of the local cloud has ended"

    def close(self) -> None:
        """Let it end. Its workers run on."""
        with self._lock:  # A worker that is being started gets its process.
            self._socket.close()
        self._process.wait()

    def start(self, program: str, folder: str, env: Mapping[str, str]) -> ForkedProcess:
        """Start a worker: a program of Python, its working folder, its environment.

        Raises:
            OSError: The fork server has ended, or cannot import its libraries.
        """
        if reason := self.wait_ready():
            raise ConnectionError(reason)
        request = json.dumps({"env": dict(env), "folder": folder, "program": program}).encode()
        pairs = [os.pipe() for _ in range(3)]
        theirs = [pairs[0][0], pairs[1][1], pairs[2][1]]
        ours = [pairs[0][1], pairs[1][0], pairs[2][0]]
        try:
            with self._lock:
                socket.send_fds(self._socket, [request], theirs)
                answer, descriptors, *_ = socket.recv_fds(self._socket, _MOST_BYTES, 1)
            if not descriptors:
                raise ConnectionError("the fork server of the local cloud has ended")
        except OSError:
            for descriptor in ours:
                os.close(descriptor)
            raise
        finally:
            for descriptor in theirs:
                os.close(descriptor)
        return ForkedProcess(int(answer), descriptors[0], ours)


class ForkServers:
    """Fork servers by the layers whose libraries they have; stands in for `subprocess.Popen`."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._servers: dict[tuple[str, ...], ForkServer] = {}

    def popen(
        self,
        command: Sequence[str],
        *,
        cwd: str,
        env: Mapping[str, str],
        **_: object,
    ) -> ForkedProcess:
        """Start a worker: an interpreter and its program."""
        python, program = command
        folders = env.get(LAYERS_VARIABLE, "").split(os.pathsep)
        layers = [os.path.realpath(folder) for folder in folders if folder]
        server = self._current(python, layers)
        try:
            return server.start(program, cwd, env)
        except OSError:
            current = self._servers[python, *layers]
            if current is server:
                raise
            return current.start(program, cwd, env)  # `renew` has closed the other meanwhile.

    def _current(self, python: str, layers: Sequence[str]) -> ForkServer:
        with self._lock:
            server = self._servers.get((python, *layers))
            if server is None or not server.is_alive():
                server = self._servers[python, *layers] = ForkServer(python, layers)
            return server

    def renew(self) -> str:
        """Replace all fork servers by such as have imported the libraries as they are now.

        Returns why that cannot be, or nothing. Then those that were there go on.
        """
        with self._lock:
            keys = list(self._servers)
        servers = {key: ForkServer(key[0], key[1:]) for key in keys}
        reasons = [reason for server in servers.values() if (reason := server.wait_ready())]
        with self._lock:
            unused = servers if reasons else {key: self._servers[key] for key in keys}
            if not reasons:
                self._servers |= servers
        for server in unused.values():
            server.close()
        return reasons[0] if reasons else ""


def wait_for_work(requests: socket.socket) -> str:
    """Answer requests. Returns in each worker: the path of the program that it is to run.

    Raises:
        SystemExit: In the fork server, once nobody can ask it for anything.
    """
    while True:
        request, descriptors, *_ = socket.recv_fds(requests, _MOST_BYTES, 3)
        if not request:
            raise SystemExit(0)
        pid = os.fork()
        if pid == 0:
            return _become_worker(json.loads(request), descriptors)
        for descriptor in descriptors:
            os.close(descriptor)
        descriptor = os.pidfd_open(pid)
        socket.send_fds(requests, [str(pid).encode()], [descriptor])
        os.close(descriptor)
        _collect_ended()


def _become_worker(request: Mapping[str, Any], descriptors: Sequence[int]) -> str:
    for target, descriptor in enumerate(descriptors):
        os.dup2(descriptor, target)
        os.close(descriptor)
    os.chdir(request["folder"])
    os.environ.clear()
    os.environ.update(request["env"])
    program: str = request["program"]
    return program


def _collect_ended() -> None:
    try:
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass
    except ChildProcessError:
        pass  # None is left.


def _read_models_of_services() -> None:
    """Have botocore read what clients are made of: that takes longer than most requests.

    A worker makes its clients itself, with its own region, credentials and endpoint.
    """
    ours = importlib.import_module(f"{_LAYER}.aws.session")
    session = ours._session()  # noqa: SLF001 - functions need only its clients
    nobody = {"aws_access_key_id": "none", "aws_secret_access_key": "none"}
    for service in get_args(ours.Service.__value__):
        session.create_client(service, "us-east-1", **nobody)


def main(requests: int, layers: Sequence[str]) -> None:
    """Import the libraries, then be whatever worker is asked for."""
    with socket.socket(fileno=requests) as connection:
        try:
            _import_libraries(layers)
        except Exception:
            connection.send(traceback.format_exc()[-_LONGEST_REASON:].encode())
            raise
        gc.freeze()
        with suppress(BrokenPipeError):  # Whoever started it has ended: so does it, below.
            connection.send(_READY)
        program = wait_for_work(connection)
    sys.argv = [program]
    runpy.run_path(program, run_name="__main__")


def _import_libraries(layers: Sequence[str]) -> None:
    path = list(sys.path)
    sys.path[:0] = [f"{each}/python" for each in layers]
    for library in _LIBRARIES:
        with suppress(ModuleNotFoundError):  # A function without our layers.
            importlib.import_module(library)
    with suppress(ModuleNotFoundError):
        package = importlib.import_module(_LAYER)
        for module in pkgutil.walk_packages(package.__path__, f"{_LAYER}."):
            if not module.name.endswith(".__main__"):
                importlib.import_module(module.name)
        _read_models_of_services()
    # As a worker finds it that is started by itself.
    sys.path[:] = path


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2:])
