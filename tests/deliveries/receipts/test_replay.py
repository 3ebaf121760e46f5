"""The command that lists and replays what webhooks brought in vain."""

import json

import pytest

from ringpass.deliveries.receipts.replay import main
from ringpass.wiring.replay import PROVIDERS
from tests.world import REF, TOKEN, World

CDR = json.dumps({"verification_call_uuid": REF, "q931_status": 17, "called_number": "79161230203"})


def run(capsys: pytest.CaptureFixture[str], world: World, *arguments: str) -> list[str]:
    capsys.readouterr()
    main(PROVIDERS, [*arguments, "--table", world.table.name])
    return capsys.readouterr().out.splitlines()


@pytest.mark.slow
def test_what_is_left_is_listed_and_asked_for_again(
    world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    world.inbox.receive(TOKEN, b"hello 79161230203", "")
    world.inbox.receive(TOKEN, b"hello 79161230203", "")
    world.inbox.receive(TOKEN, CDR.encode(), "")
    world.late_matcher.match("mcn", REF, world.clock())

    body, call = run(capsys, world, "list")
    id_, *columns = body.split("  ")
    assert id_.startswith("mcn/pay_")
    assert columns == ["2026-11-21T08:30:00.000Z", "unreadable", "17", "2"]
    assert call == f"mcn/{REF}  2026-11-21T08:30:00.000Z  no_open_delivery  -  1"
    assert run(capsys, world, "list", "--provider", "mcn", "--why", "unreadable") == [body]
    assert run(capsys, world, "list", "--provider", "zalo") == []

    assert run(capsys, world, "one", id_, "--wait", "0") == [f"{id_}  in progress"]
    assert run(capsys, world, "all", "--wait", "0") == [f"mcn/{REF}  in progress"]
    [in_progress] = run(capsys, world, "list")
    assert in_progress.split("  ")[2] == "in progress"

    world.inbox.work(id_.removeprefix("mcn/"))
    world.late_matcher.match("mcn", REF, world.clock())
    assert run(capsys, world, "list") == [body, call]


@pytest.mark.slow
def test_all_of_a_provider_that_were_left_for_one_reason_are_asked_for(
    world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    for body in (b"hello", b"hello again", CDR.replace("called_number", "dst").encode()):
        world.inbox.receive(TOKEN, body, "")
        world.clock.turn(seconds=1)
    chosen = ["--provider", "mcn", "--why", "unreadable"]
    ids = [line.split("  ")[0] for line in run(capsys, world, "list", *chosen)]
    assert len(ids) == 2
    lines = run(capsys, world, "all", *chosen, "--wait", "0")
    assert lines == [f"{id_}  in progress" for id_ in ids]
    outcomes = {line.split("  ")[2] for line in run(capsys, world, "list")}
    assert outcomes == {"in progress", "no_called_number"}
    assert run(capsys, world, "all", "--provider", "zalo", "--wait", "0") == []


@pytest.mark.slow
@pytest.mark.parametrize("id_", ["mcn/pay_x", "mcn/unknown_117793", "x", "/"])
def test_what_is_not_there_is_said(
    world: World, capsys: pytest.CaptureFixture[str], id_: str
) -> None:
    with pytest.raises(SystemExit) as system_exit:
        run(capsys, world, "one", id_)
    assert system_exit.value.code == f"Nothing was done: Nothing is left with the id {id_}."
