"""Our commands in each provider's form, with the values of their documentation."""

import json

import pytest

from ringpass.commands import PasswordCall, VoiceOtp, Zns
from ringpass.credentials import Secret
from ringpass.errors import ValidationFailed
from ringpass.providers.bizfly import Bizfly
from ringpass.providers.caresoft import Caresoft
from ringpass.providers.mcn import Mcn

BIZFLY = Bizfly("https://api-callcenter.bizflycloud.vn", "OTP-975705")
MCN = Mcn("https://paidmethods.mcn.ru")
CARESOFT = Caresoft("https://api.caresoft.vn", "acme")


def test_bizfly_s_documented_request() -> None:
    command = VoiceOtp.from_mapping({"phone": "+84389801371", "otp": "12345"})
    request = BIZFLY.request(command, "123123123", Secret("EHSnEnrwQJaAOrXv"))
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
    command = VoiceOtp.from_mapping(
        {"phone": "+84389801371", "otp": "0001", "scenario": "OTP-1", "ring_timeout": 40}
    )
    body = json.loads(BIZFLY.request(command, "dlv_1", Secret("k")).body)
    assert (body["otp_id"], body["callee_timeout"], body["otp"]) == ("OTP-1", "40", "0001")


def test_bizfly_without_any_scenario_is_refused_before_a_request() -> None:
    command = VoiceOtp.from_mapping({"phone": "+84389801371", "otp": "12345"})
    with pytest.raises(ValidationFailed) as refused:
        Bizfly("https://example.test", "").check(command)
    assert refused.value.errors[0]["loc"] == ["scenario"]


def test_mcn_s_documented_request() -> None:
    command = PasswordCall.from_mapping(
        {"phone": "+79777777777", "code": "1234", "detect_redirect": True}
    )
    request = MCN.request(command, "dlv_1", Secret("token"))
    assert request.url == "https://paidmethods.mcn.ru/api/protected/api/auth/passwordcall"
    assert request.headers["Authorization"] == "Bearer token"
    assert json.loads(request.body) == {
        "phone_number": "79777777777",
        "verification_code": "1234",
        "is_with_redirect": True,
    }


def test_mcn_s_code_stays_text_and_is_left_out_when_there_is_none() -> None:
    with_zeros = PasswordCall.from_mapping({"phone": "+79777777777", "code": "0012"})
    assert json.loads(MCN.request(with_zeros, "d", Secret("t")).body)["verification_code"] == "0012"
    without = PasswordCall.from_mapping({"phone": "+84389801371"})
    assert json.loads(MCN.request(without, "d", Secret("t")).body) == {
        "phone_number": "84389801371",
        "is_with_redirect": False,
    }


def test_caresoft_s_documented_request() -> None:
    # The documentation masks the number; any Vietnamese one stands for it.
    command = Zns.from_mapping(
        {
            "phone": "+84983912148",
            "template": 366,
            "ticket_id": 297005,
            "params": {"requester": "Nguyễn Hải Hà", "masoDatve": "098733"},
        }
    )
    request = CARESOFT.request(command, "dlv_1", Secret("token"))
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
    command = Zns.from_mapping({"phone": "+84983912148", "template": "366"})
    body = json.loads(CARESOFT.request(command, "dlv_1", Secret("t")).body)
    assert body == {"zns": {"phone": "0983912148", "template_id": 366}}


@pytest.mark.parametrize("name", ["welcome", "٣٦٦", "9" * 16, "-1", "0366"])
def test_a_template_that_is_no_scenario_id_is_refused_before_a_request(name: str) -> None:
    command = Zns.from_mapping({"phone": "+84983912148", "template": name})
    with pytest.raises(ValidationFailed) as refused:
        CARESOFT.check(command)
    assert refused.value.errors[0]["loc"] == ["template"]


def test_a_request_does_not_print_what_it_holds() -> None:
    command = PasswordCall.from_mapping({"phone": "+79777777777", "code": "1234"})
    printed = repr(MCN.request(command, "dlv_1", Secret("token"))) + repr(command)
    assert "1234" not in printed
    assert "token" not in printed
    assert "79777777777" not in printed
