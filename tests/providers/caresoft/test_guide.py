"""CareSoft's guide to ZNS, sentence by sentence: each that states a rule has a test named after it.

The Vietnamese terms are those of the guide ("Tin nhắn Zalo ZNS").
"""

import json
import re
from typing import Any

import pytest

from ringpass.clients.zns_templates.model import Template
from ringpass.clients.zns_templates.requests import RegisterTemplate
from ringpass.clients.zns_templates.service import TemplateService
from ringpass.deliveries.requests import Zns
from ringpass.deliveries.send import SendService
from ringpass.errors import ValidationFailed
from ringpass.outcomes import Status
from ringpass.providers.base import HttpResponse
from tests.audit_log import actor
from tests.template import ROOT
from tests.world import World

DOCUMENTED_REPLY = HttpResponse(200, b'{"status": "OK", "ticket": {"ticketId": "297002"}}')
# The guide masks the number; any Vietnamese one stands for it.
PHONE = "+84983912148"
PARAMS = {"requester": "Nguyễn Hải Hà", "masoDatve": "098733"}
DOCUMENTED: dict[str, Any] = {
    "name": "booking",
    "caresoft_id": 366,
    "zns_id": "211214",
    "oa_id": "4318657068771012646",
    "approved": True,
    "params": [{"name": "requester"}, {"name": "masoDatve", "required": False}],
}


@pytest.fixture(autouse=True)
def _replies(world: World) -> None:
    world.wire.answers = [DOCUMENTED_REPLY]


def register(world: World, **fields: object) -> Template:
    command = RegisterTemplate.from_json(json.dumps(DOCUMENTED | fields).encode())
    registry = TemplateService("test", world.parts.templates.templates, world.clock)
    return registry.register(command, actor("acme")).value


def send(world: World, **fields: object) -> Any:  # noqa: ANN401 - a delivery
    zns = SendService(
        "test", "POST /v1/zns", world.parts.zns, world.preferences, world.secrets, world.clock
    )
    return zns.send(Zns.from_mapping({"phone": PHONE} | fields), "acme", None).delivery


def sent(world: World) -> dict[str, Any]:
    [request] = world.wire.requests
    body = json.loads(request.body)
    assert set(body) == {"zns"}
    zns: dict[str, Any] = body["zns"]
    return zns


def refused(world: World, **fields: object) -> tuple[list[Any], str]:
    with pytest.raises(ValidationFailed) as refusal:
        send(world, **fields)
    assert world.wire.requests == []
    [error] = refusal.value.errors
    return error["loc"], error["type"]


# ------------------------------------------------------------------------------------- 1. Gửi ZNS


def test_a_message_goes_to_the_customer_s_zalo_by_the_phone_number(world: World) -> None:
    """Of "thông qua số điện thoại": nothing else says whom it is for."""
    send(world, template=366)
    assert sent(world)["phone"] == "0983912148"


def test_it_takes_a_scenario_s_id_with_a_template_that_zalo_has_approved(world: World) -> None:
    """Of "ID kịch bản ... với template được ZALO duyệt (kèm ZNS_ID)"."""
    template = register(world, approved=False)
    assert (template.caresoft_id, template.zns_id) == (366, "211214")
    assert refused(world, template="booking", params=PARAMS) == (
        ["template"],
        "template_not_approved",
    )


def test_zns_is_an_object_that_holds_what_is_sent(world: World) -> None:
    """Of "Object chứa thông tin gửi ZNS": all fields stand in it, and it alone in the body."""
    send(world, template=366, ticket_id=297005, params=PARAMS)
    assert set(sent(world)) == {"phone", "template_id", "ticket_id", "params"}


def test_phone_is_a_telephone_number(world: World) -> None:
    """Of "TelephoneNo", as the guide writes it: national, with its leading 0."""
    send(world, template=366)
    assert re.fullmatch(r"0\d{9}", sent(world)["phone"])
    with pytest.raises(ValidationFailed):
        send(world, template=366, phone="not-a-number")


@pytest.mark.parametrize("template", [366, "366", "booking"])
def test_template_id_is_an_int(world: World, template: object) -> None:
    """Of "template_id: Int", also where the caller names the template."""
    register(world)
    send(world, template=template, params=PARAMS)
    assert sent(world)["template_id"] == 366


def test_a_template_is_linked_to_one_zalo_oa(world: World) -> None:
    """Of "được cấu hình liên kết đến 1 zalo OA": one id, not several."""
    assert register(world).oa_id == "4318657068771012646"
    with pytest.raises(ValidationFailed):
        register(world, name="two", oa_id=["1", "2"])


def test_ticket_id_answers_a_ticket_that_there_is(world: World) -> None:
    """Of "trả lời cho 1 phiếu ghi đã có": it is sent as an Int."""
    register(world)
    send(world, template="booking", params=PARAMS, ticket_id=297005)
    assert sent(world)["ticket_id"] == 297005


def test_without_a_ticket_id_the_system_makes_a_new_ticket(world: World) -> None:
    """Of "hệ thống sẽ tự tạo 1 phiếu ghi mới": none is sent, and the reply names the new one."""
    register(world)
    delivery = send(world, template="booking", params=PARAMS)
    assert "ticket_id" not in sent(world)
    assert delivery.ticket_id == "297002"


def test_a_template_may_want_its_ticket_given(world: World) -> None:
    """Ours: where an answer to a ticket is what is meant, none is made by mistake."""
    register(world, ticket="given")
    assert refused(world, template="booking", params=PARAMS) == (["ticket_id"], "ticket_required")


def test_params_is_an_object_of_names_and_values(world: World) -> None:
    """Of "Param dạng {param:value, param1:value1}"."""
    register(world)
    send(world, template="booking", params=PARAMS)
    assert sent(world)["params"] == PARAMS


def test_params_are_the_variables_that_the_scenario_s_text_has(world: World) -> None:
    """Of "tên biến và giá trị thay thế được cấu hình trên nội dung kịch bản": no other ones."""
    register(world)
    assert refused(world, template="booking", params=PARAMS | {"other": "x"}) == (
        ["params", "other"],
        "param_unknown",
    )


@pytest.mark.parametrize("params", [[], [{"name": "requester", "required": False}]])
def test_without_params_the_system_takes_the_scenario_s_own_mapping(
    world: World, params: list[object]
) -> None:
    """Of "Hệ thống tự động lấy các tham số đã cấu hình mapping": then none are sent."""
    register(world, params=params)
    send(world, template="booking")
    assert "params" not in sent(world)


def test_the_documented_payload(world: World) -> None:
    """Of "kịch bản ZNS có ID là 366 ... phiếu ghi có ID 297005", byte for byte the same object."""
    register(world)
    send(world, template="booking", ticket_id=297005, params=PARAMS)
    assert sent(world) == {
        "phone": "0983912148",
        "template_id": 366,
        "ticket_id": 297005,
        "params": {"requester": "Nguyễn Hải Hà", "masoDatve": "098733"},
    }


# ------------------------------------------------------------------------------------- the request


def test_it_is_a_post_to_the_domain_s_path(world: World) -> None:
    """Of "POST {{domain}}/api/v1/zalo/zns"."""
    send(world, template=366)
    [request] = world.wire.requests
    assert request.method == "POST"
    assert request.url.endswith("/acme/api/v1/zalo/zns")


def test_any_number_that_is_registered_with_zalo_can_be_sent_to(world: World) -> None:
    """Of "1 số điện thoại bất kỳ đã đăng ký tài khoản Zalo": of another one CareSoft says so."""
    world.wire.answers = [HttpResponse(200, b'{"code":"errors","message":"not a Zalo user"}')]
    delivery = send(world, template=366)
    assert delivery.status is Status.REJECTED


def test_the_documented_reply(world: World) -> None:
    """``ticketId`` is text there; the message is accepted, which does not say delivered."""
    delivery = send(world, template=366)
    assert (delivery.status, delivery.ticket_id) == (Status.ACCEPTED, "297002")


# ----------------------------------- 2. Cách lấy template_id, 3. Cấu hình kịch bản


def test_where_an_administrator_finds_the_id_is_told() -> None:
    """Of "Admin → Kịch bản", the kind "Gửi tin nhắn Zalo ZNS"."""
    page = (ROOT / "docs" / "zns-templates.md").read_text("utf-8")
    text = " ".join(page.split())
    assert "Admin → Kịch bản" in text
    assert "Gửi tin nhắn Zalo ZNS" in text


def test_a_scenario_s_zns_id_is_one_that_zalo_has_approved(world: World) -> None:
    """Of "phải là ID được Zalo phê duyệt": who registers it says so, and only then it is sent."""
    register(world, name="waiting", approved=False)
    assert refused(world, template="waiting", params=PARAMS)[1] == "template_not_approved"
    register(world)
    assert send(world, template="booking", params=PARAMS).status is Status.ACCEPTED


def test_the_oa_is_one_that_is_connected_to_caresoft(world: World) -> None:
    """Of "Page Zalo đã được tích hợp vào CareSoft": without a scenario there it cannot be sent."""
    register(world, caresoft_id=None)
    assert refused(world, template="booking", params=PARAMS) == (["template"], "no_provider")
