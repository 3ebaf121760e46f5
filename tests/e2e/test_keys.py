"""API keys over the API and on the command line, on a deployed stack."""

import json
import secrets
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any

import httpx
import pytest

from local.environment import for_ours
from local.stack import Stack
from tests.e2e.conftest import Api, fresh_code, fresh_phone, new_key, with_key
from tests.e2e.test_bad_input import is_problem
from tests.template import ROOT

ROUNDS = 10


@pytest.fixture
def owner(stack: Stack) -> Iterator[Api]:
    """The only key, with scope admin, of a client of its own."""
    key = new_key(stack, f"owner-{secrets.token_hex(4)}", "admin")
    with with_key(stack, key) as api:
        yield api


def own_id(owner: Api) -> str:
    return str(owner.http.headers["Authorization"].split("_")[1])


def created(owner: Api, *scopes: str, **more: object) -> dict[str, Any]:
    answer = owner.post("/v1/keys", {"scopes": list(scopes), **more})
    assert answer.status_code == 201, answer.text
    body: dict[str, Any] = answer.json()
    return body


def is_authorized(stack: Stack, key: str) -> bool:
    """What the authorizer says, past API Gateway's memory of a minute."""
    answer = stack.lambdas().invoke(
        FunctionName=stack.outputs["AuthorizerFunction"],
        Payload=json.dumps({"headers": {"authorization": f"Bearer {key}"}}).encode(),
    )
    return bool(json.loads(answer["Payload"].read())["isAuthorized"])


def listed(owner: Api) -> dict[str, dict[str, Any]]:
    answer = owner.get("/v1/keys", limit="100")
    assert answer.status_code == 200, answer.text
    assert answer.json()["next_cursor"] is None
    return {one["id"]: one for one in answer.json()["items"]}


def test_a_new_key_does_what_its_scopes_say(stack: Stack, owner: Api) -> None:
    key = created(owner, "read", label="reports")
    assert key["key"].startswith(f"rp_{key['id']}_")
    assert (key["scopes"], key["label"]) == (["read"], "reports")
    with with_key(stack, key["key"]) as reader:
        assert reader.get("/v1/deliveries").json() == {"items": [], "next_cursor": None}
        is_problem(reader.get("/v1/keys"), 403, "missing_scope")


def test_a_reader_cannot_try_all_numbers_of_a_prefix(stack: Stack, owner: Api) -> None:
    key = created(owner, "read")["key"]
    phone = fresh_phone("RU")
    with with_key(stack, created(owner, "send")["key"]) as sender:
        answer = sender.post("/v1/password-calls", {"phone": phone, "code": fresh_code()})
        assert answer.status_code == 202, answer.text
    with with_key(stack, key) as reader:

        def look_up(number: int) -> int:
            return reader.get("/v1/deliveries", phone=f"+7916555{number:04}").status_code

        assert len(reader.get("/v1/deliveries", phone=phone).json()["items"]) == 1
        with ThreadPoolExecutor(4) as pool:
            statuses = list(pool.map(look_up, range(110)))
        # The full hour may pass meanwhile, and begins the count anew.
        tries = len(statuses)
        while 429 not in statuses and tries < 300:
            statuses.append(look_up(tries))
            tries += 1
        assert statuses.count(200) <= 200
        for path in ("/v1/deliveries", "/v1/verifications"):
            refusal = reader.get(path, phone=phone)
            assert (refusal.status_code, refusal.json()["limit"]) == (429, "phone_lookups")
        assert reader.get("/v1/deliveries", phone="+70000000001").status_code == 200


def test_a_list_holds_nothing_of_a_secret(stack: Stack, owner: Api) -> None:
    record = created(owner, "send", "read")
    answer = owner.get("/v1/keys")
    assert [one["id"] for one in answer.json()["items"]] == [record["id"], own_id(owner)]
    secret = record["key"].split("_", 2)[2]
    key = {"PK": {"S": f"KEY#{record['id']}"}, "SK": {"S": "KEY"}}
    item = stack.dynamodb().get_item(TableName=stack.table, Key=key)["Item"]
    assert secret not in str(item)
    for hidden in (secret, secret[-4:], item["digest"]["S"], "digest", "fingerprint"):
        assert hidden not in answer.text


def test_pages(owner: Api) -> None:
    ids = {created(owner, "send")["id"] for _ in range(4)}
    page_ids: list[str] = []
    query = {"limit": "2"}
    while True:
        page = owner.get("/v1/keys", **query).json()
        page_ids += [one["id"] for one in page["items"]]
        if page["next_cursor"] is None:
            break
        query["cursor"] = page["next_cursor"]
    assert sorted(page_ids) == sorted(ids | {own_id(owner)})


def test_a_revoked_key_is_refused(stack: Stack, owner: Api) -> None:
    key = created(owner, "read")
    assert is_authorized(stack, key["key"])
    revocation = owner.http.delete(f"{owner.url}/v1/keys/{key['id']}")
    assert revocation.status_code == 200
    assert revocation.json()["revoked_at"]
    assert not is_authorized(stack, key["key"])
    # It was never used before, so API Gateway remembers nothing of it.
    with with_key(stack, key["key"]) as late:
        assert late.get("/v1/deliveries").status_code == 403
    assert owner.http.delete(f"{owner.url}/v1/keys/{key['id']}").json() == revocation.json()
    assert listed(owner)[key["id"]] == revocation.json()


@pytest.mark.parametrize(("body", "stays"), [({"overlap_seconds": 3600}, True), ({}, False)])
def test_a_rotated_key_ends(stack: Stack, owner: Api, body: dict[str, int], stays: bool) -> None:
    old = created(owner, "send", "read", label="shop")
    answer = owner.post(f"/v1/keys/{old['id']}/rotate", body)
    assert answer.status_code == 201, answer.text
    new = answer.json()
    assert (new["scopes"], new["label"]) == (["send", "read"], "shop")
    assert is_authorized(stack, new["key"])
    assert is_authorized(stack, old["key"]) is stays
    ending = listed(owner)[old["id"]]
    assert ending["replaced_by"] == new["id"]
    assert ending["valid_until"]
    again = owner.post(f"/v1/keys/{old['id']}/rotate", body)
    is_problem(again, 409, "key_ended")


def test_a_rotation_without_a_body(stack: Stack, owner: Api) -> None:
    old = created(owner, "send")
    answer = owner.http.post(f"{owner.url}/v1/keys/{old['id']}/rotate")
    assert answer.status_code == 201, answer.text
    assert not is_authorized(stack, old["key"])


def test_the_last_admin_key_stays(stack: Stack, owner: Api) -> None:
    only = own_id(owner)
    created(owner, "send")
    is_problem(owner.http.delete(f"{owner.url}/v1/keys/{only}"), 409, "last_admin_key")
    second = created(owner, "admin")
    assert owner.http.delete(f"{owner.url}/v1/keys/{only}").status_code == 200
    with with_key(stack, second["key"]) as other:
        is_problem(other.http.delete(f"{other.url}/v1/keys/{second['id']}"), 409, "last_admin_key")
        assert other.post(f"/v1/keys/{second['id']}/rotate", {}).status_code == 201


def test_two_admin_keys_that_revoke_each_other_do_not_both_succeed(
    stack: Stack, owner: Api
) -> None:
    last_id, client = own_id(owner), next(iter(listed(owner).values()))["client"]
    for _ in range(ROUNDS):
        key = new_key(stack, client, "admin")
        pair = [last_id, key.split("_")[1]]
        with ThreadPoolExecutor(2) as pool:
            answers = list(pool.map(partial(revoke_directly, stack, client), pair))
        assert sorted(answers) == [200, 409]
        last_id = pair[answers.index(409)]


def revoke_directly(stack: Stack, client: str, key_id: str) -> int:
    """What the function answers, past API Gateway: the asking key may be one that was revoked."""
    event = json.loads((ROOT / "events" / "manage_keys" / "revoke.json").read_text())
    event["pathParameters"]["id"] = key_id
    event["requestContext"]["authorizer"]["lambda"]["client"] = client
    name = stack.outputs["ManageKeysFunction"]
    answer = stack.lambdas().invoke(FunctionName=name, Payload=json.dumps(event).encode())
    status: int = json.loads(answer["Payload"].read())["statusCode"]
    return status


@pytest.mark.parametrize("rotate", [False, True], ids=["create", "rotate"])
def test_parallel_requests_with_one_idempotency_key_make_one_key(owner: Api, rotate: bool) -> None:
    old = created(owner, "send")
    path = f"/v1/keys/{old['id']}/rotate" if rotate else "/v1/keys"
    body: dict[str, object] = {"overlap_seconds": 60} if rotate else {"scopes": ["send"]}

    def post(_: int) -> httpx.Response:
        return owner.post(path, body, key="same")

    with ThreadPoolExecutor(10) as pool:
        answers = list(pool.map(post, range(10)))
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.json()["id"] for answer in answers}) == 1
    [first] = [answer for answer in answers if "key" in answer.json()]
    for answer in answers:
        assert ("Idempotent-Replayed" in answer.headers) is (answer is not first)
    assert len(listed(owner)) == 3
    other = owner.post(
        path, {"overlap_seconds": 61} if rotate else {"scopes": ["read"]}, key="same"
    )
    is_problem(other, 422, "idempotency_key_reused")


@pytest.mark.parametrize(
    ("path", "body", "field"),
    [
        ("/v1/keys", {}, "scopes"),
        ("/v1/keys", {"scopes": []}, "scopes"),
        ("/v1/keys", {"scopes": ["all"]}, "scopes"),
        ("/v1/keys", {"scopes": "send"}, "scopes"),
        ("/v1/keys", {"scopes": ["send"], "label": ""}, "label"),
        ("/v1/keys", {"scopes": ["send"], "label": "x" * 65}, "label"),
        ("/v1/keys", {"scopes": ["send"], "label": "a\nb"}, "label"),
        ("/v1/keys", {"scopes": ["send"], "client": "rival"}, "client"),
        ("/v1/keys/{id}/rotate", {"overlap_seconds": -1}, "overlap_seconds"),
        ("/v1/keys/{id}/rotate", {"overlap_seconds": 86_401}, "overlap_seconds"),
        ("/v1/keys/{id}/rotate", {"overlap_seconds": "60"}, "overlap_seconds"),
        ("/v1/keys/{id}/rotate", {"scopes": ["admin"]}, "scopes"),
    ],
)
def test_a_field_at_fault_is_named(
    owner: Api, path: str, body: dict[str, object], field: str
) -> None:
    answer = owner.post(path.format(id=own_id(owner)), body)
    problem = is_problem(answer, 422, "validation_failed")
    assert {error["loc"][0] for error in problem["errors"]} == {field}
    assert len(listed(owner)) == 1


def command(stack: Stack, *arguments: str) -> str:
    """What the command for operators answers; a new key stands alone."""
    process = subprocess.run(  # noqa: S603 - our own program
        [sys.executable, "-m", "ringpass.clients.api_keys", *arguments, "--table", stack.table],
        env=for_ours(stack.aws_endpoint_url),
        capture_output=True,
        text=True,
        check=True,
    )
    return process.stdout.splitlines()[-1]


def test_the_command_lists_revokes_and_rotates(stack: Stack) -> None:
    client = f"ordered-{secrets.token_hex(4)}"
    old = command(stack, "create", client, "--scopes", "send", "--label", "shop")
    new = command(stack, "rotate", old.split("_")[1])
    assert is_authorized(stack, new)
    assert not is_authorized(stack, old)
    assert "revoked" in command(stack, "revoke", new.split("_")[1])
    assert not is_authorized(stack, new)
    assert command(stack, "list", client).startswith(f"{old.split('_')[1]}  ended ")
