"""What `make up` writes down: which servers run, from which sources, and what outlives them."""

import dataclasses
from urllib.parse import urlsplit

from local.build import digest_of, processor
from local.failures import LocalStackError
from local.processes import Server
from local.stack import Stack

CLOUD, SANDBOX = "ministack", "sandbox"
"""Names of servers."""
_PARTS = {
    "template": (
        *("template.yaml", "observability", "samconfig.toml", "layers/dependencies"),
        *("layers/ringpass/Makefile", "local/stack.py", "local/providers.py", "local/routes.py"),
    ),
    CLOUD: (
        *("requirements/cloud.txt", "local/ministack.py", "local/ministack_server.py"),
        *("local/fork_server.py", "local/live_code.py", "local/cloud_state.py"),
        "local/quick_yaml.py",
    ),
    SANDBOX: ("sandbox",),
}
"""What of the repository each part of a running stack was made from."""


def versions() -> dict[str, str]:
    """Tells apart states of the sources, for each part of a stack."""
    return {part: digest_of(names, beginning=processor()) for part, names in _PARTS.items()}


@dataclasses.dataclass(frozen=True)
class Running:
    """What is known of the servers in the background."""

    servers: tuple[Server, ...]
    versions: dict[str, str]
    """Of the sources that they run."""


@dataclasses.dataclass(frozen=True)
class Kept:
    """What outlives the servers, beside the state of the local cloud."""

    stack: Stack
    template: str
    """Tells which state of the template is deployed."""

    def port(self) -> int:
        """The port of the API and of the local AWS."""
        return _port_of(self.stack.aws_endpoint_url)

    def sandbox_port(self) -> int:
        """The port of the sandbox."""
        return _port_of(self.stack.sandbox_url)


def secrets_of(stack: Stack) -> set[str]:
    """The outputs that name secrets."""
    return {output for output in stack.outputs if output.endswith("SecretArn")}


def _port_of(url: str) -> int:
    port = urlsplit(url).port
    if port is None:
        raise LocalStackError(f"{url} has no port: begin anew with `make reset`")
    return port
