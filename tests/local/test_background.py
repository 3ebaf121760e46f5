"""The stack in the background: its record tells a running stack from one that is gone."""

import dataclasses
import io
import json
import os
import stat
import sys
from pathlib import Path

import pytest

from local.background import Background
from local.failures import LocalStackError
from local.kept import Kept, Running, versions
from local.ports import free_port
from local.processes import Server, birth_of, start_server
from local.progress import Progress
from local.stack import Stack

STACK = Stack(
    api_url="http://127.0.0.1:1/_aws/execute-api/a/$default",
    api_key="rp_a_b",
    admin_key="rp_c_d",
    sandbox_url="http://127.0.0.1:2",
    aws_endpoint_url="http://127.0.0.1:1",
    region="us-east-1",
    mcn_webhook_url="http://127.0.0.1:1/_aws/execute-api/a/$default/v1/webhooks/mcn/t",
    table="ringpass-local-Table",
    outputs={"TableName": "ringpass-local-Table"},
)


@pytest.fixture
def background(tmp_path: Path) -> Background:
    return Background(tmp_path, tmp_path / "stack.json")


def _quiet() -> Progress:
    return Progress(io.StringIO())


def test_the_file_has_the_fields_that_its_readers_count_on(tmp_path: Path) -> None:
    path = tmp_path / "stack.json"
    STACK.write(path)
    assert list(json.loads(path.read_text())) == [
        "api_url",
        "api_key",
        "admin_key",
        "sandbox_url",
        "aws_endpoint_url",
        "region",
        "mcn_webhook_url",
        "table",
        "outputs",
    ]
    assert Stack.read(path) == STACK
    assert STACK.webhook_token() == "t"


def test_only_its_owner_can_read_the_file(tmp_path: Path) -> None:
    path = tmp_path / "stack.json"
    STACK.write(path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_only_its_owner_can_look_into_the_folder_of_the_stack(
    background: Background, tmp_path: Path
) -> None:
    tmp_path.chmod(0o755)
    background.down(_quiet())
    assert stat.S_IMODE(tmp_path.stat().st_mode) == 0o700


def test_without_a_stack_one_is_told_what_to_do(background: Background) -> None:
    with pytest.raises(LocalStackError, match="start one with `make up`"):
        background.current()
    background.down(_quiet())  # Nothing to do, no error.


def test_a_running_stack_is_found(background: Background) -> None:
    ourselves = Server("ministack", os.getpid(), birth_of(os.getpid()))
    background.remember(Running((ourselves,), {}), STACK)
    assert background.current() == STACK


def test_the_record_of_a_stack_that_died_is_stale(background: Background, tmp_path: Path) -> None:
    someone_else = Server("ministack", os.getpid(), "another time")
    background.remember(Running((someone_else,), {}), STACK)
    with pytest.raises(LocalStackError, match="no local stack is up"):
        background.current()
    background.down(_quiet())
    assert not (tmp_path / "stack.json").exists()


def test_down_stops_what_was_started(background: Background, tmp_path: Path) -> None:
    server = start_server(
        "sandbox",
        [sys.executable, "-c", "import time; time.sleep(60)"],
        env=dict(os.environ),
        log=tmp_path / "sandbox.log",
        outlives_us=True,
    )
    background.remember(Running((server,), {}), STACK)
    background.down(_quiet())
    assert not server.is_alive()
    assert not (tmp_path / "stack.json").exists()


def test_each_part_has_a_version_that_changes_with_its_sources_alone() -> None:
    assert list(versions()) == ["template", "ministack", "sandbox"]
    assert len({*versions().values()}) == 3
    assert versions() == versions()


def test_what_is_kept_knows_its_ports() -> None:
    kept = Kept(STACK, "template")
    assert (kept.port(), kept.sandbox_port()) == (1, 2)


def test_a_failure_of_the_first_requests_is_seen_later(
    background: Background, tmp_path: Path
) -> None:
    assert background.first_requests() == ""
    log = tmp_path / "first-requests.log"
    log.write_text("")
    assert background.first_requests() == ""
    log.write_text("a warning\nerror: not every function works: POST /v1/zns answers 502\n")
    assert background.first_requests().endswith("POST /v1/zns answers 502")


def test_what_another_version_has_kept_is_told(background: Background, tmp_path: Path) -> None:
    (tmp_path / "state").mkdir()
    (tmp_path / "state" / "dynamodb.json").touch()
    (tmp_path / "kept.json").write_text('{"stack": {"port": 1}, "template": "t"}')
    with pytest.raises(LocalStackError, match="begin anew with `make reset`"):
        background.up(_quiet())


def test_state_and_record_have_one_port_after_a_start_that_fails(
    background: Background, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    old, new = 45_661, free_port()
    stack = dataclasses.replace(
        STACK,
        api_url=_at(old, STACK.api_url),
        aws_endpoint_url=_at(old, STACK.aws_endpoint_url),
    )
    background._keep(Kept(stack, versions()["template"]))
    (tmp_path / "state").mkdir()
    state = tmp_path / "state" / "dynamodb.json"
    state.write_text(f'"http://127.0.0.1:{old}/q"')
    (tmp_path / "ministack.log").mkdir()  # So that the local cloud cannot be started.
    monkeypatch.setenv("RINGPASS_PORT", str(new))
    with pytest.raises(IsADirectoryError):
        background.up(_quiet())
    assert state.read_text() == f'"http://127.0.0.1:{new}/q"'
    kept = background._kept()
    assert kept is not None
    assert (kept.port(), kept.stack.api_url) == (new, _at(new, STACK.api_url))
    assert kept.stack.api_key == STACK.api_key


def _at(port: int, url: str) -> str:
    return url.replace("127.0.0.1:1", f"127.0.0.1:{port}")


def test_reset_leaves_nothing(background: Background, tmp_path: Path) -> None:
    (tmp_path / "state").mkdir()
    (tmp_path / "state" / "dynamodb.json").touch()
    (tmp_path / "kept.json").touch()
    background.reset(_quiet())
    assert [path.name for path in tmp_path.iterdir()] == ["lock"]
