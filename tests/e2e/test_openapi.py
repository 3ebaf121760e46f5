"""What the deployed stack answers is what docs/openapi.json says: every route, every problem."""

import hashlib
import hmac
import json
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest

from local.aws_deployment.smoke_test import check_routes, routes_in
from local.deploy import DOMAIN
from local.failures import DeploymentError
from local.providers import ZALO_APP_ID, ZALO_OA_ID, ZALO_VERIFICATION
from local.seeding import EVENTS_TOKEN, EVERYTHING
from local.stack import Stack
from sandbox import voice_gateway
from tests.described import (
    description,
    errors_of,
    expect_described,
    operations,
    resolved,
    route_of,
)
from tests.docs.test_asyncapi import asyncapi
from tests.e2e.conftest import (
    Api,
    Sandbox,
    environment,
    fresh_code,
    fresh_phone,
    new_key,
    until,
    with_key,
)
from tests.e2e.test_oa_desk import OPEN, add, remove_all, set_up
from tests.template import resource

VOICE, CALL, MESSAGE = "/v1/voice-otp", "/v1/password-calls", "/v1/zns"
SUSPENSION = "/v1/providers/bizfly/suspension"
type Check = Callable[[httpx.Response], httpx.Response]


@pytest.fixture(scope="module")
def observations() -> set[tuple[str, str]]:
    """Route and status, or code, of everything that was answered."""
    return set()


@pytest.fixture
def check(stack: Stack, observations: set[tuple[str, str]]) -> Check:
    """Hold an answer against the document."""
    base = urlsplit(stack.api_url).path.rstrip("/")

    def verify(answer: httpx.Response) -> httpx.Response:
        path = answer.request.url.path.removeprefix(base)
        route = route_of(answer.request.method, path)
        expect_described(route, answer.status_code, answer.headers, answer.text)
        is_json = answer.headers.get("content-type", "").endswith(("/json", "+json"))
        content = answer.json() if answer.text and is_json else {}
        observations.add((route, str(content.get("code", answer.status_code))))
        put = answer.request.method == "PUT" and answer.status_code == 200
        if answer.request.content and (put or answer.status_code in {201, 202}):
            [body] = operations()[route]["requestBody"]["content"].values()
            assert errors_of(json.loads(answer.request.content), body["schema"], strict=True) == []
        return answer

    return verify


@pytest.mark.parametrize(
    ("name", "document"), [("openapi.json", description), ("asyncapi.json", asyncapi)]
)
def test_a_document_is_answered_whole_and_may_be_kept(
    stack: Stack,
    sandbox: Sandbox,
    check: Check,
    name: str,
    document: Callable[[], dict[str, Any]],
) -> None:
    url = f"{stack.api_url}/v1/{name}"
    answer = check(sandbox.http.get(url))
    assert answer.json() == document()
    assert answer.headers["Cache-Control"] == "public, max-age=300"
    again = {"If-None-Match": answer.headers["ETag"]}
    same = check(sandbox.http.get(url, headers=again))
    assert (same.status_code, same.text) == (304, "")
    assert check(sandbox.http.get(url, headers={"If-None-Match": '"other"'})).status_code == 200


def test_a_domain_of_one_s_own_leads_to_the_api(stack: Stack, sandbox: Sandbox) -> None:
    for path in ("/", "/v1/health"):
        by_domain = sandbox.http.get(f"{stack.aws_endpoint_url}{path}", headers={"Host": DOMAIN})
        assert by_domain.status_code == 200
        assert by_domain.text == sandbox.http.get(f"{stack.api_url}{path}").text
    assert stack.outputs["ZaloWebhookUrl"] == f"https://{DOMAIN}/v1/webhooks/zalo"
    assert stack.outputs["DomainTarget"]
    assert stack.outputs["DomainTargetHostedZoneId"]


def test_the_deployed_routes_are_those_that_a_deployment_looks_for(stack: Stack) -> None:
    expected = routes_in(resource("Api")["DefinitionBody"])
    client, api_id = stack.client("apigatewayv2"), stack.outputs["ApiId"]
    check_routes(client, api_id, expected)
    with pytest.raises(DeploymentError, match="GET /v1/keys has the authorizer ApiKey"):
        check_routes(client, api_id, expected | {"GET /v1/keys": None})


def test_zalo_finds_its_tag_on_the_first_page_and_nobody_without_one(
    stack: Stack, sandbox: Sandbox, check: Check
) -> None:
    page = check(sandbox.http.get(f"{stack.api_url}/"))
    tag = f'<meta name="zalo-platform-site-verification" content="{ZALO_VERIFICATION}">'
    assert tag in page.text
    assert page.headers["Content-Type"] == "text/html; charset=utf-8"
    assert page.headers["X-Content-Type-Options"] == "nosniff"
    for directive in ("default-src", "frame-ancestors", "base-uri", "form-action"):
        assert f"{directive} 'none'" in page.headers["Content-Security-Policy"]
    with environment(stack, "DescribeApiFunction", ZALO_VERIFICATION=""):
        refusal = check(sandbox.http.get(f"{stack.api_url}/"))
    assert (refusal.status_code, refusal.json()["code"]) == (404, "not_found")


@pytest.mark.parametrize(
    ("path", "body"),
    [
        (VOICE, {"otp": "12345", "ring_timeout": 30, "metadata": {"order": "17"}}),
        (CALL, {"code": "1234", "detect_redirect": True}),
        (CALL, {}),
        (MESSAGE, {"template": 366, "ticket_id": 297005, "params": {"requester": "Hà"}}),
    ],
)
def test_sends_and_what_became_of_them(
    api: Api, admin: Api, check: Check, path: str, body: dict[str, object]
) -> None:
    phone = fresh_phone("VN")
    delivery = check(api.post(path, {"phone": phone, **body}, key=f"described {path} {len(body)}"))
    again = check(api.post(path, {"phone": phone, **body}, key=f"described {path} {len(body)}"))
    assert again.headers["Idempotent-Replayed"] == "true"
    for reader in (api, admin):
        check(reader.get(f"/v1/deliveries/{delivery.json()['id']}"))
        page = check(reader.get("/v1/deliveries", phone=phone, limit="1"))
        assert len(page.json()["items"]) == 1


@pytest.mark.parametrize("digits", ["01", "06", "07", "12", "15"])
def test_deliveries_of_every_kind_of_end(api: Api, check: Check, digits: str) -> None:
    body = {"phone": fresh_phone("RU", digits), "code": "1234"}
    delivery = check(api.post(CALL, body)).json()
    check(api.get(f"/v1/deliveries/{delivery['id']}"))


def test_feedback(api: Api, check: Check) -> None:
    body = {"phone": fresh_phone("RU"), "code": "1234", "consent_reference": "№ 15"}
    delivery = check(api.post(CALL, body)).json()["id"]
    path = f"/v1/deliveries/{delivery}/feedback"
    check(api.post(path, {"verified": True}))
    check(api.get(f"/v1/deliveries/{delivery}"))
    assert check(api.post(path, {"verified": False})).json()["code"] == "feedback_conflict"
    check(api.post(path, {"verified": 1}))
    check(api.post("/v1/deliveries/dlv_none/feedback", {"verified": True}))


def test_events(api: Api, check: Check) -> None:
    delivery = api.post(CALL, {"phone": fresh_phone("RU"), "code": "1234"}).json()["id"]
    events = until(
        lambda: check(api.get("/v1/events", subject=delivery)).json()["items"],
        lambda items: len(items) == 2,
    )
    check(api.get(f"/v1/events/{events[0]['id']}"))
    check(api.get("/v1/events/evt_none"))
    page = check(api.get("/v1/events", type="delivery.*", limit="1")).json()
    check(api.get("/v1/events", type="delivery.*", limit="1", cursor=page["next_cursor"]))
    check(api.get("/v1/events", type="nothing"))


def test_audit_log(admin: Api, api: Api, check: Check) -> None:
    page = check(admin.get("/v1/audit", resource="settings", limit="1")).json()
    assert page["items"][0]["action"] == "replaced"
    check(admin.get("/v1/audit", resource="nothing"))
    check(api.get("/v1/audit"))


def test_a_person_s_data(admin: Api, api: Api, check: Check) -> None:
    phone = fresh_phone("RU")
    api.post(CALL, {"phone": phone, "code": "1234"})
    check(admin.get(f"/v1/phones/{phone}"))
    report = check(admin.http.delete(f"{admin.url}/v1/phones/{phone}")).json()
    assert report["deleted"]["deliveries"] == 1
    for key in (admin, api):
        check(key.get("/v1/phones/1"))
        check(key.http.delete(f"{admin.url}/v1/phones/1"))


def test_a_page_with_a_next_one(api: Api, check: Check) -> None:
    phone = fresh_phone("VN")
    for code in ("12341", "12342"):
        api.post(VOICE, {"phone": phone, "otp": code})
    page = check(api.get("/v1/deliveries", phone=phone, limit="1")).json()
    check(api.get("/v1/deliveries", phone=phone, limit="1", cursor=page["next_cursor"]))


def test_refusals_of_a_send(api: Api, check: Check) -> None:
    for path, other in ((VOICE, {"otp": "12345"}), (CALL, {}), (MESSAGE, {"template": 366})):
        body = {"phone": fresh_phone("VN"), **other}
        key = f"refused {path}"
        too_large = {**body, "metadata": {"a": "x" * 70_000}}
        check(api.http.post(api.url + path, content=b"{"))
        check(api.post(path, body, key="x" * 256))
        check(api.post(path, too_large))
        check(api.post(path, {**body, "phone": "1"}))
        check(api.post(path, body, key=key))
        reused = check(api.post(path, {**body, "metadata": {"a": "b"}}, key=key))
        assert reused.json()["code"] == "idempotency_key_reused"


def test_the_first_request_is_still_running(api: Api, check: Check) -> None:
    # It waits for the provider as long as it may.
    body = {"phone": fresh_phone("RU", "11"), "code": "1234"}
    with ThreadPoolExecutor(2) as pool:
        answers = [pool.submit(api.post, CALL, body, key="running") for _ in range(2)]
    codes = sorted(check(answer.result()).status_code for answer in answers)
    assert codes == [202, 409]


def test_what_a_key_may_not_do(stack: Stack, api: Api, sandbox: Sandbox, check: Check) -> None:
    assert check(api.http.delete(api.url + SUSPENSION)).json()["code"] == "missing_scope"
    for headers in ({}, {"Authorization": "Bearer x"}):
        check(sandbox.http.get(f"{stack.api_url}/v1/deliveries", headers=headers))


def test_what_there_is_not(api: Api, admin: Api, check: Check) -> None:
    assert check(api.get("/v1/deliveries/dlv_none")).status_code == 404
    check(api.get("/v1/deliveries", limit="0", colour="red"))
    assert check(admin.http.delete(f"{admin.url}/v1/providers/no/suspension")).status_code == 404


def test_a_suspended_provider(api: Api, admin: Api, check: Check) -> None:
    check(admin.http.delete(admin.url + SUSPENSION))
    check(api.get("/v1/providers"))
    try:
        for _ in range(3):
            check(api.post(VOICE, {"phone": fresh_phone("VN", "06"), "otp": "12345"}))
        refusal = check(api.post(VOICE, {"phone": fresh_phone("VN"), "otp": "12345"}))
        assert refusal.json()["code"] == "provider_suspended"
        assert int(refusal.headers["Retry-After"]) > 0
        states = {one["status"] for one in check(api.get("/v1/providers")).json()["items"]}
        assert states == {"active", "suspended"}
    finally:
        check(admin.http.delete(admin.url + SUSPENSION))


def test_keys(stack: Stack, check: Check) -> None:
    with with_key(stack, new_key(stack, "described", "admin")) as owner:
        url = f"{owner.url}/v1/keys"
        own = owner.http.headers["Authorization"].split("_")[1]
        body = {"scopes": ["send", "read"], "label": "described"}
        key = check(owner.post("/v1/keys", body, key="described")).json()
        assert key["key"].startswith(f"rp_{key['id']}_")
        again = check(owner.post("/v1/keys", body, key="described"))
        assert "key" not in again.json()
        page = check(owner.get("/v1/keys", limit="1")).json()
        check(owner.get("/v1/keys", cursor=page["next_cursor"]))
        check(owner.get("/v1/keys", limit="0"))

        check(owner.post("/v1/keys", {**body, "label": "other"}, key="described"))
        check(owner.post("/v1/keys", {"scopes": ["everything"]}))
        check(owner.post("/v1/keys", body, key="x" * 256))
        check(owner.http.post(url, content=b"{"))
        check(owner.http.post(url, content=b" " * 70_000))

        rotate = f"{url}/{key['id']}/rotate"
        new = check(owner.http.post(rotate)).json()
        assert check(owner.http.post(rotate)).json()["code"] == "key_ended"
        overlap = {"overlap_seconds": 60}
        check(owner.post(f"/v1/keys/{new['id']}/rotate", overlap, key="described"))
        check(owner.post(f"/v1/keys/{new['id']}/rotate", overlap, key="described"))
        check(owner.post("/v1/keys/none/rotate", {}))
        check(owner.get("/v1/keys"))

        check(owner.http.delete(f"{url}/{new['id']}"))
        check(owner.http.delete(f"{url}/none"))
        assert check(owner.http.delete(f"{url}/{own}")).json()["code"] == "last_admin_key"


def test_verifications(stack: Stack, sandbox: Sandbox, check: Check) -> None:
    with with_key(stack, new_key(stack, "prover", EVERYTHING)) as api:
        denied = fresh_phone("VN")
        limits = {"deny": {"numbers": [denied]}}
        settings = {"limits": limits, "countries": {"password_call": ["VN"]}}
        check(api.http.put(f"{api.url}/v1/settings", json=settings))
        path, phone = "/v1/verifications", fresh_phone("VN", "10")
        refusal = check(api.post(path, {"phone": denied}))
        assert refusal.json()["code"] == "not_allowed"
        calls = [{"channel": "password_call"}, {"channel": "voice_otp"}]
        body = {"phone": phone, "workflow": calls, "metadata": {"order": "17"}}
        verification = check(api.post(path, body, key="start")).json()
        check(api.post(path, body, key="start"))
        again = check(api.post(path, body))
        assert (again.json()["code"], again.json()["limit"]) == ("limit_reached", "pauses")
        one = f"{path}/{verification['id']}"
        check(api.post(f"{one}/check", {"code": "0000"}))
        check(api.post(f"{one}/check", {"code": 1}))
        check(api.post(f"{one}/next", {}))
        assert check(api.post(f"{one}/next", {})).json()["code"] == "no_next_step"
        check(api.get(one))
        check(api.get(path, phone=phone))
        check(api.get(path, status="lost"))
        check(api.get(path, updated_since="2026-11-21T08:30:00Z"))
        check(api.get(path, updated_since="2026-11-21T08:30:00Z", phone=phone))
        check(api.get(one, wait="0", step="1"))
        check(api.get(one, wait="26"))
        check(api.post(f"{one}/cancel", {}))
        answer = check(api.post(f"{one}/check", {"code": "0000"}))
        assert answer.json()["code"] == "verification_ended"
        for missing in (f"{path}/none", f"{path}/ver_{'a' * 32}"):
            check(api.get(missing))
            check(api.post(f"{missing}/check", {"code": "0000"}))
            check(api.post(f"{missing}/next", {}))
            check(api.post(f"{missing}/cancel", {}))
        assert len(sandbox.requests(phone, least=2)) == 2


def test_figures(stack: Stack, check: Check) -> None:
    with with_key(stack, new_key(stack, "prover", EVERYTHING)) as api:
        for path in ("/v1/statistics", "/v1/costs", "/v1/decisions"):
            check(api.get(path))
            check(api.get(path, colour="red"))
        check(api.get("/v1/decisions", refused="false"))
        check(api.get("/v1/decisions", phone=fresh_phone("VN")))
        month = {"month": "2026-11", "tz": "Asia/Ho_Chi_Minh"}
        check(api.get("/v1/costs", **month))
        check(api.get("/v1/costs", **month, format="csv"))
        check(api.get("/v1/costs", **month, **{"from": "2026-11-01"}))
        check(api.get("/v1/costs", month="2026-11", tz="Asia/Kolkata"))


def test_settings_and_the_cause_table(stack: Stack, check: Check) -> None:
    with with_key(stack, new_key(stack, "set", "read,admin")) as owner:
        for path, example in (
            ("/v1/settings", "ReplaceClientSettings"),
            ("/v1/cause-table", "ReplaceCauseTable"),
        ):
            url, schema = owner.url + path, description()["components"]["schemas"][example]
            check(owner.get(path))
            answer = check(owner.http.put(url, json=schema["examples"][0]))
            assert check(owner.get(path)).json() == answer.json()
            old = {"rows": [], "version": 0} if "table" in path else {"version": 0}
            assert check(owner.http.put(url, json=old)).json()["code"] == "settings_changed"
            check(owner.http.put(url, json={"colour": "red"}))
            check(owner.http.put(url, content=b"{"))
            check(owner.http.put(url, content=b" " * 70_000))
        back = owner.get("/v1/settings").json()
        check(owner.http.put(f"{owner.url}/v1/settings", json=back))


def test_scenarios(stack: Stack, check: Check) -> None:
    key = new_key(stack, "scripted", EVERYTHING)
    with with_key(stack, key) as owner:
        path, account = "/v1/scenarios", "described_key"
        body = {"name": "a", "hotline_group": "Nhóm 1", "greeting": "Xin chào.", "api_key": account}
        scenario = check(owner.post(path, body, key="made")).json()
        check(owner.post(path, body, key="made"))
        check(owner.post(path, {**body, "repeat_count": 1}))
        assert check(owner.post(path, body)).json()["code"] == "name_taken"
        check(owner.get(path, status="inactive", limit="1"))
        check(owner.get(path, status="on"))
        one = f"{path}/{scenario['id']}"

        def act(what: str, of: str = one) -> httpx.Response:
            return check(owner.http.post(f"{owner.url}{of}/{what}"))

        check(owner.get(one))
        for view in ("preview", "api-guide"):
            check(owner.get(f"{one}/{view}"))
        act("preview")
        check(owner.get(f"{one}/preview", code="x"))
        assert act("activate").json()["code"] == "scenario_incomplete"
        assert act("deactivate").json()["code"] == "scenario_not_active"
        whole = {**body, "otp_id": "OTP-770003", "version": 1}
        check(owner.http.put(owner.url + one, json=whole))
        old = check(owner.http.put(owner.url + one, json=whole))
        assert old.json()["code"] == "scenario_changed"
        act("activate")
        assert check(owner.http.delete(owner.url + one)).json()["code"] == "scenario_active"
        copies = [act("copy").json()["id"], act("copy").json()["id"]]
        check(owner.post(f"{one}/copy", {"name": "a"}))
        for name, copy in zip("bc", copies, strict=True):
            put = {**whole, "name": name, "version": 1}
            check(owner.http.put(f"{owner.url}{path}/{copy}", json=put))
        act("activate", f"{path}/{copies[0]}")
        third = act("activate", f"{path}/{copies[1]}")
        assert third.json()["code"] == "scenario_slots_taken"
        check(owner.http.delete(f"{owner.url}{path}/{copies[1]}"))
        act("deactivate")
        assert act("activate").json()["code"] == "scenario_deactivated"
        act("deactivate", f"{path}/{copies[0]}")
        check(owner.get(f"{path}/none"))


def test_zns_templates(stack: Stack, sandbox: Sandbox, check: Check) -> None:
    with with_key(stack, new_key(stack, "writes", EVERYTHING)) as owner:
        path, schemas = "/v1/zns-templates", description()["components"]["schemas"]
        body = schemas["RegisterZnsTemplate"]["examples"][0]
        template = check(owner.post(path, body, key="made")).json()
        check(owner.post(path, body, key="made"))
        check(owner.post(path, {**body, "name": "other"}, key="made"))
        assert check(owner.post(path, body)).json()["code"] == "name_taken"
        check(owner.post(path, {"name": "1"}))
        check(owner.post(path, {"name": "b", "zns_id": "211214"}))
        page = check(owner.get(path, limit="1")).json()
        check(owner.get(path, cursor=page["next_cursor"]))
        check(owner.get(path, limit="0"))
        one, url = f"{path}/{template['id']}", f"{owner.url}{path}/{template['id']}"
        check(owner.get(one))
        whole = schemas["ReplaceZnsTemplate"]["examples"][0] | {"version": 1}
        check(owner.http.put(url, json=whole))
        assert check(owner.http.put(url, json=whole)).json()["code"] == "template_changed"
        assert check(owner.http.put(url, json=body | {"name": "b"})).json()["code"] == "name_taken"
        check(owner.http.put(url, json={"colour": "red"}))
        check(owner.http.put(url, content=b"{"))
        check(owner.http.put(url, content=b" " * 70_000))
        phone = fresh_phone("VN")
        check(owner.post("/v1/zns", {"phone": phone, "template": body["name"]}))
        assert sandbox.requests(phone) == []
        alone = {"name": "alone", "zns_id": "990017", "oa_id": ZALO_OA_ID, "approved": True}
        check(owner.post(path, alone))
        sandbox.control("zalo-quota", template="990017")
        refusal = until(lambda: send_alone(owner), lambda answer: answer.status_code != 202)
        assert check(refusal).json()["code"] == "quota_used_up"
        check(owner.http.delete(url))
        check(owner.http.delete(url))
        check(owner.get(one))
        check(owner.http.put(url, json=body))


def test_webhook_endpoints(stack: Stack, check: Check) -> None:
    with with_key(stack, new_key(stack, "hooks", EVERYTHING)) as owner:
        path, schemas = "/v1/webhook-endpoints", description()["components"]["schemas"]
        body = schemas["RegisterWebhookEndpoint"]["examples"][0]
        endpoint = check(owner.post(path, body, key="made")).json()
        check(owner.post(path, body, key="made"))
        check(owner.post(path, {**body, "types": ["ping"]}, key="made"))
        check(owner.post(path, {**body, "types": ["verification"]}))
        check(owner.post(path, {**body, "url": "https://"}))
        check(owner.post(path, body))
        page = check(owner.get(path, limit="1")).json()
        check(owner.get(path, cursor=page["next_cursor"]))
        check(owner.get(path, limit="0"))
        one, url = f"{path}/{endpoint['id']}", f"{owner.url}{path}/{endpoint['id']}"
        check(owner.get(one))
        whole = schemas["ReplaceWebhookEndpoint"]["examples"][0] | {
            "version": 1,
            "description": "b",
        }
        check(owner.http.put(url, json=whole))
        assert check(owner.http.put(url, json=whole)).json()["code"] == "endpoint_changed"
        check(owner.http.put(url, json={"url": 7}))
        # A test is sent, to where nobody is.
        check(owner.http.put(url, json={"url": "http://127.0.0.1:1/nobody"}))
        check(owner.http.post(f"{url}/test"))
        full = until(lambda: owner.post(path, body), lambda answer: answer.status_code != 201)
        assert check(full).json()["code"] == "endpoints_full"
        check(owner.post(f"{one}/rotate-secret", {}))
        check(owner.post(f"{one}/rotate-secret", {"overlap_seconds": -1}))
        check(owner.http.post(f"{url}/enable"))
        check(owner.post(f"{one}/replay", {"subject": "ver_none"}))
        check(owner.post(f"{one}/replay", {}))
        check(owner.get(f"{one}/attempts", status="failed"))
        check(owner.get(f"{one}/attempts", status="bad"))
        check(owner.http.delete(url))
        for answer in (
            owner.get(one),
            owner.http.put(url, json=body),
            owner.http.delete(url),
            owner.get(f"{one}/attempts"),
            *(owner.http.post(f"{url}/{what}") for what in ("rotate-secret", "enable", "test")),
            owner.post(f"{one}/replay", {"subject": "ver_none"}),
        ):
            assert check(answer).status_code == 404


def send_alone(owner: Api) -> httpx.Response:
    return owner.post("/v1/zns", {"phone": fresh_phone("VN"), "template": "alone"})


def test_the_call_desk(admin: Api, check: Check) -> None:
    path, schemas = f"/v1/oa/{ZALO_OA_ID}", description()["components"]["schemas"]
    settings, agents = f"{admin.url}{path}/settings", f"{path}/agents"
    remove_all(admin)
    check(admin.get(f"{path}/settings"))
    whole = schemas["ReplaceOaSettings"]["examples"][0]
    version = check(admin.http.put(settings, json=whole | {"version": None})).json()["version"]
    old = check(admin.http.put(settings, json=whole | {"version": version - 1}))
    assert old.json()["code"] == "settings_changed"
    check(admin.http.put(settings, json={"colour": "red"}))
    check(admin.get(f"{path}/settings/versions", limit="1"))
    check(admin.get(f"{path}/settings/versions", limit="0"))
    check(admin.post(f"{path}/settings/preview", schemas["PreviewOaReply"]["examples"][0]))
    agent = check(add(admin, "Lan")).json()
    assert check(add(admin, "Lan", agent["agent_id"])).json()["code"] == "agent_exists"
    for _ in range(4):
        check(add(admin, "Hùng"))
    assert check(add(admin, "Mai")).json()["code"] == "agents_full"
    check(admin.get(agents))
    check(admin.get(f"{agents}/history", limit="1"))
    for _ in range(2):
        check(admin.http.delete(f"{admin.url}{agents}/{agent['agent_id']}"))
    check(admin.get("/v1/oa/1/settings"))
    remove_all(admin)


def test_consents(admin: Api, sandbox: Sandbox, check: Check) -> None:
    path = f"/v1/oa/{ZALO_OA_ID}/consents"
    body = {"call_type": "audio", "reason": "consulting", "name": "Minh"}

    def ask(phone: str, **fields: str) -> httpx.Response:
        return check(admin.post(path, {"phone": phone, **body, **fields}))

    def now_is(consent: str, state: str) -> httpx.Response:
        return until(
            lambda: check(admin.get(f"{path}/{consent}")), lambda one: one.json()["state"] == state
        )

    silent, blocks, allows = (fresh_phone("VN", digits) for digits in ("10", "03", "99"))
    assert ask(silent).status_code == 202
    assert ask(silent).json()["code"] == "consent_open"
    blocker_id, allowed = ask(blocks).json()["id"], ask(allows).json()["id"]
    now_is(blocker_id, "blocked")
    assert ask(blocks).json()["code"] == "consent_blocked"
    now_is(allowed, "allowed")
    assert ask(allows).json()["code"] == "consent_allowed"
    check(admin.post(f"{path}/{allowed}/check", {}))
    sandbox.control("zalo/consent", phone=allows, error=12)
    assert check(admin.post(f"{path}/{allowed}/check", {})).json()["code"] == "provider_failed"
    check(admin.get(path, phone=allows))
    check(admin.get(path, state="allowed", limit="1"))
    check(admin.get(path, state="on"))
    check(admin.get(f"{path}/export"))
    check(admin.get(f"{path}/export", format="csv"))
    check(admin.get(f"{path}/export", format="xml"))
    check(admin.http.delete(f"{admin.url}{path}/{allowed}"))
    check(admin.http.delete(f"{admin.url}{path}", params={"phone": blocks}))
    check(admin.http.delete(f"{admin.url}{path}"))
    check(admin.get(f"{path}/{allowed}"))
    check(admin.post(path, {"phone": allows}))


def test_calls_of_the_oa(stack: Stack, admin: Api, sandbox: Sandbox, check: Check) -> None:
    path, phone = f"/v1/oa/{ZALO_OA_ID}/calls", fresh_phone("VN")
    set_up(admin, OPEN)
    remove_all(admin)
    agent = add(admin, "Lan").json()["agent_id"]
    body = {"phone": phone, "agent_id": agent, "call_type": "audio"}
    assert check(admin.post(path, body)).json()["code"] == "call_not_allowed"
    # Nobody knows whether the customer was asked, until a check for the call says so.
    sandbox.control("zalo/consent", phone=phone, error=12)
    user = sandbox.http.get(f"{sandbox.url}/_sandbox/zalo/user", params={"phone": phone}).json()
    request = {"call_type": "audio", "reason": "consulting", "user_id": user["user_id"]}
    check(admin.post(f"/v1/oa/{ZALO_OA_ID}/consents", {"phone": phone, **request}))
    sandbox.control("zalo/consent", phone=phone, error=None, reply="SENT", times=0)
    refusal = check(admin.post(path, body)).json()
    assert [one["code"] for one in refusal["checks"]] == ["consent_waiting"]
    sandbox.control("zalo/consent", phone=phone, reply="ALLOW")
    creation = until(
        lambda: admin.post(path, body, key="called"), lambda one: one.status_code == 201
    )
    call = check(creation).json()
    assert check(admin.post(path, body, key="called")).headers["Idempotent-Replayed"] == "true"
    check(admin.post(path, {**body, "call_type": "video"}, key="called"))
    check(admin.post(path, {**body, "user_id": "1"}))
    # The id that was given with the request is a note, until Zalo tells whose it is.
    by_user = {name: value for name, value in body.items() if name != "phone"}
    by_user["user_id"] = user["user_id"]
    assert check(admin.post(path, by_user)).status_code == 409
    sandbox.control("zalo/consent", phone=phone, reply="ALLOW", user_id=user["user_id"])
    until(lambda: admin.post(path, by_user), lambda answer: answer.status_code == 201)
    sandbox.control("zalo/consent", phone=phone, error=13)
    assert check(admin.post(path, body)).json()["code"] == "provider_failed"
    for query in ({"q": "lan"}, {"result": "open", "limit": "1"}, {"result": "busy"}):
        check(admin.get(path, **query))
    check(admin.get(f"{path}/{call['id']}"))
    check(admin.get(f"{path}/none"))
    for query in ({}, {"format": "png"}, {"format": "gif"}):
        check(sandbox.http.get(call["qr_url"], params=query))
    assert check(sandbox.http.get(call["url"])).status_code == 302
    remove_all(admin)
    assert "Blurred-Because" in check(sandbox.http.get(call["qr_url"])).headers
    for accept in ("*/*", "text/html"):
        assert check(sandbox.http.get(call["url"], headers={"Accept": accept})).status_code == 410
        none = f"{stack.api_url}/o/{'x' * 32}"
        assert check(sandbox.http.get(none, headers={"Accept": accept})).status_code == 404


def test_the_webhook(stack: Stack, sandbox: Sandbox, check: Check) -> None:
    url, _, token = stack.mcn_webhook_url.rpartition("/")
    cdr = {"verification_call_uuid": "described_1", "q931_status": "17", "final_status": "CANCEL"}
    own = {"X-Ringpass-Token": token}
    check(sandbox.http.post(f"{url}/{token}", json=[cdr]))
    check(sandbox.http.get(f"{url}/{token}", params=cdr))
    check(sandbox.http.post(url, data=cdr, headers=own))
    check(sandbox.http.get(url, params=cdr, headers=own))
    for wrong in (f"{url}/wrong", url):
        check(sandbox.http.post(wrong, json=[cdr]))
        check(sandbox.http.get(wrong, params=cdr))
    check(sandbox.http.post(f"{url}/{token}", content=b"x" * 70_000))


def test_bizfly_s_webhook(stack: Stack, sandbox: Sandbox, check: Check) -> None:
    url, token = f"{stack.api_url}/v1/webhooks/bizfly", stack.mcn_webhook_url.rpartition("/")[2]
    result = {"callee": "0389801371", "state": "BUSY", "direct": "outbound"}
    check(sandbox.http.post(url, json=result, headers={"Authorization": token}))
    check(sandbox.http.post(url, json=[result], headers={"Authorization": token}))
    for wrong in ({}, {"Authorization": f"Bearer {token}"}):
        assert check(sandbox.http.post(url, json=result, headers=wrong)).status_code == 401


def test_hooks_of_sign_in_servers(stack: Stack, sandbox: Sandbox, check: Check) -> None:
    url, headers = f"{stack.api_url}/v1/hooks/logto", {"Authorization": f"Bearer {EVENTS_TOKEN}"}
    code = {"to": fresh_phone("VN"), "type": "SignIn", "payload": {"code": fresh_code(6)}}
    assert check(sandbox.http.post(url, json=code, headers=headers)).json() == {}
    assert check(sandbox.http.post(url, json=code)).status_code == 401
    assert check(sandbox.http.post(f"{url}2", json=code)).status_code == 404
    wrong = {**code, "payload": {"code": "letters"}}
    assert check(sandbox.http.post(url, json=wrong, headers=headers)).status_code == 422
    assert check(sandbox.http.post(url, content=b"{", headers=headers)).status_code == 400
    large = check(sandbox.http.post(url, content=b"x" * 70_000, headers=headers))
    assert large.status_code == 413


def test_caresoft_s_webhook(stack: Stack, sandbox: Sandbox, check: Check) -> None:
    url, secret = f"{stack.api_url}/v1/webhooks/caresoft", stack.mcn_webhook_url.rpartition("/")[2]
    body = b'{"event": "ticket.created", "ticket_id": 1}'
    mac = hmac.new(secret.encode(), body, hashlib.sha1).hexdigest().upper()
    check(sandbox.http.post(url, content=body, headers={"X-Hub-Signature": mac}))
    assert check(sandbox.http.post(url, content=body)).status_code == 401


def test_the_voice_gateway_s_webhook(stack: Stack, sandbox: Sandbox, check: Check) -> None:
    url, secret = (
        f"{stack.api_url}/v1/webhooks/voice-gateway",
        stack.mcn_webhook_url.rpartition("/")[2],
    )
    body = '{"type": "call.ended", "data": {"call_id": "of-nobody", "outcome": "busy"}}'
    headers = voice_gateway.signed(body, "evt-1", int(time.time()), secret)
    answer = check(sandbox.http.post(url, content=body, headers=headers))
    assert (answer.status_code, answer.json()) == (200, {"received": 1})
    assert check(sandbox.http.post(url, content=body)).status_code == 401


def test_zalo_s_webhook(stack: Stack, sandbox: Sandbox, check: Check) -> None:
    url = f"{stack.api_url}/v1/webhooks/zalo"
    body = '{"event_name": "follow", "timestamp": "1795325331000"}'
    text = f"{ZALO_APP_ID}{body}1795325331000sandbox-zalo-oa-secret-key"
    mac = f"mac={hashlib.sha256(text.encode()).hexdigest()}"
    check(sandbox.http.post(url, content=body, headers={"X-ZEvent-Signature": mac}))
    assert check(sandbox.http.post(url, content=body)).status_code == 401


def test_health_and_what_is_wrong_with_it(stack: Stack, sandbox: Sandbox, check: Check) -> None:
    def ask() -> httpx.Response:
        return check(sandbox.http.get(f"{stack.api_url}/v1/health"))

    assert ask().status_code == 200
    for parameter, variable in (("Prices", "PRICES"), ("BizflyCallStates", "BIZFLY_CALL_STATES")):
        with environment(stack, "HealthFunction", **{variable: "{"}):
            refusal = check(sandbox.http.get(f"{stack.api_url}/v1/health"))
        assert refusal.status_code == 503
        assert refusal.json()["detail"] == f"The stack's parameter {parameter} cannot be read."
    with environment(stack, "HealthFunction", TABLE="no-such-table"):
        assert ask().json()["code"] == "unavailable"


def test_a_send_whose_price_cannot_be_read_asks_nobody(
    stack: Stack, api: Api, sandbox: Sandbox, check: Check
) -> None:
    phone = fresh_phone("RU")
    with environment(stack, "SendPasswordCallFunction", PRICES="{"):
        refusal = check(api.post(CALL, {"phone": phone, "code": "1234"}, key="no prices"))
    assert (refusal.status_code, refusal.json()["code"]) == (503, "unavailable")
    assert refusal.json()["detail"] == "The stack's parameter Prices cannot be read."
    answer = check(api.post(CALL, {"phone": phone, "code": "1234"}, key="no prices"))
    assert answer.status_code == 202
    assert len(sandbox.requests(phone, least=1)) == 1


def test_a_channel_that_nobody_has_set_up(stack: Stack, api: Api, check: Check) -> None:
    body = {"phone": fresh_phone("VN"), "template": 366}
    with environment(stack, "SendZnsFunction", CARESOFT_DOMAIN=""):
        refusal = check(api.post("/v1/zns", body, key="nobody"))
    assert (refusal.status_code, refusal.json()["code"]) == (503, "not_configured")
    # Nothing was reserved: the same request is sent once somebody has.
    assert check(api.post("/v1/zns", body, key="nobody")).status_code == 202


def test_a_bug(stack: Stack, api: Api, check: Check) -> None:
    with environment(stack, "ReadDeliveriesFunction", RETENTION_DAYS="no number"):
        assert check(api.get("/v1/deliveries/dlv_none")).json()["code"] == "internal_error"


def test_every_route_and_every_problem_was_seen(observations: set[tuple[str, str]]) -> None:
    assert {route for route, _ in observations} == set(operations())
    problems = set(description()["components"]["examples"])
    assert problems <= {what for _, what in observations}
    for route, operation in operations().items():
        good = [status for status in operation["responses"] if status < "400"]
        assert {(route, status) for status in good} <= observations, resolved(operation)
