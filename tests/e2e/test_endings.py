"""The test-number table: every ending over every channel, and as many requests as it says."""

from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, Final

import pytest

from tests.e2e.conftest import Api, Sandbox, fresh_code, fresh_phone

ROUTES: Final[dict[str, tuple[str, dict[str, object]]]] = {
    "voice_otp": ("/v1/voice-otp", {"otp": fresh_code(10)}),
    "password_call": ("/v1/password-calls", {"code": fresh_code(), "detect_redirect": True}),
    "zns": ("/v1/zns", {"template": 366}),
}
COUNTRY: Final = {"voice_otp": "VN", "password_call": "RU", "zns": "VN"}

# digits: (password call, voice OTP, ZNS), each as it ends
TABLE: Final = {
    "99": ("answered", "answered", "accepted"),
    "01": ("busy", "busy", "accepted"),
    "02": ("no_answer", "no_answer", "accepted"),
    "03": ("refused", "failed", "accepted"),
    "04": ("billing_failed", "failed", "accepted"),
    "05": ("unreachable", "failed", "accepted"),
    "06": ("unknown", "unknown", "unknown"),
    "07": ("answered", "answered", "unknown"),
    "08": ("answered", "answered", "accepted"),
    "09": ("answered", "answered", "accepted"),
    "10": ("accepted", "accepted", "accepted"),
    "11": ("answered", "answered", "unknown"),
    "12": ("rejected", "rejected", "rejected"),
    "13": ("rejected", "rejected", "rejected"),
    "14": ("rejected", "rejected", "rejected"),
    "15": ("answered", "answered", "accepted"),
    "16": ("unknown", "unknown", "unknown"),
    "17": ("unreachable", "failed", "accepted"),
}
CHANNELS: Final = ("password_call", "voice_otp", "zns")
CASES: Final = [
    (digits, channel, ending)
    for digits, endings in TABLE.items()
    for channel, ending in zip(CHANNELS, endings, strict=True)
]

PROVIDER: Final = {"voice_otp": "bizfly", "password_call": "mcn", "zns": "caresoft"}

type Sent = dict[str, Any]


def number(digits: str, channel: str) -> str:
    """The test number of a channel's country; two channels share those of +84."""
    return f"+840000000{digits}" if COUNTRY[channel] == "VN" else f"+700000000{digits}"


@pytest.fixture(scope="module")
def futures(api: Api, sandbox: Sandbox) -> Iterator[dict[tuple[str, str], Future[Sent]]]:
    """All of the table, sent side by side: some of it takes its ten seconds."""
    sandbox.control("reset")

    def send(digits: str, channel: str) -> Sent:
        path, body = ROUTES[channel]
        answer = api.post(path, body | {"phone": number(digits, channel)})
        assert answer.status_code == 202, answer.text
        delivery: dict[str, Any] = answer.json()
        return delivery

    with ThreadPoolExecutor(4) as pool:
        # The slow ones first.
        cases = sorted(CASES, key=lambda case: case[0] != "11")
        yield {
            (digits, channel): pool.submit(send, digits, channel) for digits, channel, _ in cases
        }


@pytest.mark.parametrize(("digits", "channel", "ending"), CASES)
def test_ending(
    api: Api,
    sandbox: Sandbox,
    futures: dict[tuple[str, str], Future[Sent]],
    digits: str,
    channel: str,
    ending: str,
) -> None:
    delivery = futures[digits, channel].result()
    current = api.settled(delivery["id"], ending)
    requests = sandbox.requests(number(digits, channel), PROVIDER[channel])
    assert len(requests) == (2 if digits == "14" else 1)
    assert (current["test"], current["cost"]) == (True, None)
    if digits == "15" and channel == "password_call":
        assert current["is_redirect"] is True
    if digits == "07" or (digits == "11" and channel != "voice_otp"):
        assert delivery["status"] == "unknown"
    if digits == "11" and channel == "voice_otp":
        # Bizfly's webhook tells of the call long before its reply is given up.
        assert delivery["history"][-1]["reason"] == "later_reply_unknown:timeout"


@pytest.mark.parametrize("digits", ["01", "99"])
def test_in_the_sandbox_any_number_s_last_digits_decide(
    api: Api, sandbox: Sandbox, digits: str
) -> None:
    phone = fresh_phone("RU", digits)
    delivery = api.post("/v1/password-calls", {"phone": phone, "code": fresh_code()}).json()
    assert delivery["test"] is False
    api.settled(delivery["id"], TABLE[digits][0])
    assert len(sandbox.requests(phone, least=1)) == 1
