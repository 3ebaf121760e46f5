"""Addresses of webhooks, as people paste them: also with a slash at the end."""

import pytest

from local.stack import Stack
from tests.e2e.conftest import Api, Sandbox, fresh_code, fresh_phone, until


def test_a_cdr_reaches_its_call_with_a_slash_behind_the_token(
    stack: Stack, api: Api, sandbox: Sandbox
) -> None:
    call_answer = api.post(
        "/v1/password-calls", {"phone": fresh_phone("RU", "10"), "code": fresh_code()}
    )
    cdr = {
        "verification_call_uuid": call_answer.json()["provider_ref"],
        "q931_status": 17,
        "final_status": "CANCEL",
    }
    answer = sandbox.http.post(f"{stack.mcn_webhook_url}/", json=cdr)
    assert (answer.status_code, answer.json()) == (200, {"received": 1})
    until(
        lambda: api.get(f"/v1/deliveries/{call_answer.json()['id']}").json()["status"],
        lambda status: status == "busy",
    )


def test_the_token_may_be_in_the_header_with_a_slash_at_the_end(
    stack: Stack, sandbox: Sandbox
) -> None:
    address, _, token = stack.mcn_webhook_url.rpartition("/")
    headers = {"X-Ringpass-Token": token}
    for method in ("POST", "GET"):
        answer = sandbox.http.request(method, f"{address}/", headers=headers)
        assert (answer.status_code, answer.json()) == (200, {"received": 0})
    assert sandbox.http.post(f"{address}/", headers={"X-Ringpass-Token": "x"}).status_code == 401


@pytest.mark.parametrize("provider", ["bizfly", "voice-gateway", "caresoft", "zalo"])
def test_the_other_addresses_take_a_slash_and_nothing_behind_it(
    stack: Stack, sandbox: Sandbox, provider: str
) -> None:
    address = f"{stack.api_url}/v1/webhooks/{provider}"
    assert sandbox.http.post(f"{address}/", content=b"{}").status_code == 401
    assert sandbox.http.post(f"{address}/other", content=b"{}").status_code == 404
