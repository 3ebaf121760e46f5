"""Our commands in each provider's form, with the values of their documentation."""

import json
from dataclasses import replace

from ringpass.clients.settings.model import ClientSettings
from ringpass.deliveries.order_builders import CallOrderBuilder
from ringpass.deliveries.requests import PasswordCall
from ringpass.phone import parse_phone
from ringpass.providers.bizfly.client import Bizfly
from ringpass.providers.caresoft.client import Caresoft
from ringpass.providers.mcn.client import Mcn
from ringpass.providers.orders import CallOrder, MessageOrder, VoiceOrder
from ringpass.redaction import Secret

BIZFLY = Bizfly("https://api-callcenter.bizflycloud.vn")
MCN = Mcn("https://paidmethods.mcn.ru")
CARESOFT = Caresoft("https://api.caresoft.vn", "acme")
NOTHING_SET = ClientSettings()


def voice(otp_id: str = "OTP-975705", otp: str = "12345", ring_timeout: int = 25) -> VoiceOrder:
    return VoiceOrder(parse_phone("+84389801371"), Secret(otp), otp_id, "api_key", ring_timeout)


def call(**fields: object) -> CallOrder:
    command = PasswordCall.from_mapping({"phone": "+79777777777"} | fields)
    return CallOrderBuilder().for_command(command, "acme", NOTHING_SET)


def message(
    template: int = 366, params: dict[str, str] | None = None, ticket_id: int | None = None
) -> MessageOrder:
    phone = parse_phone("+84983912148")
    return MessageOrder(phone, template, params=params, ticket_id=ticket_id)


def test_bizfly_s_documented_request() -> None:
    request = BIZFLY.request(voice(), "123123123", Secret("EHSnEnrwQJaAOrXv"))
    assert request.url == "https://api-callcenter.bizflycloud.vn/v4/api/otp_calls"
    assert request.headers["Authorization"] == "EHSnEnrwQJaAOrXv"
    assert request.headers["Content-Type"] == "application/json"
    assert json.loads(request.body) == {
        "callee": "0389801371",
        "callee_timeout": "25",
        "otp": "12345",
        "otp_id": "OTP-975705",
        "request_id": "123123123",
    }


def test_bizfly_takes_the_scenario_and_ring_timeout_of_the_command() -> None:
    order = voice("OTP-1", "0001", 40)
    body = json.loads(BIZFLY.request(order, "dlv_1", Secret("k")).body)
    assert (body["otp_id"], body["callee_timeout"], body["otp"]) == ("OTP-1", "40", "0001")


def test_bizfly_s_key_is_the_scenario_s() -> None:
    assert BIZFLY.secret_of(voice()) == ("bizfly", "api_key")
    assert BIZFLY.secret_of(replace(voice(), key_field="second_key")) == ("bizfly", "second_key")


def test_mcn_s_documented_request() -> None:
    request = MCN.request(call(code="1234", detect_redirect=True), "dlv_1", Secret("token"))
    assert request.url == "https://paidmethods.mcn.ru/api/protected/api/auth/passwordcall"
    assert request.headers["Authorization"] == "Bearer token"
    assert json.loads(request.body) == {
        "phone_number": "79777777777",
        "verification_code": "1234",
        "is_with_redirect": True,
    }


def test_mcn_s_code_stays_text_and_is_left_out_when_there_is_none() -> None:
    with_zeros = call(code="0012")
    assert json.loads(MCN.request(with_zeros, "d", Secret("t")).body)["verification_code"] == "0012"
    without = call(phone="+84389801371")
    assert json.loads(MCN.request(without, "d", Secret("t")).body) == {
        "phone_number": "84389801371",
        "is_with_redirect": False,
    }


def test_caresoft_s_documented_request() -> None:
    # The documentation masks the number; any Vietnamese one stands for it.
    order = message(
        template=366,
        ticket_id=297005,
        params={"requester": "Nguyễn Hải Hà", "masoDatve": "098733"},
    )
    request = CARESOFT.request(order, "dlv_1", Secret("token"))
    assert request.url == "https://api.caresoft.vn/acme/api/v1/zalo/zns"
    assert request.headers["Authorization"] == "Bearer token"
    assert json.loads(request.body) == {
        "zns": {
            "phone": "0983912148",
            "template_id": 366,
            "ticket_id": 297005,
            "params": {"requester": "Nguyễn Hải Hà", "masoDatve": "098733"},
        }
    }
    assert "Nguyễn".encode() in request.body


def test_caresoft_gets_neither_ticket_nor_params_when_none_are_given() -> None:
    body = json.loads(CARESOFT.request(message(), "dlv_1", Secret("t")).body)
    assert body == {"zns": {"phone": "0983912148", "template_id": 366}}


def test_caresoft_cannot_carry_what_it_has_no_scenario_for() -> None:
    assert CARESOFT.carries(message())
    assert not CARESOFT.carries(replace(message(), scenario_id=None, zns_id="211214"))


def test_without_a_domain_caresoft_is_not_set_up() -> None:
    assert CARESOFT.is_set_up
    assert not replace(CARESOFT, domain="").is_set_up


def test_a_request_does_not_print_what_it_holds() -> None:
    order = call(code="1234")
    printed = repr(MCN.request(order, "dlv_1", Secret("token"))) + repr(order)
    assert "1234" not in printed
    assert "token" not in printed
    assert "79777777777" not in printed
