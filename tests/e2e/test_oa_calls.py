"""Calls of a Zalo OA over HTTP: checks, the link and its QR code, what became of them, replies."""

import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any, Final
from urllib.parse import urlsplit

import httpx
import pytest

from local.providers import ZALO_OA_ID
from local.stack import Stack
from ringpass.clock import from_text, to_text, utc_now
from tests.e2e.conftest import Api, Sandbox, fresh_phone, until
from tests.e2e.test_oa_desk import CLOSED, OA, OPEN, add, agent_id, remove_all, set_up, user_of

LINKS: Final = "/zalo/v3.0/oa/call/outbound"
PNG: Final = b"\x89PNG\r\n\x1a\n"
ASKED: Final = {"call_type": "audio", "reason": "delivery"}
NEVER_OPEN: Final = OPEN | {"hours": {}, "replies": {"out_of_hours": "Ngoài giờ."}}


@pytest.fixture(scope="module")
def agent(admin: Api) -> Iterator[str]:
    """The OA's one agent, with settings that let it call at any time."""
    set_up(admin, OPEN)
    remove_all(admin)
    id_ = agent_id()
    assert add(admin, "Trần Thị Lan", id_).status_code == 201
    yield id_
    remove_all(admin)


def consent(api: Api, phone: str) -> dict[str, Any]:
    """What the API says of a phone's consent; empty as long as there is none."""
    items = api.get(f"{OA}/consents", phone=phone).json()["items"]
    return dict(items[0]) if items else {}


def named(api: Api, sandbox: Sandbox) -> str:
    """The user id of a customer whose permission nobody has told, and who is known by it alone."""
    phone = fresh_phone("VN", "10")
    user_id = user_of(sandbox, phone)
    sandbox.control("zalo/consent", phone=phone, reply="SENT", user_id=user_id)
    until(lambda: consent(api, phone), lambda current: current.get("user_id_confirmed", False))
    sandbox.control("zalo/consent", phone=phone, reply="ALLOW", times=0)
    return user_id


@pytest.fixture(scope="module")
def allowed(api: Api, sandbox: Sandbox) -> Callable[[], str]:
    """Gives phones that may be called, each of them once; all are allowed at the same time."""
    phones = [fresh_phone("VN") for _ in range(9)]
    for phone in phones:
        sandbox.control("zalo/consent", phone=phone, reply="ALLOW")
    for phone in phones:
        until_allowed(api, phone)
    return phones.pop


def until_allowed(api: Api, phone: str, user_id: str | None = None) -> None:
    """Until the permission is there, and the customer's id, which is kept right after it."""
    until(
        lambda: consent(api, phone),
        lambda current: current.get("state") == "allowed" and user_id in (None, current["user_id"]),
    )


def place(api: Api, agent: str, key: str | None = None, **fields: object) -> httpx.Response:
    body = {"agent_id": agent, "call_type": "audio"} | fields
    return api.post(f"{OA}/calls", body, key)


def placed(api: Api, agent: str, **fields: object) -> dict[str, Any]:
    answer = place(api, agent, None, **fields)
    assert answer.status_code == 201, answer.text
    call: dict[str, Any] = answer.json()
    return call


def refused(answer: httpx.Response) -> set[str]:
    """The checks that do not hold."""
    assert (answer.status_code, answer.json()["code"]) == (409, "call_not_allowed"), answer.text
    assert all(check["detail"] for check in answer.json()["checks"])
    return {check["code"] for check in answer.json()["checks"]}


def links_made(sandbox: Sandbox, phone: str) -> list[dict[str, Any]]:
    return [one for one in sandbox.requests(phone) if one["path"] == LINKS]


def open_(sandbox: Sandbox, url: str, **headers: str) -> httpx.Response:
    """As an agent's browser or camera does: without an API key."""
    return sandbox.http.get(url, headers=headers)


def opened_before(stack: Stack, call: dict[str, Any], seconds: float) -> None:
    """Let the link of a call have been opened so long ago."""
    then = to_text(utc_now() - timedelta(seconds=seconds))
    stack.dynamodb().update_item(
        TableName=stack.table,
        Key={"PK": {"S": f"OCL#{call['id']}"}, "SK": {"S": "OCL"}},
        UpdateExpression="SET opened_at = :then",
        ConditionExpression="attribute_exists(PK)",
        ExpressionAttributeValues={":then": {"S": then}},
    )


def ended(api: Api, call_id: str) -> dict[str, Any]:
    """A call once Zalo has told of it."""
    path = f"{OA}/calls/{call_id}"
    return until(lambda: api.get(path).json(), lambda current: current["ended"] is not None)


# ------------------------------------------------------------------------------------ one call


def test_a_call_from_the_question_to_the_history(api: Api, sandbox: Sandbox, agent: str) -> None:
    phone = fresh_phone("VN")
    consent_answer = api.post(
        f"{OA}/consents",
        {
            "phone": phone,
            "call_type": "audio",
            "reason": "order_or_appointment",
            "name": "Nguyễn Thị Ánh",
        },
    )
    assert consent_answer.status_code == 202, consent_answer.text
    assert "allowed" not in consent_answer.text
    until_allowed(api, phone)
    call = placed(api, agent, phone=phone)
    assert (call["result"], call["direction"]) == ("open", "out")
    assert call["link"] == {
        "state": "unopened",
        "opened_at": None,
        "ends_at": call["link"]["ends_at"],
    }
    [minted] = links_made(sandbox, phone)
    assert minted["body"]["agent_id"] == agent
    # The picture first: its scan leads to our link, and that to Zalo.
    picture = open_(sandbox, call["qr_url"])
    assert (picture.status_code, picture.headers["content-type"]) == (200, "image/svg+xml")
    assert "<svg" in picture.text
    drawn = open_(sandbox, call["qr_url"], Accept="image/png")
    assert (drawn.headers["content-type"], drawn.content[:8]) == ("image/png", PNG)
    led_on = open_(sandbox, call["url"])
    assert led_on.status_code == 302
    assert led_on.headers["cache-control"] == "no-store"
    for answer in (picture, led_on):
        assert answer.headers["referrer-policy"] == "no-referrer"
        assert answer.headers["x-content-type-options"] == "nosniff"
        for part in ("frame-ancestors 'none'", "base-uri 'none'", "form-action 'none'"):
            assert part in answer.headers["content-security-policy"]
    no_link = open_(sandbox, call["url"][:-4] + "AAAA")
    assert (no_link.status_code, no_link.json()["code"]) == (404, "not_found")
    assert no_link.headers["x-content-type-options"] == "nosniff"
    assert no_link.headers["cache-control"] == "no-store"
    zalo = led_on.headers["location"]
    assert zalo.startswith(f"{sandbox.url}/zalo/call/")
    assert open_(sandbox, zalo).status_code == 200
    record = ended(api, call["id"])
    assert (record["result"], record["ended"]["talk_seconds"]) == ("answered", 21)
    assert (record["ended"]["waiting_seconds"], record["ended"]["status_code"]) == (4, "0")
    assert record["agent"] == {"agent_id": agent, "name": "Trần Thị Lan"}
    assert record["customer"]["name"] == "Nguyễn Thị Ánh"
    assert "*" in record["customer"]["phone"]
    # Neither Zalo's link nor ours is told again.
    items = api.get(f"{OA}/calls", q="nguyen thi anh", limit="1").json()["items"]
    assert [one["id"] for one in items] == [call["id"]]
    for text in (api.get(f"{OA}/calls/{call['id']}").text, str(items)):
        assert urlsplit(zalo).path not in text
        assert urlsplit(call["url"]).path not in text


def test_all_that_keeps_a_call_from_being_made_is_told(
    admin: Api, api: Api, sandbox: Sandbox, agent: str, allowed: Callable[[], str]
) -> None:
    phone = fresh_phone("VN")
    suspended = {"reason": "spam"}
    set_up(admin, {"enabled": False, "suspended": suspended, "hours": {}})
    try:
        answer = place(api, agent_id(), phone=phone)
        assert refused(answer) == {
            "feature_off",
            "oa_not_verified",
            "oa_suspended",
            "outside_hours",
            "agent_unknown",
            "consent_missing",
        }
        assert "oa@zalo.me" in answer.text
    finally:
        set_up(admin, OPEN)
    assert refused(place(api, agent, phone=phone)) == {"consent_missing"}
    other = allowed()
    assert refused(place(api, agent_id(), phone=other)) == {"agent_unknown"}
    assert links_made(sandbox, phone) == links_made(sandbox, other) == []


def test_the_same_request_again_is_the_same_call(
    api: Api, sandbox: Sandbox, agent: str, allowed: Callable[[], str]
) -> None:
    phone, key = allowed(), fresh_phone("VN")[1:]
    first = place(api, agent, key, phone=phone)
    again = place(api, agent, key, phone=phone)
    assert (first.status_code, again.status_code) == (201, 201)
    assert again.headers["idempotent-replayed"] == "true"
    assert again.json() == first.json()
    assert len(links_made(sandbox, phone)) == 1
    other = place(api, agent, key, phone=phone, call_type="video")
    assert other.json()["code"] == "idempotency_key_reused"


def test_zalo_is_asked_before_a_call_is_refused(api: Api, sandbox: Sandbox, agent: str) -> None:
    """No event told of the permission; and the customer is named by Zalo's id of the person."""
    user_id = named(api, sandbox)
    call = placed(api, agent, user_id=user_id)
    assert call["customer"]["user_id"] == user_id
    assert open_(sandbox, call["url"]).status_code == 302
    # Nobody knew whether this one had been asked; that Zalo waits for an answer shows it.
    phone = fresh_phone("VN", "16")
    body = {"phone": phone, "call_type": "audio", "reason": "delivery"}
    assert api.post(f"{OA}/consents", body).json()["cost"]["kind"] == "estimated"
    sandbox.control("zalo/consent", phone=phone, error=8)
    assert refused(place(api, agent, phone=phone)) == {"consent_waiting"}
    assert consent(api, phone)["cost"]["kind"] == "settled"


def test_a_permission_lets_nobody_else_be_called(api: Api, sandbox: Sandbox, agent: str) -> None:
    """Whose user id it is, only Zalo says: what we are told of it is a note."""
    phone, other = fresh_phone("VN"), fresh_phone("VN")
    stranger = user_of(sandbox, other)
    answer = api.post(f"{OA}/consents", {"phone": phone, "user_id": stranger, **ASKED})
    assert (answer.status_code, answer.json()["user_id_confirmed"]) == (202, False)
    until_allowed(api, phone)
    assert refused(place(api, agent, user_id=stranger)) == {"consent_missing"}
    placed(api, agent, phone=phone)
    assert [one["body"]["user_id"] for one in links_made(sandbox, phone)] == [phone[1:]]
    assert links_made(sandbox, other) == []


def test_a_number_that_the_client_denies_is_not_called(
    api: Api, admin: Api, sandbox: Sandbox, agent: str, allowed: Callable[[], str]
) -> None:
    """Not anew, nor by a link that was made before; what names it more closely decides."""
    phone = allowed()
    call = placed(api, agent, phone=phone)
    before = admin.get("/v1/settings").json()
    settings = {name: value for name, value in before.items() if name != "version"}

    def set_lists(**lists: dict[str, list[str]]) -> dict[str, Any]:
        body = settings | {"limits": settings["limits"] | lists}
        answer = admin.http.put(f"{admin.url}/v1/settings", json=body)
        assert answer.status_code == 200, answer.text
        limits: dict[str, Any] = answer.json()["limits"]
        return limits

    def denied(answer: httpx.Response) -> bool:
        refusal = (answer.status_code, answer.json().get("code"), answer.json().get("limit"))
        return refusal == (403, "not_allowed", "deny_list")

    try:
        [key] = set_lists(deny={"numbers": [phone], "prefixes": []})["deny"]["numbers"]
        assert denied(place(api, agent, phone=phone))
        assert denied(api.post(f"{OA}/consents", {"phone": phone, **ASKED}))
        over = open_(sandbox, call["url"])
        assert (over.status_code, over.json()["code"]) == (410, "link_ended")
        assert [check["code"] for check in over.json()["checks"]] == ["not_allowed"]
        assert open_(sandbox, call["qr_url"]).headers["blurred-because"] == "not_allowed"
        # What was answered for the number can be sent back, and names it.
        prefix = {"numbers": [], "prefixes": [phone[:-3]]}
        set_lists(deny=prefix)
        assert denied(place(api, agent, phone=phone))
        set_lists(deny=prefix, allow={"numbers": [key], "prefixes": []})
        placed(api, agent, phone=phone)
    finally:
        set_lists()
    assert open_(sandbox, call["url"]).status_code == 302


def test_without_a_link_from_zalo_there_is_no_call(
    api: Api, sandbox: Sandbox, agent: str, allowed: Callable[[], str]
) -> None:
    phone, link_count = allowed(), 0
    for digits in ("06", "07", "12", "13", "14", "16"):
        sandbox.control("script", phone=phone, provider="zalo", digits=digits)
        answer = place(api, agent, phone=phone)
        assert (answer.status_code, answer.json()["code"]) == (502, "provider_failed")
        # A token that is refused is looked up anew, and the request repeated once.
        link_count += 2 if digits == "14" else 1
        assert len(links_made(sandbox, phone)) == link_count
    items = api.get(f"{OA}/calls", limit="1").json()["items"]
    assert user_of(sandbox, phone) not in str(items)


# ------------------------------------------------------------------------------------ the link


def test_a_link_is_good_for_two_minutes_from_its_first_opening(
    api: Api, sandbox: Sandbox, agent: str, stack: Stack, allowed: Callable[[], str]
) -> None:
    call = placed(api, agent, phone=allowed())
    with ThreadPoolExecutor(8) as pool:
        urls = [call["url"], call["qr_url"]] * 4
        answers = list(pool.map(lambda url: open_(sandbox, url), urls))
    assert {answer.status_code for answer in answers} == {200, 302}
    link = api.get(f"{OA}/calls/{call['id']}").json()["link"]
    assert link["state"] == "open"
    length = from_text(link["ends_at"]) - from_text(link["opened_at"])
    assert length.total_seconds() == 120
    opened_before(stack, call, 110)
    assert open_(sandbox, call["url"]).status_code == 302
    opened_before(stack, call, 120)
    over = open_(sandbox, call["url"])
    assert (over.status_code, over.json()["code"]) == (410, "link_ended")
    assert [check["code"] for check in over.json()["checks"]] == ["link_expired"]
    page = open_(sandbox, call["url"], Accept="text/html,*/*")
    assert (page.status_code, page.headers["content-type"][:9]) == (410, "text/html")
    blurred = open_(sandbox, call["qr_url"])
    assert (blurred.status_code, blurred.headers["blurred-because"]) == (200, "link_expired")
    assert "Blur" in blurred.text
    drawn = open_(sandbox, f"{call['qr_url']}?format=png")
    assert (drawn.headers["content-type"], drawn.content[:8]) == ("image/png", PNG)
    assert api.get(f"{OA}/calls/{call['id']}").json()["link"]["state"] == "ended"


def test_a_link_ends_once_a_check_does_not_hold(
    admin: Api, api: Api, sandbox: Sandbox, agent: str, allowed: Callable[[], str]
) -> None:
    phone = allowed()
    call = placed(api, agent, phone=phone)
    assert open_(sandbox, call["url"]).status_code == 302
    sandbox.control("zalo/consent", phone=phone, reply="USER_BLOCKED")
    over = until(lambda: open_(sandbox, call["url"]), lambda answer: answer.status_code == 410)
    assert [check["code"] for check in over.json()["checks"]] == ["consent_blocked"]
    assert open_(sandbox, call["qr_url"]).headers["blurred-because"] == "consent_blocked"
    other = placed(api, agent, phone=allowed())
    set_up(admin, CLOSED | {"hours": {}, "enabled": False, "replies": {}})
    try:
        over = open_(sandbox, other["url"])
        codes = {check["code"] for check in over.json()["checks"]}
        assert codes == {"feature_off", "outside_hours"}
    finally:
        set_up(admin, OPEN)
    assert open_(sandbox, other["url"]).status_code == 302


def test_there_is_no_other_link(
    api: Api, sandbox: Sandbox, agent: str, allowed: Callable[[], str]
) -> None:
    call = placed(api, agent, phone=allowed())
    base, token = call["url"].rsplit("/", 1)
    for other in (token[:-1] + ("A" if token[-1] != "A" else "B"), "x", token + "A", "%00"):
        for path in (other, f"{other}/qr"):
            assert open_(sandbox, f"{base}/{path}").status_code == 404
    page = open_(sandbox, f"{base}/x", Accept="text/html")
    assert (page.status_code, page.headers["content-type"][:9]) == (404, "text/html")
    assert open_(sandbox, f"{call['qr_url']}?format=gif").status_code == 422


# ------------------------------------------------------------------------------------ the history


def test_a_call_s_end_is_told_by_its_customer(api: Api, sandbox: Sandbox, agent: str) -> None:
    """By user id, where Zalo has told of it; however often the event comes."""
    waiting = {fresh_phone("VN", "01"): 2, fresh_phone("VN", "02"): 30, fresh_phone("VN", "09"): 4}
    for phone in waiting:
        user_id = user_of(sandbox, phone)
        sandbox.control("zalo/consent", phone=phone, reply="ALLOW", user_id=user_id)
    calls = {}
    for phone in waiting:
        user_id = user_of(sandbox, phone)
        until_allowed(api, phone, user_id)
        calls[phone] = placed(api, agent, phone=phone)
        assert links_made(sandbox, phone)[0]["body"]["user_id"] == user_id
        open_(sandbox, open_(sandbox, calls[phone]["url"]).headers["location"])
    for phone, seconds in waiting.items():
        call = ended(api, calls[phone]["id"])
        assert call["result"] == ("answered" if phone.endswith("09") else "not_answered")
        assert call["ended"]["waiting_seconds"] == seconds
        assert call["auto_reply"] is None
        assert len(of_customer(api, sandbox, phone)) == 1


def of_customer(api: Api, sandbox: Sandbox, phone: str) -> list[dict[str, Any]]:
    """The newest calls with this customer."""
    user_id = user_of(sandbox, phone)
    items = api.get(f"{OA}/calls", limit="100").json()["items"]
    return [one for one in items if one["customer"]["user_id"] == user_id]


def told_of(api: Api, sandbox: Sandbox, phone: str) -> dict[str, Any]:
    """The one call with this customer, once Zalo has told of it."""
    [call] = until(lambda: of_customer(api, sandbox, phone), bool)
    return call


def test_a_call_is_kept_in_whatever_form_it_is_told(api: Api, sandbox: Sandbox, agent: str) -> None:
    lengths = {"talk_time": 61_500, "waiting_time": 7, "call_duration": 68_500}
    fields = lengths | {"direction": "in", "status_code": -17, "call_type": "VIDEO", "times": 2}
    phones = {types: fresh_phone("VN") for types in ("number", "text", "mixed")}
    for types, phone in phones.items():
        sandbox.control("zalo/call", phone=phone, types=types, **fields)
    for phone in phones.values():
        call = told_of(api, sandbox, phone)
        end = call["ended"]
        assert (call["direction"], call["result"]) == ("in", "answered")
        assert call["call_type"] == "video"
        assert (end["talk_seconds"], end["waiting_seconds"]) == (61.5, 7)
        assert (end["duration_seconds"], end["status_code"]) == (68.5, "-17")
        assert call["auto_reply"] is None


def test_a_call_of_which_little_is_told_is_kept(api: Api, sandbox: Sandbox, agent: str) -> None:
    phone = fresh_phone("VN")
    left_out = ("init_time", "waiting_time", "talk_time", "call_duration", "call_type")
    nothing = dict.fromkeys((*left_out, "status_code"))
    sandbox.control("zalo/call", phone=phone, direction="out", **nothing)
    call = told_of(api, sandbox, phone)
    assert (call["direction"], call["result"], call["call_type"]) == ("out", "not_answered", None)
    assert call["link"] is None


def hours_ago(hours: int) -> str:
    return to_text(utc_now() - timedelta(hours=hours))


def test_calls_are_searched_and_filtered(api: Api, sandbox: Sandbox, agent: str) -> None:
    in_, out = fresh_phone("VN"), fresh_phone("VN", "02")
    sandbox.control("zalo/call", phone=in_, direction="in", talk_time=1000)
    sandbox.control("zalo/call", phone=out, direction="out", agent_id=agent)
    until(lambda: of_customer(api, sandbox, in_) and of_customer(api, sandbox, out), bool)

    def phones(**query: str) -> set[str]:
        items = api.get(f"{OA}/calls", limit="100", **query).json()["items"]
        users = {one["customer"]["user_id"] for one in items}
        return {phone for phone in (in_, out) if user_of(sandbox, phone) in users}

    assert phones() == {in_, out}
    assert phones(direction="in") == phones(result="answered") == {in_}
    assert phones(direction="out") == phones(result="not_answered") == {out}
    assert phones(agent_id=agent) == phones(q="tran thi LAN") == {out}
    assert phones(q="nobody") == set()
    assert phones(**{"from": hours_ago(1)}) == {in_, out}
    assert phones(**{"from": hours_ago(2), "to": hours_ago(1)}) == set()
    wrong = api.get(f"{OA}/calls", result="lost", direction="up", q="")
    assert wrong.status_code == 422
    assert len(wrong.json()["errors"]) == 3


# ------------------------------------------------------------------------------------ replies


def texts(sandbox: Sandbox, phone: str) -> list[str]:
    """What the customer was written."""
    answer = sandbox.http.get(f"{sandbox.url}/_sandbox/zalo/messages", params={"phone": phone})
    return [item["text"] for item in answer.json()["items"]]


def replied(api: Api, sandbox: Sandbox, phone: str) -> dict[str, Any]:
    """What became of the reply to a customer's call."""

    def look() -> dict[str, Any]:
        calls = of_customer(api, sandbox, phone)
        return dict((calls[0]["auto_reply"] if calls else None) or {})

    return until(look, lambda reply: reply.get("reason", "function_ended") != "function_ended")


def test_a_customer_whose_call_nobody_took_is_written_once(
    admin: Api, api: Api, sandbox: Sandbox, agent: str
) -> None:
    busy, closed, lost, late = (fresh_phone("VN", end) for end in ("99", "99", "07", "99"))

    def calls(phone: str, **fields: object) -> None:
        event = {"talk_time": 0, "waiting_time": 20, "call_duration": 20_000} | fields
        sandbox.control("zalo/call", phone=phone, direction="in", **event)

    calls(busy, times=5)
    assert replied(api, sandbox, busy)["kind"] == "busy"
    # Taken, but the reply is lost: it is never sent again.
    calls(lost, times=3)
    assert replied(api, sandbox, lost)["state"] == "unknown"
    # Called an hour ago.
    calls(late, init_time=round(time.time() * 1000) - 3_600_000)
    assert replied(api, sandbox, late)["reason"] == "too_late"
    set_up(admin, NEVER_OPEN)
    try:
        calls(closed, times=5, types="text")
        reply = replied(api, sandbox, closed)
        assert (reply["kind"], reply["state"]) == ("out_of_hours", "sent")
    finally:
        set_up(admin, OPEN)
    expected = {
        busy: ["Xin gọi lại sau."],
        lost: ["Xin gọi lại sau."],
        late: [],
        closed: ["Ngoài giờ."],
    }
    assert {phone: texts(sandbox, phone) for phone in expected} == expected
    [call] = of_customer(api, sandbox, busy)
    again = {"call_id": call["ended"]["call_id"], "talk_time": 0}
    sandbox.control("zalo/call", phone=busy, direction="in", **again)
    assert len(of_customer(api, sandbox, busy)) == 1
    assert texts(sandbox, busy) == expected[busy]


# ------------------------------------------------------------------------------------ others


def test_to_all_others_there_are_no_calls(
    rival: Api, admin: Api, api: Api, sandbox: Sandbox, agent: str, allowed: Callable[[], str]
) -> None:
    call = placed(api, agent, phone=allowed())
    for other, path in ((rival, OA), (admin, f"/v1/oa/{ZALO_OA_ID}0")):
        body = {"phone": fresh_phone("VN"), "agent_id": agent, "call_type": "audio"}
        answers = [
            other.post(f"{path}/calls", body),
            other.get(f"{path}/calls"),
            other.get(f"{path}/calls/{call['id']}"),
        ]
        assert {answer.status_code for answer in answers} == {404}
