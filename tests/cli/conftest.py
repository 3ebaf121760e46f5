"""The command line in this process, with a server in the place of a stack."""

from collections.abc import Iterator
from pathlib import Path
from typing import Protocol

import keyring
import pytest
from keyring.backend import KeyringBackend
from keyring.errors import PasswordDeleteError
from typer.testing import CliRunner, Result

from ringpass_cli.main import app
from tests.cli.api_server import ApiServer, api_server

KEY = "rp_q2wve7kzn4ma_secret-part-of-the-key"


class Cli(Protocol):
    """Runs a command; its result has stdout, stderr and the exit code."""

    def __call__(self, *arguments: str, stdin: str = "") -> Result: ...


class MemoryKeyring(KeyringBackend):
    """A keyring that is gone with the test."""

    priority = 1.0

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.entries: dict[tuple[str, str], str] = {}

    def get_password(self, service: str, username: str) -> str | None:
        return self.entries.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        self.entries[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        if self.entries.pop((service, username), None) is None:
            raise PasswordDeleteError("none")


@pytest.fixture
def server() -> Iterator[ApiServer]:
    with api_server() as running:
        yield running


@pytest.fixture
def memory_keyring(monkeypatch: pytest.MonkeyPatch) -> MemoryKeyring:
    memory = MemoryKeyring()
    monkeypatch.setattr("keyring.core._keyring_backend", memory)
    assert keyring.get_keyring() is memory
    return memory


@pytest.fixture
def nowhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder without a stack, and a home without profiles."""
    for name in ("RINGPASS_URL", "RINGPASS_KEY", "RINGPASS_PROFILE", "RINGPASS_PORT"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.setenv("LANG", "C.UTF-8")
    monkeypatch.delenv("LC_ALL", raising=False)
    monkeypatch.delenv("LC_MESSAGES", raising=False)
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def bare_cli(nowhere: Path) -> Cli:
    """The command line without a stack."""
    del nowhere

    def run(*arguments: str, stdin: str = "") -> Result:
        return CliRunner().invoke(app, arguments, input=stdin)

    return run


@pytest.fixture
def cli(bare_cli: Cli, server: ApiServer, monkeypatch: pytest.MonkeyPatch) -> Cli:
    """The command line, talking to the server."""
    monkeypatch.setenv("RINGPASS_URL", server.url)
    monkeypatch.setenv("RINGPASS_KEY", KEY)
    return bare_cli
