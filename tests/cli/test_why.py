"""The story of a number, of a verification, of a delivery."""

import json
from typing import Any, Final

import pytest

from ringpass_cli.errors import ExitCode
from tests.cli.api_server import ApiServer, Reply, page
from tests.cli.conftest import Cli
from tests.cli.test_api import DELIVERY

PHONE: Final = "+84389801371"
DELIVERY_ID: Final = str(DELIVERY["id"])
BUSY: Final = {
    **DELIVERY,
    "phone": PHONE,
    "status": "busy",
    "reason": "q850_17",
    "cost": {"amount": "1.50", "currency": "RUB", "kind": "settled"},
    "verification_id": "ver_1",
    "history": [
        {
            "at": "2026-11-22T00:07:13.961Z",
            "status": "reserved",
            "reason": None,
            "source": "request",
        },
        {"at": "2026-11-22T00:07:14.040Z", "status": "accepted", "reason": None, "source": "reply"},
        {"at": "2026-11-22T00:07:15.044Z", "status": "busy", "reason": "q850_17", "source": "cdr"},
        {
            "at": "2026-11-22T00:07:16.000Z",
            "status": "busy",
            "reason": "later_cdr_unknown:no_cause",
            "source": "cdr",
        },
    ],
}


def _line(event: str, reason: str | None, **fields: object) -> dict[str, Any]:
    empty = {"at": "2026-11-22T00:07:13.961Z", "step": None, "channel": None, "delivery_id": None}
    return empty | {"event": event, "reason": reason, "text": f"English of {event}."} | fields


VERIFICATION: Final = {
    "id": "ver_1",
    "phone": PHONE,
    "status": "canceled",
    "reason": "replaced",
    "test": False,
    "created_at": "2026-11-22T00:07:13.000Z",
    "workflow": [{"channel": "zns"}, {"channel": "password_call"}],
    "deliveries": [BUSY],
    "history": [
        _line("started", None),
        _line("skipped", "not_configured", step=1, channel="zns"),
        _line("sent", "started", step=2, channel="password_call", delivery_id=DELIVERY_ID),
        _line(
            "outcome", "accepted", step=2, delivery_id=DELIVERY_ID, at="2026-11-22T00:07:14.040Z"
        ),
        _line("outcome", "busy:q850_17", step=2, delivery_id=DELIVERY_ID),
        _line("a_new_event", "of a newer stack"),
        _line("ended", "canceled:replaced"),
    ],
}
REFUSAL: Final = {
    "id": "dec_1",
    "at": "2026-11-22T00:09:00.000Z",
    "code": "limit_reached",
    "limit": "phone",
    "cap": 5,
    "counted": 5,
    "retry_after": 301,
    "channel": "voice_otp",
    "country": "VN",
    "phone": PHONE,
    "starts": True,
    "verification_id": None,
    "step": 1,
    "refused": True,
}


@pytest.fixture
def story_cli(cli: Cli, server: ApiServer) -> Cli:
    server.on("GET /v1/verifications/ver_1", Reply(VERIFICATION))
    server.on("GET /v1/verifications", page(VERIFICATION))
    server.on(f"GET /v1/deliveries/{DELIVERY_ID}", Reply(BUSY))
    server.on("GET /v1/deliveries", page(BUSY))
    server.on("GET /v1/decisions", page(REFUSAL), page())
    return cli


def test_the_story_in_english(story_cli: Cli) -> None:
    result = story_cli("why", PHONE)
    assert result.exit_code == 0, result.output
    for sentence in (
        f"Verification ver_1 of {PHONE}: canceled.",
        f"A verification of {PHONE} was started, with 2 steps.",
        "Step 1 (a Zalo message) was left out: its provider is not set up in this stack.",
        f"Step 2: a Password Call to {PHONE} through mcn: it is the first step.",
        "The provider took the request. It cost 1.50 RUB.",
        "The line was busy (q850_17).",
        "English of a_new_event.",
        "In short: its code no longer works; only the code of the newer verification does.",
        "Refused: the start of a verification (a voice call). Too many sends of this client",
        "Counted: 5 of 5. There was room again after 6 minutes at the latest.",
    ):
        assert sentence in result.stdout
    # The verification's delivery is in its story, and not once more.
    assert result.stdout.count("The provider took the request.") == 1


@pytest.mark.parametrize(
    ("lang", "sentences"),
    [
        ("ru", ["в ней 2 шага", "Было занято", "через 6 минут."]),
        ("vi", ["gồm 2 bước", "Máy bận", "sau 6 phút."]),
    ],
)
def test_the_story_in_other_languages(story_cli: Cli, lang: str, sentences: list[str]) -> None:
    result = story_cli("why", PHONE, "--lang", lang)
    for sentence in sentences:
        assert sentence in result.stdout


def test_the_language_is_that_of_the_system(
    story_cli: Cli, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LANG", "ru_RU.UTF-8")
    assert "Проверка ver_1" in story_cli("why", "ver_1").stdout
    monkeypatch.setenv("LC_ALL", "vi_VN.UTF-8")
    assert "Lần xác thực ver_1" in story_cli("why", "ver_1").stdout


def test_a_delivery_of_a_verification_has_its_story(story_cli: Cli) -> None:
    assert "Verification ver_1" in story_cli("why", DELIVERY_ID).stdout


def test_a_single_send_has_its_own(story_cli: Cli, server: ApiServer) -> None:
    single = BUSY | {"verification_id": None}
    server.on(f"GET /v1/deliveries/{DELIVERY_ID}", Reply(single))
    result = story_cli("why", DELIVERY_ID)
    assert f"A request came for a Password Call to {PHONE} through mcn." in result.stdout
    assert "A later report changed nothing (later_cdr_unknown:no_cause)." in result.stdout


def test_refused_steps_are_told_with_their_verification(story_cli: Cli, server: ApiServer) -> None:
    refusal = REFUSAL | {"starts": False, "verification_id": "ver_1", "step": 2}
    other = REFUSAL | {"id": "dec_2", "verification_id": "ver_2", "limit": "prefix"}
    server.on("GET /v1/decisions", page(refusal, other), page())
    result = story_cli("why", "ver_1")
    assert "Refused: step 2 of the verification ver_1 (a voice call)." in result.stdout
    assert "differ in the last four digits" not in result.stdout


def test_what_a_limit_only_recorded_is_not_called_refused(
    story_cli: Cli, server: ApiServer
) -> None:
    server.on("GET /v1/decisions", page(), page(REFUSAL | {"refused": False}))
    assert "Only recorded, and sent: the start" in story_cli("why", PHONE).stdout


def test_the_records_as_json(story_cli: Cli) -> None:
    document = json.loads(story_cli("why", PHONE, "--json").stdout)
    assert document["verifications"] == [VERIFICATION]
    assert document["deliveries"] == []
    assert document["refusals"] == [REFUSAL]


@pytest.mark.parametrize("arguments", [(), ("--json",)])
def test_nothing_known_is_exit_code_1(
    cli: Cli, server: ApiServer, arguments: tuple[str, ...]
) -> None:
    for path in ("verifications", "deliveries", "decisions"):
        server.on(f"GET /v1/{path}", page())
    result = cli("why", PHONE, *arguments)
    assert result.exit_code == ExitCode.NEGATIVE
    assert result.stdout


def test_control_characters_do_not_reach_the_terminal(story_cli: Cli, server: ApiServer) -> None:
    line = _line("a_new_event", None, text="\x1b[2Jcleared\u202e")
    server.on("GET /v1/verifications/ver_1", Reply(VERIFICATION | {"history": [line]}))
    output = story_cli("why", "ver_1").stdout
    assert "cleared" in output
    assert "\x1b" not in output
    assert "\u202e" not in output
