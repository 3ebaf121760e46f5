"""Every function inside Lambda's own runtime client, with the deployed layers alone.

The local cloud runs functions in an environment of its own, whose packages can hide what a layer
lacks. Here there are none: handler path, layers and environment are what Lambda would see.
"""

import json
import subprocess
import uuid
from pathlib import Path
from typing import Any, Final

import pytest

from local.invoke import functions
from local.stack import Stack
from tests.e2e.conftest import Sandbox
from tests.e2e.emulator import RUNTIME, Lambda, expect_runtime
from tests.e2e.test_events import EXPECTED, FILES, cancel, name_of

LAYER_LIMIT_MEGABYTES = 25
# One of each way into a function: the authorizer, the API, a direct call, a webhook, stream, queue;
# and of each set of layers.
EVENTS: Final = (
    "authorizer/unknown_key",
    "send_voice_otp/post",
    "start_verification/direct",
    "receive_cdr/post_busy",
    "outbox/reply_and_cdr",
    "advance/join_cdr",
    "cognito_sender/admin_create_user",
)
_IMPORT_ALL: Final = """
import importlib.util, sys
for path in sys.argv[1:]:
    spec = importlib.util.spec_from_file_location(path, path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    print(callable(module.handler))
"""


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
    return event


def seen(answer: Any, expected: object) -> object:  # noqa: ANN401
    """What an answer has in the place of what is expected of it."""
    if isinstance(expected, int):
        return answer["statusCode"]
    return answer["status"] if isinstance(expected, str) else answer


@pytest.mark.parametrize("name", EVENTS)
def test_event(name: str, runtime: Lambda, sandbox: Sandbox) -> None:
    [file] = [file for file in FILES if name_of(file) == name]
    expected = EXPECTED[name]
    before = all_requests(sandbox)
    with runtime.running(file.parent.name) as invoke:
        answer = invoke(anew(file))
        assert seen(answer, expected) == expected, answer
    if file.parent.name == "start_verification":
        cancel(runtime.stack, answer)
    sends = expected in (202, "pending")
    assert all_requests(sandbox) - before == sends


def test_every_function_finds_in_its_layers_what_it_imports(runtime: Lambda) -> None:
    by_layers: dict[tuple[str, ...], list[str]] = {}
    for function in functions():
        layers = tuple(layer["Arn"] for layer in runtime.configuration(function)["Layers"])
        by_layers.setdefault(layers, []).append(str(runtime.task(function) / "app.py"))
    assert sorted(map(len, by_layers)) == [2, 3]  # cognito_sender has one more.
    for layers, paths in by_layers.items():
        process = subprocess.run(  # noqa: S603 - our own program
            [RUNTIME, "-c", _IMPORT_ALL, *paths],
            env={"PYTHONPATH": str(runtime.opt(layers) / "python")},
            capture_output=True,
            text=True,
            check=False,
        )
        assert process.stdout.split() == ["True"] * len(paths), process.stderr[-2000:]


def all_requests(sandbox: Sandbox) -> int:
    answer = sandbox.http.get(f"{sandbox.url}/_sandbox/requests")
    return len(answer.json()["items"])


def test_a_refusal_has_the_name_that_step_functions_catch(runtime: Lambda) -> None:
    # The local cloud gives all errors one name; this is the real client's.
    with runtime.running("send_zns") as invoke:
        error = invoke({"client": "local", "phone": "+84389801371"})
    assert error["errorType"] == "ValidationFailed"


def test_a_layer_without_its_packages_would_be_noticed(runtime: Lambda) -> None:
    layers = [layer["Arn"] for layer in runtime.configuration("health")["Layers"]]
    ours = [arn for arn in layers if "RingpassLayer" in arn]
    with runtime.running("health", layers=ours) as invoke:
        error = invoke({})
    assert error["errorType"] == "Runtime.ImportModuleError"
    assert "No module named" in error["errorMessage"]


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
    process = subprocess.run(  # noqa: S603
        [RUNTIME, "-c", f"import {package}"], env={}, capture_output=True, text=True, check=False
    )
    assert (process.returncode == 0) == there
    assert there or f"No module named '{package}'" in process.stderr


def test_the_dependencies_are_small_and_without_what_the_runtime_has(runtime: Lambda) -> None:
    layers = [layer["Arn"] for layer in runtime.configuration("health")["Layers"]]
    dependencies = runtime.opt([arn for arn in layers if "DependenciesLayer" in arn]) / "python"
    packages = {path.name for path in dependencies.iterdir()}
    assert {"pydantic", "httpx"} <= packages
    assert not {"boto3", "botocore", "awslambdaric"} & packages
    size = sum(path.stat().st_size for path in dependencies.rglob("*"))
    assert size <= LAYER_LIMIT_MEGABYTES * 1_000_000
