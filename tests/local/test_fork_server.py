"""Workers of functions are forked from a process that has the libraries already."""

import contextlib
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pytest

from local.fork_server import LAYERS_VARIABLE, ForkedProcess, ForkServer, ForkServers
from local.paths import ROOT

pytestmark = pytest.mark.skipif(not hasattr(os, "pidfd_open"), reason="workers are not forked here")

ECHO = """
import json, os, sys
print(json.dumps([os.environ["NAME"], os.getcwd(), sys.argv]), flush=True)
print("a line of the log", file=sys.stderr)
for line in sys.stdin:
    print(line.upper(), end="", flush=True)
"""

type Start = Callable[..., ForkedProcess]


@pytest.fixture(scope="module")
def servers() -> Iterator[ForkServers]:
    """A fork server takes long to start: workers with the same layer share one, as in a stack."""
    servers = ForkServers()
    yield servers
    for server in servers._servers.values():
        end(server)


def end(server: ForkServer) -> None:
    server._socket.close()
    assert server._process.wait(20) is not None


@pytest.fixture(scope="module")
def empty_layer(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("layer")


@pytest.fixture
def start(servers: ForkServers, tmp_path: Path, empty_layer: Path) -> Iterator[Start]:
    workers: list[ForkedProcess] = []

    def begin(
        text: str, *, layer: Path = empty_layer, env: Mapping[str, str] = {}
    ) -> ForkedProcess:
        program = tmp_path / f"program{len(workers)}.py"
        program.write_text(text)
        variables = {LAYERS_VARIABLE: str(layer), **env}
        workers.append(
            servers.popen(
                [sys.executable, str(program)], cwd=str(tmp_path), env=variables, text=True
            )
        )
        return workers[-1]

    yield begin
    for process in workers:
        process.kill()
        process.wait(5)
        for pipe in (process.stdin, process.stdout, process.stderr):
            with contextlib.suppress(OSError):
                pipe.close()


def test_a_worker_has_its_own_environment_folder_and_pipes(start: Start, tmp_path: Path) -> None:
    workers = [start(ECHO, env={"NAME": name}) for name in ("one", "two")]
    assert len({worker.pid for worker in workers} | {os.getpid()}) == 3
    for number, (worker, name) in enumerate(zip(workers, ("one", "two"), strict=True)):
        program = tmp_path / f"program{number}.py"
        line = f'["{name}", "{tmp_path}", ["{program}"]]\n'
        assert worker.stdout.readline() == line
        assert worker.stderr.readline() == "a line of the log\n"
    for worker in workers:
        assert worker.poll() is None
        worker.stdin.write("xin chào\n")
        assert worker.stdout.readline() == "XIN CHÀO\n"
        worker.stdin.close()  # It has no more to do.
        assert worker.wait(5) == 0
        assert worker.poll() == 0


def test_what_ends_a_worker_ends_no_other(start: Start) -> None:
    first, second, third = [start(ECHO, env={"NAME": "x"}) for _ in range(3)]
    for worker in (first, second, third):
        worker.stdout.readline()
    with pytest.raises(subprocess.TimeoutExpired):
        second.wait(0.01)
    second.terminate()
    os.kill(third.pid, signal.SIGKILL)
    for worker in (second, third):
        worker.wait(5)
        worker.terminate()  # Nobody else is meant.
        assert worker.stdout.readline() == ""
    first.stdin.write("still here\n")
    assert first.stdout.readline() == "STILL HERE\n"


def test_a_worker_that_fails_says_why(start: Start) -> None:
    worker = start("raise RuntimeError('no such table')")
    worker.wait(5)
    assert worker.stderr.read().endswith("RuntimeError: no such table\n")


def test_libraries_are_there_and_nothing_of_ours(start: Start) -> None:
    worker = start(
        "import sys\n"
        "print('botocore.session' in sys.modules, 'pydantic' in sys.modules)\n"
        "print([name for name in sys.modules if name.partition('.')[0] in ('local', 'ringpass')])\n"
    )
    assert worker.stdout.read() == "True True\n[]\n"


def test_a_layer_s_libraries_come_first_and_are_not_left_on_the_path(
    start: Start, tmp_path: Path
) -> None:
    package = tmp_path / "layer" / "python" / "phonenumbers"
    package.mkdir(parents=True)
    (package / "__init__.py").write_text("from_the_layer = True\n")
    worker = start(
        "import sys, phonenumbers\n"
        "print(phonenumbers.from_the_layer, [path for path in sys.path if 'layer' in path])\n",
        layer=tmp_path / "layer",
    )
    assert worker.stdout.read() == "True []\n"


@pytest.fixture
def layer(tmp_path: Path) -> Path:
    """A layer whose one module can be edited."""
    package = tmp_path / "edited" / "python" / "ringpass"
    (package / "aws").mkdir(parents=True)
    (package / "__init__.py").write_text("version = 1\n")
    (package / "aws" / "__init__.py").touch()
    (package / "aws" / "session.py").write_text(
        "import contextlib\nclass Service:\n    __value__ = None\n_session = contextlib.ExitStack\n"
    )
    return tmp_path / "edited"


VERSION = "import sys; print(sys.modules['ringpass'].version, flush=True)"


def edit(layer: Path, text: str) -> None:
    """Change the module; its length must change, too: bytecode knows whole seconds alone."""
    (layer / "python" / "ringpass" / "__init__.py").write_text(text)


def test_renewed_it_has_the_layer_as_it_is_now(layer: Path, tmp_path: Path) -> None:
    servers = ForkServers()
    program = tmp_path / "program.py"
    program.write_text(VERSION)

    def version() -> str:
        process = servers.popen(
            [sys.executable, str(program)], cwd="/", env={LAYERS_VARIABLE: str(layer)}
        )
        with process.stdin, process.stdout, process.stderr:
            text = process.stdout.read()
        process.wait(5)
        return text

    assert version() == "1\n"
    edit(layer, "version = 1 + 1\n")
    assert version() == "1\n"
    assert servers.renew() == ""
    assert version() == "2\n"
    edit(layer, "version = 3 +\n")
    reason = servers.renew()
    assert reason.endswith("SyntaxError: invalid syntax\n")
    assert "__init__.py" in reason
    assert version() == "2\n"  # What was there goes on.
    for server in servers._servers.values():
        server.close()


class RenewedMeanwhile(ForkServer):
    """All fork servers are renewed after this one was chosen, and before it starts the worker."""

    servers: ForkServers

    def start(self, program: str, folder: str, env: Mapping[str, str]) -> ForkedProcess:
        assert self.servers.renew() == ""
        return super().start(program, folder, env)


def test_a_worker_is_started_though_its_server_is_renewed_at_that_moment(
    layer: Path, tmp_path: Path
) -> None:
    servers = ForkServers()
    old = RenewedMeanwhile(sys.executable, [str(layer)])
    old.servers = servers
    servers._servers[sys.executable, str(layer)] = old
    program = tmp_path / "program.py"
    program.write_text(VERSION)
    process = servers.popen(
        [sys.executable, str(program)], cwd="/", env={LAYERS_VARIABLE: str(layer)}
    )
    with process.stdin, process.stdout, process.stderr:
        assert process.stdout.read() == "1\n"
    process.wait(5)
    new = servers._servers[sys.executable, str(layer)]
    assert new is not old
    assert not old.is_alive()
    new.close()


def test_a_layer_that_cannot_be_imported_is_named(layer: Path) -> None:
    edit(layer, "raise RuntimeError('no table')\n")
    server = ForkServer(sys.executable, [str(layer)])
    with pytest.raises(ConnectionError, match="RuntimeError: no table"):
        server.start("program.py", "/", {})
    server.close()


def test_random_numbers_differ(start: Start) -> None:
    text = "import random, uuid; print(random.random(), uuid.uuid4(), flush=True)"
    assert len({start(text).stdout.read() for _ in range(3)}) == 3


def test_a_fork_server_that_has_ended_is_replaced(
    servers: ForkServers, start: Start, empty_layer: Path
) -> None:
    start(ECHO, env={"NAME": "x"}).stdout.readline()
    server = servers._servers[sys.executable, os.path.realpath(empty_layer)]
    server._process.kill()
    server._process.wait(5)
    assert start(ECHO, env={"NAME": "x"}).stdout.readline()
    with pytest.raises(OSError, match=r"ended|Broken pipe|reset"):
        server.start("program.py", "/", {})
    server._socket.close()


def test_it_ends_with_whoever_started_it() -> None:
    server = ForkServer(sys.executable, [])
    end(server)
    assert server._process.returncode == 0


def test_the_modules_of_the_layer_are_there_and_the_environment_is_the_worker_s(
    start: Start, tmp_path: Path
) -> None:
    wiring = tmp_path / "layer" / "python" / "ringpass" / "wiring"
    wiring.mkdir(parents=True)
    (wiring.parent / "__init__.py").touch()
    (wiring / "__init__.py").touch()
    (wiring / "stack.py").write_text("import os\nseen = dict(os.environ)\n")
    worker = start(
        "import os, sys\n"
        "print('ringpass.wiring.stack' in sys.modules)\n"
        "print('NAME' in sys.modules['ringpass.wiring.stack'].seen, os.environ['NAME'])\n",
        layer=tmp_path / "layer",
        env={"NAME": "mine"},
    )
    assert worker.stdout.read() == "True\nFalse mine\n"


def test_all_of_our_layer_is_there_but_no_client(start: Start, tmp_path: Path) -> None:
    (tmp_path / "layer").mkdir()
    (tmp_path / "layer" / "python").symlink_to(ROOT / "layers" / "ringpass")
    worker = start(
        "import sys\n"
        "session = sys.modules['ringpass.aws.session']\n"
        "print({'pydantic.fields', 'ringpass.deliveries.requests'} <= sys.modules.keys())\n"
        "print(session._session.cache_info().currsize, session.client.cache_info().currsize)\n",
        layer=tmp_path / "layer",
    )
    assert worker.stdout.read() == "True\n1 0\n"
