"""This machine: the tools of a clone, ports, the keyring, the parts of the local stack."""

import os
import shutil
import socket
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Final

import httpx

from ringpass_cli.doctor.finding import Finding, note, ok, problem
from ringpass_cli.errors import CliError
from ringpass_cli.profiles import Profiles
from ringpass_cli.stacks import Stack

_TOOLS: Final = {
    "git": "Install git.",
    "make": "Install make.",
    "python3.13": "Install Python 3.13, or set PYTHON to its program.",
}
_PORTS: Final = range(1024, 65_536)
_TIMEOUT_SECONDS: Final = 5.0


def check_tools(folder: Path) -> Iterator[Finding]:
    """What `make` needs; outside of a clone nothing is needed."""
    if not any((parent / "samconfig.toml").is_file() for parent in (folder, *folder.parents)):
        yield ok("tools", "This is no clone of Ringpass: no tools are needed.")
        return
    missing = [tool for tool in _TOOLS if shutil.which(tool) is None]
    if os.environ.get("PYTHON"):
        missing = [tool for tool in missing if not tool.startswith("python")]
    for tool in missing:
        yield problem("tools", f"{tool} is missing.", _TOOLS[tool])
    if not missing:
        yield ok("tools", f"{', '.join(_TOOLS)}: there.")


def check_extras() -> Iterator[Finding]:
    """boto3, which `logs` and `secret` need, and the keyring."""
    if find_spec("boto3") is None:
        yield note(
            "boto3",
            "boto3 is not installed: `logs`, `secret` and the checks of AWS need it.",
            'Run uv tool install "./cli[aws]".',
        )
    else:
        yield ok("boto3", "boto3 is installed.")
    try:
        profiles = Profiles().all()
        for profile in profiles:
            Profiles().key(profile)
    except CliError as error:
        yield problem("profiles", f"{error}.", error.advice)
    else:
        yield ok("profiles", f"Profiles with their keys: {len(profiles)}.")


def check_port(stack: Stack | None) -> Iterator[Finding]:
    """Whether the port of the local stack is free, or the stack's own."""
    text = os.environ.get("RINGPASS_PORT", "")
    if not text:
        yield ok("ports", "RINGPASS_PORT is not set: `make up` chooses a free port.")
        return
    if not text.isdecimal() or int(text) not in _PORTS:
        yield problem(
            "ports", "RINGPASS_PORT is no port.", "Set it to 1024 to 65535, or remove it."
        )
        return
    local = stack.local if stack else None
    if local is not None and httpx.URL(local.aws_endpoint_url).port == int(text):
        yield ok("ports", f"The local stack uses port {text}.")
        return
    with socket.socket() as probe:
        if probe.connect_ex(("127.0.0.1", int(text))) == 0:
            yield problem(
                "ports",
                f"Another program uses port {text}.",
                "End it, or set RINGPASS_PORT to another port.",
            )
        else:
            yield ok("ports", f"Port {text} is free.")


def check_local_parts(stack: Stack) -> Iterator[Finding]:
    """Whether the sandbox and the local cloud answer."""
    if stack.local is None:
        return
    for name, url in (
        ("The sandbox", f"{stack.local.sandbox_url}/_sandbox/requests?phone=%2B70000000000"),
        ("The local cloud", stack.local.aws_endpoint_url),
    ):
        try:
            httpx.get(url, timeout=_TIMEOUT_SECONDS, trust_env=False)
        except httpx.TransportError:
            yield problem("local stack", f"{name} does not answer.", "Run `make down`, `make up`.")
        else:
            yield ok("local stack", f"{name} answers.")
