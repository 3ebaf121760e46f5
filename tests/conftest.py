"""What all tests share: who may open a socket, dummy AWS settings, hypothesis profiles.

Tests are cut off from the network. Those that talk to a server they started themselves
(sandbox, local stack, e2e) may open sockets, to this machine only.
"""

import gc
import os
from collections.abc import Generator
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import Final

import pytest
from hypothesis import settings
from xdist.remote import Producer  # type: ignore[import-untyped]
from xdist.scheduler import LoadFileScheduling  # type: ignore[import-untyped]

TESTS = Path(__file__).parent
LOOPBACK = ["127.0.0.1", "::1", "localhost"]
_FIRST = {"e2e": 0, "documents": 1, "load": 2}
_OF_ONE_STACK: Final = ("e2e", "documents", "proof")
_NICENESS: Final = 15
_OBJECTS_BETWEEN_COLLECTIONS: Final = 100_000
_AUTOGROUP: Final = Path("/proc/self/autogroup")
MAY_USE_LOOPBACK = frozenset(
    {
        "cli",
        "documents",
        "e2e",
        "load",
        "local",
        "proof",
        "sandbox",
        "providers/test_http_client.py",
        "webhook_endpoints/test_address_guard.py",
        "webhook_endpoints/test_costs.py",
        "webhook_endpoints/test_dispatcher.py",
        "webhook_endpoints/test_redelivery.py",
        "webhook_endpoints/test_sender.py",
    }
)

settings.register_profile("gate", deadline=None, derandomize=True)
settings.register_profile("quick", deadline=None, derandomize=True, max_examples=10)
settings.register_profile("long", deadline=None, max_examples=5_000)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "gate"))


def pytest_configure() -> None:
    """No test may find the real AWS account of whoever runs it."""
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        del os.environ[name]
    os.environ |= {
        "AWS_ACCESS_KEY_ID": "testing",
        "AWS_SECRET_ACCESS_KEY": "testing",
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        "AWS_EC2_METADATA_DISABLED": "true",
    }


class ByStack(LoadFileScheduling):  # type: ignore[misc]
    """Where tests run in several processes, those of one file share one, and those of one stack do.

    All of e2e has one stack, and one record of what was seen there; so has all of proof, and all
    of documents.
    """

    def _split_scope(self, nodeid: str) -> str:
        path: str = super()._split_scope(nodeid)
        folder, _, name = path.removeprefix("tests/").partition("/")
        return folder if name and folder in _OF_ONE_STACK else path


def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> ByStack:
    """Who gives tests to processes."""
    return ByStack(config, log)


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Beside a stack, tests that need none leave the processors to it: it takes longest."""
    if "PYTEST_XDIST_WORKER" in os.environ and item.get_closest_marker("e2e") is None:
        # Who runs all of it with less priority may not raise that.
        least = max(_NICENESS, os.getpriority(os.PRIO_PROCESS, 0))
        os.setpriority(os.PRIO_PROCESS, 0, least)
        _lower_session()


@cache
def _lower_session() -> None:
    """Lower the priority of this process before that of the stack's, which have another session.

    Where Linux shares processors among sessions, niceness counts only inside of one.
    """
    with suppress(OSError):
        os.setsid()
        _AUTOGROUP.write_text(str(_NICENESS))


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """Keep the garbage collection from what tests are found and imported: all of it stays.

    That is a million objects, and looking at it again and again took a tenth of the time of all
    tests.
    """
    gc.disable()
    try:
        return (yield)
    finally:
        gc.freeze()
        gc.set_threshold(_OBJECTS_BETWEEN_COLLECTIONS)
        gc.enable()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Cut each test off from the network, as its folder says; what takes longest begins first."""
    # Thousands of tests stand in few files: a path is looked at once.
    places = {path: path.relative_to(TESTS) for path in {item.path for item in items}}
    items.sort(key=lambda item: _FIRST.get(places[item.path].parts[0], len(_FIRST)))
    for item in items:
        path = places[item.path]
        if path.parts[0] == "e2e":
            item.add_marker(pytest.mark.e2e)
        if {path.parts[0], path.as_posix()} & MAY_USE_LOOPBACK:
            item.add_marker(pytest.mark.allow_hosts(LOOPBACK))
        else:
            item.add_marker(pytest.mark.disable_socket)
