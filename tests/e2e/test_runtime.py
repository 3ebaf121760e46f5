"""Every function inside Lambda's own runtime client, with the deployed layers alone.

The local cloud runs functions in an environment of its own, whose packages can hide what a layer
lacks. Here there are none: handler path, layers and environment are what Lambda would see.
"""

import json
import subprocess
import uuid
from pathlib import Path
from typing import Any

import pytest

from local.invoke import functions
from local.stack import Stack
from tests.e2e.conftest import Sandbox, fresh_phone
from tests.e2e.emulator import RUNTIME, Lambda, expect_runtime
from tests.e2e.test_events import EXPECTED, FILES, cancel, name_of

LAYER_LIMIT_MEGABYTES = 25
ASKS = "manage_consents/ask"
REGISTERS = ("POST /v1/scenarios", "POST /v1/zns-templates")


@pytest.fixture(scope="module")
def runtime(stack: Stack, tmp_path_factory: pytest.TempPathFactory) -> Lambda:
    expect_runtime()
    return Lambda(stack, tmp_path_factory.mktemp("runtime"))


def anew(file: Path) -> dict[str, Any]:
    """An event with an Idempotency-Key that was not used yet, if it has one."""
    event: dict[str, Any] = json.loads(file.read_bytes())
    key = f"runtime-{uuid.uuid4()}"
    if "idempotency_key" in event:
        event["idempotency_key"] = key
    if "idempotency-key" in event.get("headers", {}):
        event["headers"]["idempotency-key"] = key
    if event.get("routeKey") in REGISTERS:
        # Another client's: the same event was played before, and a client's names are unique.
        event["requestContext"]["authorizer"]["lambda"]["client"] = "runtime"
    if name_of(file) == ASKS:
        # Another customer: the one in the event has been asked, and is not asked again.
        event["body"] = json.dumps(json.loads(event["body"]) | {"phone": fresh_phone("VN")})
    return event


def seen(told: Any, expected: object) -> object:  # noqa: ANN401
    """What an answer has in the place of what is expected of it."""
    if isinstance(expected, int):
        return told["statusCode"]
    if isinstance(expected, str):
        if "errorType" not in told:
            return told["status"]
        # A refusal is a problem document; Secrets Manager is told by a sentence.
        said: str = told["errorMessage"]
        return json.loads(said)["code"] if said.startswith("{") else said
    return told


@pytest.mark.parametrize("function", functions())
def test_every_event_of(
    function: str, runtime: Lambda, sandbox: Sandbox, subtests: pytest.Subtests
) -> None:
    files = [file for file in FILES if file.parent.name == function]
    assert files
    starts = function == "start_verification"
    sent = (201, "pending") if starts else (202, "accepted")
    sends = [file for file in files if EXPECTED[name_of(file)] in sent]
    before = all_requests(sandbox)
    with runtime.running(function) as invoke:
        for file in files:
            with subtests.test(file.stem):
                told, expected = invoke(anew(file)), EXPECTED[name_of(file)]
                assert seen(told, expected) == expected, told
                if starts:
                    cancel(runtime.stack, told)
    assert all_requests(sandbox) - before == len(sends)


def all_requests(sandbox: Sandbox) -> int:
    answer = sandbox.http.get(f"{sandbox.url}/_sandbox/requests")
    return len(answer.json()["items"])


def test_a_refusal_has_the_name_that_step_functions_catch(runtime: Lambda) -> None:
    # The local cloud gives all errors one name; this is the real client's.
    with runtime.running("send_zns") as invoke:
        told = invoke({"client": "local", "phone": "+84389801371"})
    assert told["errorType"] == "ValidationFailed"


def test_a_layer_without_its_packages_would_be_noticed(runtime: Lambda) -> None:
    layers = [layer["Arn"] for layer in runtime.configuration("health")["Layers"]]
    ours = [arn for arn in layers if "RingpassLayer" in arn]
    with runtime.running("health", layers=ours) as invoke:
        told = invoke({})
    assert told["errorType"] == "Runtime.ImportModuleError"
    assert "No module named" in told["errorMessage"]


@pytest.mark.parametrize(
    ("package", "there"),
    [
        ("awslambdaric", True),
        ("boto3", True),
        ("aws_lambda_powertools", False),
        ("httpx", False),
        ("phonenumbers", False),
        ("pydantic", False),
        ("pytest", False),
        ("ringpass", False),
    ],
)
@pytest.mark.usefixtures("runtime")
def test_the_runtime_alone_has_none_of_our_packages(package: str, there: bool) -> None:
    done = subprocess.run(  # noqa: S603
        [RUNTIME, "-c", f"import {package}"], env={}, capture_output=True, text=True, check=False
    )
    assert (done.returncode == 0) == there
    assert there or f"No module named '{package}'" in done.stderr


def test_the_dependencies_are_small_and_without_what_the_runtime_has(runtime: Lambda) -> None:
    layers = [layer["Arn"] for layer in runtime.configuration("health")["Layers"]]
    dependencies = runtime.opt([arn for arn in layers if "DependenciesLayer" in arn]) / "python"
    packages = {path.name for path in dependencies.iterdir()}
    assert {"pydantic", "httpx"} <= packages
    assert not {"boto3", "botocore", "awslambdaric"} & packages
    size = sum(path.stat().st_size for path in dependencies.rglob("*"))
    assert size <= LAYER_LIMIT_MEGABYTES * 1_000_000
