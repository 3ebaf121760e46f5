"""docs/data-protection.md says all that a provider gets of a person, as it is sent."""

import json
from typing import Final

import pytest

from ringpass.clients.settings.model import DEFAULT_WORKFLOWS
from ringpass.phone import parse_phone
from ringpass.providers.bizfly.client import Bizfly
from ringpass.providers.caresoft.client import Caresoft
from ringpass.providers.mcn.client import Mcn
from ringpass.providers.orders import CallOrder, MessageOrder, VoiceOrder
from ringpass.providers.zalo.zns_client import Zalo
from ringpass.redaction import Secret
from tests.template import ROOT

PAGE: Final = (ROOT / "docs/data-protection.md").read_text("utf-8")
KEY: Final = Secret("key")
VIETNAMESE, RUSSIAN = parse_phone("+84389801371"), parse_phone("+79777777777")
MESSAGE: Final = MessageOrder(VIETNAMESE, 366, "7895417", {"otp": "4821"}, 297005)
SENT: Final = {
    "Bizfly": Bizfly("https://example.test").request(
        VoiceOrder(VIETNAMESE, Secret("4821"), "OTP-1"), "dlv_1", KEY
    ),
    "MCN": Mcn("https://example.test").request(
        CallOrder(RUSSIAN, Secret("4821"), detect_redirect=True), "dlv_1", KEY
    ),
    "CareSoft": Caresoft("https://example.test", "acme").request(MESSAGE, "dlv_1", KEY),
    "Zalo, messages": Zalo("https://example.test", "oa").request(MESSAGE, "dlv_1", KEY),
}


def column(provider: str) -> str:
    """What the page's table says of a provider."""
    rows = [line.split("|")[1:-1] for line in PAGE.splitlines() if line.startswith("|")]
    head = next(row for row in rows if row[1].strip() == "Bizfly")
    place = [cell.strip() for cell in head].index(provider)
    return " ".join(row[place] for row in rows if len(row) == len(head))


@pytest.mark.parametrize("provider", SENT)
def test_every_field_that_is_sent_is_on_the_page(provider: str) -> None:
    body = json.loads(SENT[provider].body)
    body = body.get("zns", body)
    text = column(provider)
    for name, value in body.items():
        assert f"`{name}`" in text
        if isinstance(value, str) and value.endswith(("801371", "7777777")):
            assert f"`{value}`" in text


@pytest.mark.parametrize("country", DEFAULT_WORKFLOWS)
def test_the_channels_by_default_are_on_the_page(country: str) -> None:
    name = {"VN": "Vietnam", "RU": "Russia"}[country]
    row = next(line for line in PAGE.splitlines() if line.startswith(f"| {name} |"))
    channels = [word.strip("`,") for word in row.split("|")[2].split() if word.startswith("`")]
    assert channels == list(DEFAULT_WORKFLOWS[country])
