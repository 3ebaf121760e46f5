"""The peppers rotate while verifications are open: their codes stay what they are."""

import json
from typing import Any
from uuid import uuid4

from local.stack import Stack
from tests.e2e.conftest import Api, Sandbox, fresh_phone, invoke, start_anew

VOICE = {"channel": "voice_otp", "timeout_seconds": 900}


def rotate(stack: Stack) -> None:
    """What Secrets Manager does: a version is staged without a value, then four steps."""
    arn, version = stack.outputs["CodePeppersSecretArn"], str(uuid4())
    stack.client("secretsmanager").put_secret_value(
        SecretId=arn, ClientRequestToken=version, VersionStages=["AWSPENDING"]
    )
    for step in ("createSecret", "setSecret", "testSecret", "finishSecret"):
        event = {"Step": step, "SecretId": arn, "ClientRequestToken": version}
        # Each may come twice.
        for _ in range(2):
            assert invoke(stack, "RotatePepperFunction", json.dumps(event)) == (False, None)


def peppers(stack: Stack) -> dict[str, str]:
    arn = stack.outputs["CodePeppersSecretArn"]
    response = stack.client("secretsmanager").get_secret_value(SecretId=arn)
    by_version: dict[str, str] = json.loads(response["SecretString"])
    return by_version


def test_codes_that_are_out_stay_good(api: Api, stack: Stack, sandbox: Sandbox) -> None:
    def start() -> tuple[str, str]:
        """A verification's id, and its phone."""
        phone = fresh_phone("VN")
        body = {"phone": phone, "workflow": [VOICE, VOICE]}
        answer = api.post("/v1/verifications", body)
        assert answer.status_code == 201, answer.text
        return answer.json()["id"], phone

    def heard(phone: str) -> str:
        answer = sandbox.http.get(f"{sandbox.url}/_sandbox/code", params={"phone": phone})
        code: str = answer.json()["code"]
        return code

    def check(verification_id: str, code: str) -> Any:  # noqa: ANN401 - JSON
        return api.post(f"/v1/verifications/{verification_id}/check", {"code": code}).json()

    def sealed_with(verification_id: str) -> str:
        key = {"PK": {"S": f"VER#{verification_id}"}, "SK": {"S": "VER"}}
        item = stack.dynamodb().get_item(TableName=stack.table, Key=key)["Item"]
        pepper: str = item["code"]["M"]["pepper"]["S"]
        return pepper

    before = peppers(stack)
    first, first_phone = start()
    code = heard(first_phone)
    # This process holds the peppers from now on, and will meet an id that it does not know.
    wrong = str((int(code) + 1) % 10 ** len(code)).zfill(len(code))
    assert check(first, wrong)["status"] == "pending"

    rotate(stack)
    once = peppers(stack)
    assert len(once) == len(before) + 1
    assert all(once[id_] == pepper for id_, pepper in before.items())
    start_anew(stack, "StartVerificationFunction")  # Five minutes later.
    second, second_phone = start()
    assert sealed_with(second) == max(once) > sealed_with(first)

    rotate(stack)
    twice = peppers(stack)
    assert len(twice) == len(before) + 2
    start_anew(stack, "StartVerificationFunction")
    third, third_phone = start()
    assert sealed_with(third) == max(twice) > sealed_with(second)

    # The next step sends the code of the first pepper again.
    assert api.post(f"/v1/verifications/{first}/next", {}).status_code == 200
    assert len(sandbox.requests(first_phone, least=2)) == 2
    assert heard(first_phone) == code
    assert check(first, code)["status"] == "approved"
    assert check(second, heard(second_phone))["status"] == "approved"
    assert check(third, heard(third_phone))["status"] == "approved"


def test_a_step_of_a_rotation_that_is_over_is_refused(stack: Stack) -> None:
    before = peppers(stack)
    for step in ("createSecret", "testSecret", "finishSecret"):
        event = {"Step": step, "ClientRequestToken": str(uuid4())}
        failed, answer = invoke(stack, "RotatePepperFunction", json.dumps(event))
        assert failed
        assert answer["errorMessage"] == "this version of the secret is not pending"
    assert peppers(stack) == before
