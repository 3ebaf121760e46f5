"""Bizfly Cloud's OTP Call guide, sentence by sentence: each that states a rule has a test.

The docstrings name the field or the sentence as the guide has it.
"""

import json
from collections.abc import Callable
from typing import Any

import pytest

from ringpass.aws.dynamodb import Table
from ringpass.clients.scenarios.api_guide import ApiGuideService
from ringpass.clients.scenarios.model import Scenario
from ringpass.clients.scenarios.preview import Line, Part, timeline
from ringpass.clients.scenarios.service import ScenarioService
from ringpass.clients.scenarios.views import guide_view, scenario_view
from ringpass.errors import ScenarioActive, ScenarioSlotsTaken, ValidationFailed
from ringpass.outcomes import Accepted
from ringpass.phone import parse_phone
from ringpass.providers.base import HttpResponse
from ringpass.providers.bizfly.client import Bizfly
from ringpass.providers.orders import VoiceOrder
from ringpass.redaction import Secret
from tests.audit_log import actor
from tests.clients.scenarios.test_preview import digits, kinds
from tests.clients.scenarios.test_requests import LEAST, MOST
from tests.clients.scenarios.test_service import change, created, guides, wanted
from tests.world import Clock, scenario_registry

__all__ = ["guides"]


@pytest.fixture
def registry(table: Table) -> ScenarioService:
    return scenario_registry(table, Clock())


def heard(**fields: object) -> tuple[Line, ...]:
    return timeline(wanted(**MOST | fields).to_script(), "1234")


def refused(make: Callable[[], Any]) -> list[str]:
    with pytest.raises(ValidationFailed) as error:
        make()
    return [str(each["loc"][0]) for each in error.value.errors]


# ----------------------------------------------------------------------------- making a scenario


def test_a_scenario_has_a_name(registry: ScenarioService) -> None:
    """Tên kịch bản."""
    assert created(registry, name="Đăng nhập").script.name == "Đăng nhập"
    assert refused(lambda: wanted(name=None)) == ["name"]


def test_a_scenario_may_have_a_description(registry: ScenarioService) -> None:
    """Mô tả kịch bản."""
    assert created(registry, description="Mã đăng nhập").script.description == "Mã đăng nhập"


def test_a_hotline_or_a_group_of_hotlines_calls() -> None:
    """Chọn đầu số / nhóm đầu số sử dụng gọi ra."""
    assert wanted().to_script().hotline == LEAST["hotline"]
    group = wanted(hotline=None, hotline_group="Nhóm 1").to_script()
    assert (group.hotline, group.hotline_group) == (None, "Nhóm 1")
    for both in ({"hotline": None}, {"hotline_group": "Nhóm 1"}):
        assert refused(lambda both=both: wanted(**both).to_script()) == ["hotline"]  # type: ignore[misc]


def test_the_greeting_is_heard_first() -> None:
    """Lời chào - giới thiệu: nghe ghi âm này đầu tiên."""
    first, *others = heard()
    assert (first.at_seconds, first.kind, first.text) == (0, Part.GREETING, MOST["greeting"])
    assert Part.GREETING not in {line.kind for line in others}


def test_the_voice_does_not_read_the_code() -> None:
    """Giọng đọc: trừ file đọc mã OTP."""
    assert digits(heard(voice="Nam")) == digits(heard(voice=None))


def test_the_speed_is_that_of_the_recordings() -> None:
    """Speed: Tốc độ đọc của file."""
    slow, fast = (dict.fromkeys(Part, 0) for _ in range(2))
    for speed, lengths in ((0.5, slow), (2.0, fast)):
        for line in heard(speed=speed):
            lengths[line.kind] += line.seconds
    for kind in (Part.GREETING, Part.REPEAT_ANNOUNCEMENT, Part.CLOSING):
        assert slow[kind] > fast[kind]
    assert slow[Part.DIGITS] == fast[Part.DIGITS]


def test_a_code_is_repeated_if_that_is_ticked() -> None:
    """Nhắc lại nội dung OTP: mã otp sẽ được phát lại, theo nội dung mới."""
    assert len(digits(heard())) == 3 * len("1234")
    once = dict.fromkeys(("repeat_count", "repeat_pause_seconds", "repeat_announcement"))
    assert len(digits(heard(repeat=False, **once))) == len("1234")
    assert refused(lambda: wanted(repeat=True)) == ["repeat_announcement"]


def test_a_repetition_is_heard_after_the_first_play() -> None:
    """Người nghe sẽ được nghe ghi âm này sau lần phát OTP đầu tiên."""
    parts = kinds(heard())
    assert parts.index(Part.REPEAT_ANNOUNCEMENT) > parts.index(Part.DIGITS)


def test_a_code_that_is_repeated_is_played_twice_at_least_the_first_time_counts() -> None:
    """Số lần nhắc lại nội dung OTP: tối thiểu là 2 lần (tính cả lần đầu tiên)."""
    assert refused(lambda: wanted(**MOST | {"repeat_count": 1})) == ["repeat_count"]
    assert len(digits(heard(repeat_count=2))) == 2 * len("1234")


def test_there_is_a_pause_between_two_plays() -> None:
    """Thời gian chờ giữa 2 lần nhắc."""
    pauses = [line for line in heard(repeat_pause_seconds=4) if line.kind is Part.PAUSE]
    assert [line.seconds for line in pauses] == [4, 4]


def test_the_repeat_announcement_is_played_whenever_the_code_is_played_again() -> None:
    """Thông báo nhắc lại nội dung OTP: phát khi thực hiện phát lại otp."""
    lines = [line for line in heard() if line.kind is Part.REPEAT_ANNOUNCEMENT]
    assert [line.text for line in lines] == [MOST["repeat_announcement"]] * 2
    parts = kinds(heard())
    assert all(
        parts[at + 1] is Part.DIGITS
        for at, kind in enumerate(parts)
        if kind is Part.REPEAT_ANNOUNCEMENT
    )


def test_the_closing_is_played_last_if_it_is_ticked() -> None:
    """Nội dung kết thúc cuộc gọi: được phát cuối cùng (sau lần phát OTP cuối)."""
    assert heard()[-1].kind is Part.CLOSING
    assert kinds(heard())[-2] is Part.DIGITS
    assert heard(closing=False, closing_text=None)[-1].kind is Part.DIGITS


# ------------------------------------------------------------------------ editing and activating


def test_a_new_scenario_is_listed_as_inactive(registry: ScenarioService) -> None:
    """Thông tin kịch bản mới sẽ hiển thị trên dashboard danh sách ở trạng thái chưa hoạt động."""
    scenario = created(registry)
    [item] = registry.page("acme", {}).items
    assert (item.id, item.status) == (scenario.id, "inactive")


def test_an_inactive_scenario_can_be_edited(registry: ScenarioService) -> None:
    """Khi ở trạng thái chưa hoạt động, kịch bản OTP có thể thực hiện chỉnh sửa lại thông tin."""
    scenario = created(registry)
    assert registry.replace(actor("acme"), scenario.id, change(voice="Nữ")).script.voice == "Nữ"


def test_editing_takes_what_making_takes(registry: ScenarioService) -> None:
    """Giao diện chỉnh sửa kịch bản giống với giao diện tạo kịch bản."""
    edited = registry.replace(actor("acme"), created(registry).id, change(**MOST))
    assert edited.script == wanted(**MOST).to_script()


def test_an_activated_scenario_can_be_neither_edited_nor_deleted(registry: ScenarioService) -> None:
    """Sau khi kích hoạt, kịch bản sẽ không thể được chỉnh sửa hoặc xóa."""
    scenario = registry.activate(actor("acme"), created(registry).id)
    with pytest.raises(ScenarioActive):
        registry.replace(actor("acme"), scenario.id, change())
    with pytest.raises(ScenarioActive):
        registry.delete(actor("acme"), scenario.id)


def test_at_most_two_scenarios_are_active_at_once(registry: ScenarioService) -> None:
    """Lưu ý chỉ có thể kích hoạt tối đa 2 kịch bản OTP cùng lúc."""
    first, _, third = (_activated(registry, number) for number in range(3))
    assert third is None
    assert first is not None
    registry.deactivate(actor("acme"), first.id)
    assert _activated(registry, 3) is not None


def _activated(registry: ScenarioService, number: int) -> Scenario | None:
    scenario = created(registry, name=f"script {number}")
    try:
        return registry.activate(actor("acme"), scenario.id)
    except ScenarioSlotsTaken:
        return None


# --------------------------------------------------------------------------------------- calling


def test_a_guide_shows_what_the_console_shows(
    registry: ScenarioService, guides: ApiGuideService
) -> None:
    """Xem hướng dẫn gửi API: OTP ID, API KEY, Endpoint, Header, Request Data."""
    guide = guide_view(guides.get("acme", created(registry, otp_id="OTP-975705").id))
    assert list(guide) == ["otp_id", "api_key", "endpoint", "headers", "request_data", "curl"]
    assert guide["otp_id"] == "OTP-975705"
    assert guide["endpoint"].endswith("/v4/api/otp_calls")


def test_a_call_is_made_with_what_the_guide_gives(
    registry: ScenarioService, guides: ApiGuideService
) -> None:
    """Tiếp theo ta sẽ lấy các thông tin đã cung cấp để thực hiện cuộc gọi API."""
    one = created(registry, otp_id="OTP-975705")
    guide = guides.get("acme", one.id)
    order = VoiceOrder(parse_phone("+84389801371"), Secret("12345"), "OTP-975705")
    request = Bizfly("https://bizfly.test").request(order, "123123123", Secret("key"))
    assert request.url == guide.endpoint
    body = json.loads(request.body)
    assert body == {
        "callee": "0389801371",
        "callee_timeout": "25",
        "otp": "12345",
        "otp_id": "OTP-975705",
        "request_id": "123123123",
    }
    assert body.keys() == guide.request_data.keys()
    assert {name.lower() for name in request.headers} >= {name.lower() for name in guide.headers}


def test_a_call_that_is_placed_is_answered_with_success() -> None:
    """Kết quả: thành công, status true."""
    order = VoiceOrder(parse_phone("+84389801371"), Secret("12345"), "OTP-975705")
    answer = HttpResponse(200, b'{"message":"th\\u00e0nh c\\u00f4ng","status":true}')
    assert Bizfly("https://bizfly.test").outcome(order, answer) == Accepted()


def test_a_scenario_names_its_key_and_never_shows_it(registry: ScenarioService) -> None:
    """API KEY: Key xác thực cho request."""
    assert scenario_view(created(registry))["api_key"] == "api_key"
