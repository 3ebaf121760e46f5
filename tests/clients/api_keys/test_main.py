"""The command that manages API keys."""

import os
import re

import pytest

from ringpass.aws.dynamodb import Table
from ringpass.clients.api_keys.__main__ import main
from ringpass.clients.api_keys.key import authenticate
from ringpass.clients.api_keys.store import ApiKeyRepository, KeyRecord
from ringpass.clock import to_text, utc_now

type Output = pytest.CaptureFixture[str]


def run(table: Table, output: Output, *arguments: str) -> str:
    """What the command answers on stdout; the key of ``create`` and ``rotate`` stands alone."""
    main([*arguments, "--table", table.name])
    return output.readouterr().out.splitlines()[-1]


def checked(table: Table, key: str) -> KeyRecord | None:
    return authenticate(ApiKeyRepository(table), f"Bearer {key}", to_text(utc_now()))


@pytest.mark.slow
def test_it_makes_a_key_and_prints_it_alone(table: Table, capsys: Output) -> None:
    record = checked(table, run(table, capsys, "create", "acme"))
    assert record is not None
    assert (record.client, record.scopes, record.label) == ("acme", ("send", "read"), None)
    arguments = ("create", "acme", "--scopes", "admin,send", "--label", "ops")
    record = checked(table, run(table, capsys, *arguments))
    assert record is not None
    assert (record.scopes, record.label) == (("send", "admin"), "ops")


@pytest.mark.slow
def test_it_lists_keys_without_their_secrets(table: Table, capsys: Output) -> None:
    keys = [run(table, capsys, "create", "acme", "--label", name) for name in ("one", "two")]
    run(table, capsys, "create", "other")
    run(table, capsys, "revoke", keys[0].split("_")[1])
    main(["list", "acme", "--table", table.name])
    lines = [line for line in capsys.readouterr().out.splitlines() if not line.startswith("{")]
    assert len(lines) == 2
    for key, label, state in zip(keys, ("one", "two"), ("revoked", "valid"), strict=True):
        [line] = [line for line in lines if line.startswith(key.split("_")[1])]
        assert line.endswith(f"send,read  {label}")
        assert state in line
        assert key.split("_", 2)[2] not in line


@pytest.mark.slow
def test_it_revokes_also_the_last_admin_key(table: Table, capsys: Output) -> None:
    key = run(table, capsys, "create", "acme", "--scopes", "admin")
    assert "revoked" in run(table, capsys, "revoke", key.split("_")[1])
    assert checked(table, key) is None


@pytest.mark.slow
def test_it_rotates_a_key(table: Table, capsys: Output) -> None:
    old = run(table, capsys, "create", "acme")
    new = run(table, capsys, "rotate", old.split("_")[1], "--overlap", "3600")
    assert checked(table, old)
    assert checked(table, new)
    main(["list", "acme", "--table", table.name])
    assert re.search(rf"{old.split('_')[1]}  ends \d{{4}}-", capsys.readouterr().out)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (("create", "A"), "a client's name"),
        (("create", "acme", "--scopes", "all"), "scopes are"),
        (("revoke", "aaaaaaaaaaaa"), "There is no such key"),
        (("rotate", "aaaaaaaaaaaa"), "There is no such key"),
        (("revoke", "rp_x"), "a key's id is its middle part"),
        (("rotate", "x" * 3_000), "a key's id is its middle part"),
    ],
)
def test_it_says_in_one_line_why_nothing_was_done(
    table: Table, arguments: tuple[str, ...], reason: str
) -> None:
    with pytest.raises(SystemExit, match=f"^Nothing was done: {reason}[^\n]*$"):
        main([*arguments, "--table", table.name])


def test_a_table_that_does_not_exist(table: Table) -> None:
    with pytest.raises(SystemExit, match=r"^Nothing was done: The table refused"):
        main(["create", "acme", "--table", f"{table.name}-other"])


@pytest.mark.slow
def test_no_region(table: Table, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AWS_DEFAULT_REGION")
    with pytest.raises(
        SystemExit, match=r"^Nothing was done: no AWS region is set: export [^\n]*$"
    ):
        main(["create", "acme", "--table", table.name])


def test_the_region_of_other_tools_is_taken(
    table: Table, monkeypatch: pytest.MonkeyPatch, capsys: Output
) -> None:
    region = os.environ["AWS_DEFAULT_REGION"]
    monkeypatch.delenv("AWS_DEFAULT_REGION")
    monkeypatch.setenv("AWS_REGION", region)
    assert checked(table, run(table, capsys, "create", "acme")) is not None


def test_no_credentials(table: Table, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")
    with pytest.raises(SystemExit, match=r"^Nothing was done: no AWS credentials [^\n]*$"):
        main(["create", "acme", "--table", table.name])


@pytest.mark.parametrize(
    ("client", "table_name", "missing"),
    [("", "x", "argument client: it is missing"), ("acme", "", "argument --table: it is missing")],
)
def test_what_make_was_not_given_is_named(
    client: str, table_name: str, missing: str, capsys: Output
) -> None:
    with pytest.raises(SystemExit, match="2"):
        main(["create", client, "--table", table_name])
    assert capsys.readouterr().err.splitlines()[-1].endswith(missing)


@pytest.mark.parametrize("overlap", ["-1", "86401", "999999999", "x", ""])
def test_an_overlap_is_a_day_at_most(table: Table, overlap: str) -> None:
    with pytest.raises(SystemExit, match="2"):
        main(["rotate", "aaaaaaaaaaaa", "--overlap", overlap, "--table", table.name])
