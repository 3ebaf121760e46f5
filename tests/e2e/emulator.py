"""A function of the deployed stack, run as Lambda runs it.

By Lambda's own runtime client, under its emulator, with the code, layers and environment that were
deployed, and with nothing else.
"""

import io
import platform
import shutil
import socket
import time
import urllib.request
import zipfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from local.build import processor
from local.environment import aws_variables
from local.paths import CLOUD_VENV, ROOT
from local.ports import LOOPBACK, free_port
from local.processes import Server, start_server
from local.stack import Stack
from local.web import ask

if TYPE_CHECKING:
    from mypy_boto3_lambda.type_defs import FunctionConfigurationResponseTypeDef

RUNTIME = ROOT / ".venv-runtime" / "bin" / "python"
"""What the Lambda runtime holds by itself: its client and boto3, none of our packages."""
START_SECONDS = 10.0
ATTEMPTS = 5
"""How often other ports are tried, when the free ones were taken in the meantime."""

type Invoke = Callable[[object], Any]


def expect_runtime() -> None:
    """Skips where there is no emulator; fails where a part of the set-up is missing."""
    if platform.system() != "Linux":
        pytest.skip("Lambda's emulator is a program for Linux")
    if not RUNTIME.exists():
        pytest.fail(".venv-runtime is missing: run `make setup-tests`")


@dataclass(frozen=True)
class Lambda:
    """Runs functions of a stack; keeps what it unpacks in `folder`."""

    stack: Stack
    folder: Path

    def configuration(self, function: str) -> "FunctionConfigurationResponseTypeDef":
        """As it was deployed."""
        return self.stack.lambdas().get_function_configuration(FunctionName=self._arn(function))

    def opt(self, layers: Sequence[str]) -> Path:
        """Layers (ARNs) one over the other, as Lambda has them in /opt."""
        versions = [arn.rpartition("layer:")[2].replace(":", "-") for arn in layers]
        opt = self.folder / "-".join(versions) / "opt"
        if not opt.exists():
            for arn in layers:
                version = self.stack.lambdas().get_layer_version_by_arn(Arn=arn)
                _unpack(version["Content"]["Location"], opt)
        return opt

    def task(self, function: str) -> Path:
        """A function's code, as Lambda has it in /var/task."""
        task = self.folder / "task" / function
        if not task.exists():
            code = self.stack.lambdas().get_function(FunctionName=self._arn(function))["Code"]
            _unpack(code["Location"], task)
        return task

    @contextmanager
    def running(self, function: str, layers: Sequence[str] | None = None) -> Iterator[Invoke]:
        """The function, for as long as the block runs; with its own layers or with these."""
        configuration = self.configuration(function)
        own = [layer["Arn"] for layer in configuration["Layers"]]
        opt = self.opt(own if layers is None else layers)
        task = self.task(function)
        environment = {
            **configuration["Environment"]["Variables"],
            **aws_variables(self.stack.aws_endpoint_url),
            "AWS_LAMBDA_FUNCTION_NAME": configuration["FunctionName"],
            "AWS_LAMBDA_FUNCTION_TIMEOUT": str(configuration["Timeout"]),
            "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": str(configuration["MemorySize"]),
            "LAMBDA_TASK_ROOT": str(task),
            "PYTHONPATH": f"{task}:{opt / 'python'}",
            "TZ": ":UTC",
        }
        log = self.folder / f"{function}.log"
        server, url = self._start(configuration["Handler"], environment, log)

        def invoke(event: object) -> Any:  # noqa: ANN401 - any JSON
            answer = ask("POST", f"{url}/2015-03-31/functions/function/invocations", body=event)
            return answer.json()

        try:
            yield invoke
        except BaseException:
            print(log.read_text("utf-8", "replace"))  # noqa: T201 - pytest shows it
            raise
        finally:
            server.stop()

    def _start(self, handler: str, environment: dict[str, str], log: Path) -> tuple[Server, str]:
        for _ in range(ATTEMPTS):
            port = free_port()
            command: list[str | Path] = [
                *("/bin/sh", "-c", 'cd "$LAMBDA_TASK_ROOT" && exec "$@"', "sh"),
                self._emulator(),
                *("--runtime-interface-emulator-address", f"{LOOPBACK}:{port}"),
                *("--runtime-api-address", f"{LOOPBACK}:{free_port()}"),
                *(RUNTIME, "-m", "awslambdaric", handler),
            ]
            server = start_server("emulator", command, env=environment, log=log, outlives_us=False)
            if _listens(server, port):
                return server, f"http://{LOOPBACK}:{port}"
            server.stop()
        pytest.fail(f"the emulator does not start: {log.read_text('utf-8', 'replace')[-1000:]}")

    def _emulator(self) -> Path:
        """SAM CLI ships it without the right to be run."""
        program = self.folder / "aws-lambda-rie"
        if not program.exists():
            [binary] = CLOUD_VENV.glob(f"lib/*/site-packages/samcli/local/rapid/*-{processor()}")
            shutil.copyfile(binary, program)
            program.chmod(0o755)
        return program

    def _arn(self, function: str) -> str:
        output = "".join(word.title() for word in function.split("_")) + "Function"
        return self.stack.outputs[output]


def _unpack(url: str, folder: Path) -> None:
    with urllib.request.urlopen(url) as response:  # noqa: S310 - the local cloud's
        content = io.BytesIO(response.read())
    with zipfile.ZipFile(content) as archive:
        archive.extractall(folder)


def _listens(server: Server, port: int) -> bool:
    deadline = time.monotonic() + START_SECONDS
    while server.is_alive() and time.monotonic() < deadline:
        try:
            socket.create_connection((LOOPBACK, port)).close()
        except OSError:
            time.sleep(0.02)
        else:
            return True
    return False
