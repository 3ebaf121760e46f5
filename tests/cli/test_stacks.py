"""Which stack a command talks to, and with which key."""

import json
from pathlib import Path

import pytest
from keyring.errors import NoKeyringError

from ringpass_cli.errors import CliError, ExitCode
from ringpass_cli.profiles import Profile, Profiles
from ringpass_cli.stacks import find_stack
from tests.cli.api_server import ApiServer, Reply, page
from tests.cli.conftest import KEY, Cli, MemoryKeyring

STACK = {
    "api_url": "http://127.0.0.1:1/api",
    "api_key": "rp_reads",
    "admin_key": "rp_admin",
    "sandbox_url": "http://127.0.0.1:2",
    "aws_endpoint_url": "http://127.0.0.1:3",
    "region": "us-east-1",
    "outputs": {"OaId": "1"},
}


def _write_stack(folder: Path, **changes: object) -> None:
    (folder / ".local").mkdir()
    text = json.dumps(STACK | changes)
    (folder / ".local" / "stack.json").write_text(text, encoding="utf-8")


def test_the_local_stack_is_found_from_a_folder_below_it(nowhere: Path) -> None:
    _write_stack(nowhere)
    below = nowhere / "docs" / "adr"
    below.mkdir(parents=True)
    stack = find_stack(None, below)
    assert stack.url == STACK["api_url"]
    assert stack.key == "rp_admin"
    assert stack.local is not None


@pytest.mark.parametrize("field", ["api_url", "sandbox_url", "aws_endpoint_url"])
def test_a_stack_file_leads_nowhere_but_to_this_machine(nowhere: Path, field: str) -> None:
    _write_stack(nowhere, **{field: "https://elsewhere.example"})
    with pytest.raises(CliError, match="does not lead to this machine"):
        find_stack(None)


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"api_url": 1}'])
def test_a_stack_file_that_cannot_be_read_is_one_sentence(nowhere: Path, text: str) -> None:
    (nowhere / ".local").mkdir()
    (nowhere / ".local" / "stack.json").write_text(text, encoding="utf-8")
    with pytest.raises(CliError, match="cannot be read") as error:
        find_stack(None)
    assert error.value.exit_code is ExitCode.NOT_SET_UP


@pytest.mark.usefixtures("memory_keyring")
def test_what_is_named_goes_before_what_is_there(
    nowhere: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("default", "chosen", "named"):
        Profiles().save(Profile(name, f"https://{name}.example"), f"key of {name}")
    assert find_stack(None).url == "https://default.example"
    _write_stack(nowhere)
    assert find_stack(None).url == STACK["api_url"]
    monkeypatch.setenv("RINGPASS_PROFILE", "chosen")
    assert find_stack(None).url == "https://chosen.example"
    monkeypatch.setenv("RINGPASS_URL", "https://environment.example/")
    monkeypatch.setenv("RINGPASS_KEY", "key of environment")
    assert find_stack(None).url == "https://environment.example"
    stack = find_stack("named")
    assert (stack.url, stack.key) == ("https://named.example", "key of named")


def test_without_a_stack_the_message_says_what_to_do(bare_cli: Cli) -> None:
    result = bare_cli("providers")
    assert result.exit_code == ExitCode.NOT_SET_UP
    assert "make up" in result.stderr
    assert "ringpass login" in result.stderr
    assert result.stdout == ""


def test_an_address_without_a_key_is_not_used(
    bare_cli: Cli, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RINGPASS_URL", "https://api.example.com")
    result = bare_cli("providers")
    assert result.exit_code == ExitCode.NOT_SET_UP
    assert "RINGPASS_KEY" in result.stderr


@pytest.mark.parametrize(
    "url",
    [
        *("http://api.example.com", "ftp://api.example.com", "api.example.com", "https://"),
        *("https://user@api.example.com", "https://api.example.com/?a=b"),
    ],
)
def test_a_key_goes_to_https_alone(
    bare_cli: Cli, monkeypatch: pytest.MonkeyPatch, url: str
) -> None:
    monkeypatch.setenv("RINGPASS_URL", url)
    monkeypatch.setenv("RINGPASS_KEY", KEY)
    result = bare_cli("providers")
    assert result.exit_code == ExitCode.USAGE
    assert KEY not in result.output


def test_login_keeps_the_key_in_the_keyring(
    bare_cli: Cli, server: ApiServer, memory_keyring: MemoryKeyring, nowhere: Path
) -> None:
    server.on("GET /v1/providers", page())
    result = bare_cli("login", "prod", "--url", f"{server.url}/", "--stack", "ringpass", stdin=KEY)
    assert result.exit_code == 0, result.output
    assert KEY not in result.output
    assert memory_keyring.entries == {("ringpass", f"prod {server.url}"): KEY}
    files = [path.read_text("utf-8") for path in nowhere.rglob("*") if path.is_file()]
    assert files
    assert not any(KEY in text for text in files)
    assert bare_cli("providers", "--profile", "prod").exit_code == 0
    assert server.requests[-1].headers["authorization"] == f"Bearer {KEY}"
    listed = bare_cli("profiles", "--profile", "prod", "--json")
    assert json.loads(listed.stdout)["items"][0]["stack"] == "ringpass"
    assert KEY not in listed.output
    assert bare_cli("logout", "prod").exit_code == 0
    assert memory_keyring.entries == {}
    assert bare_cli("providers", "--profile", "prod").exit_code == ExitCode.NOT_SET_UP


def test_a_login_at_another_address_forgets_the_key_of_the_first(
    bare_cli: Cli, server: ApiServer, memory_keyring: MemoryKeyring
) -> None:
    for name in ("prod", "test"):
        Profiles().save(Profile(name, "https://old.example"), f"old key of {name}")
    server.on("GET /v1/providers", page())
    for _ in range(2):
        result = bare_cli("login", "prod", "--url", server.url, stdin=KEY)
        assert result.exit_code == 0, result.output
        assert memory_keyring.entries == {
            ("ringpass", f"prod {server.url}"): KEY,
            ("ringpass", "test https://old.example"): "old key of test",
        }
    assert [one.url for one in Profiles().all()] == [server.url, "https://old.example"]


@pytest.mark.usefixtures("memory_keyring")
def test_profiles_are_replaced_as_a_whole(nowhere: Path) -> None:
    """Who has opened the old file reads all of it."""
    Profiles().save(Profile("prod", "https://api.example.com"), KEY)
    path = next(nowhere.rglob("profiles.json"))
    text = path.read_text("utf-8")
    with path.open(encoding="utf-8") as old:
        Profiles().save(Profile("test", "https://test.example"), KEY)
        assert old.read() == text
    assert [one.name for one in Profiles().all()] == ["prod", "test"]
    assert list(path.parent.iterdir()) == [path]


def test_login_with_a_key_that_is_not_valid_keeps_nothing(
    bare_cli: Cli, server: ApiServer, memory_keyring: MemoryKeyring
) -> None:
    server.on("GET /v1/providers", Reply({"message": "Forbidden"}, 403))
    result = bare_cli("login", "--url", server.url, stdin=KEY)
    assert result.exit_code == ExitCode.REFUSED
    assert memory_keyring.entries == {}


def test_an_edited_file_sends_the_key_nowhere_else(
    nowhere: Path, memory_keyring: MemoryKeyring
) -> None:
    Profiles().save(Profile("prod", "https://api.example.com"), KEY)
    path = next(nowhere.rglob("profiles.json"))
    path.write_text(path.read_text("utf-8").replace("api.example.com", "evil.example"), "utf-8")
    assert memory_keyring.entries
    with pytest.raises(CliError, match="no key"):
        find_stack("prod")


def test_a_system_without_a_keyring_is_told_the_other_way(
    nowhere: Path, memory_keyring: MemoryKeyring, monkeypatch: pytest.MonkeyPatch
) -> None:
    del nowhere

    def fail(*_: str) -> None:
        raise NoKeyringError("No recommended backend was available.")

    monkeypatch.setattr(memory_keyring, "set_password", fail)
    with pytest.raises(CliError) as error:
        Profiles().save(Profile("prod", "https://api.example.com"), KEY)
    assert "RINGPASS_KEY" in error.value.advice
    assert Profiles().all() == []
