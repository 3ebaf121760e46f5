"""The environment of what the local stack and a deployment start.

Nothing in it can lead to a real AWS account, or depends on the home of whoever runs it, but for
`for_aws`: a deployment to AWS is meant to.
"""

import os
import sys
from pathlib import Path

from local.paths import CLOUD_VENV, ROOT, SAM_HOME

REGION = "us-east-1"
ACCOUNT = "000000000000"
STACK_NAME = "ringpass-local"
"""Of the CloudFormation stack in the local cloud."""

_NOWHERE = os.devnull

_AWS = {
    "AWS_ACCESS_KEY_ID": "test",
    "AWS_SECRET_ACCESS_KEY": "test",
    "AWS_DEFAULT_REGION": REGION,
    "AWS_REGION": REGION,
    "AWS_CONFIG_FILE": _NOWHERE,
    "AWS_SHARED_CREDENTIALS_FILE": _NOWHERE,
    "AWS_EC2_METADATA_DISABLED": "true",
    "AWS_PAGER": "",
}


def aws_variables(endpoint_url: str | None = None) -> dict[str, str]:
    """Settings under which an AWS client reaches the local cloud at `endpoint_url` or nothing."""
    # Without an endpoint it must not fall back to the real AWS: port 9 answers nobody.
    return {**_AWS, "AWS_ENDPOINT_URL": endpoint_url or "http://127.0.0.1:9"}


def for_functions(temporary: Path) -> dict[str, str]:
    """What the local cloud gets: it hands all of it on to the functions, so it is little.

    No proxy in particular: functions ask the sandbox on this machine.
    """
    variables = {
        name: os.environ[name] for name in ("PATH", "LANG", "LC_ALL") if name in os.environ
    }
    # A function without AWS_ENDPOINT_URL is told the local cloud's own address by it.
    return variables | _AWS | {"HOME": str(temporary), "TMPDIR": str(temporary)}


def for_sam(endpoint_url: str | None = None) -> dict[str, str]:
    """What SAM CLI gets: ours (pip's settings are in it), without anything of AWS's or SAM's."""
    ours = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("AWS_", "SAM_", "__SAM_")) and name not in ("PYTHONPATH", "DEBUG")
    }
    return (
        ours
        | aws_variables(endpoint_url)
        | {
            # pip of the environment that has it, and python3.13 by that name.
            "PATH": os.pathsep.join([str(CLOUD_VENV / "bin"), os.environ.get("PATH", "")]),
            "SAM_CLI_TELEMETRY": "0",
            "__SAM_CLI_APP_DIR": str(SAM_HOME),
            # It asks a local cloud, which answers at once: seconds between questions are waste.
            "SAM_CLI_POLL_DELAY": "0.2",
            "NO_PROXY": "127.0.0.1,localhost",
            "no_proxy": "127.0.0.1,localhost",
        }
    )


def for_aws(region: str | None = None) -> dict[str, str]:
    """What SAM CLI gets for a real account: all of ours, with SAM CLI's own programs first.

    The region goes by both names: botocore reads the one, other tools the other.
    """
    ours = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    path = os.pathsep.join([str(CLOUD_VENV / "bin"), os.environ.get("PATH", "")])
    chosen = {} if region is None else {"AWS_REGION": region, "AWS_DEFAULT_REGION": region}
    return ours | chosen | {"PATH": path}


def for_ours(endpoint_url: str | None = None) -> dict[str, str]:
    """What our own programs get: the sandbox, the tool that makes API keys."""
    ours = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    path = os.pathsep.join([str(ROOT), str(ROOT / "layers" / "ringpass")])
    return ours | aws_variables(endpoint_url) | {"PYTHONPATH": path, "PYTHONUNBUFFERED": "1"}


def reach_the_layer() -> None:
    """Let this process import our layer's code, and what it needs: most commands do not."""
    layer = str(ROOT / "layers" / "ringpass")
    if layer not in sys.path:
        sys.path.insert(0, layer)


def reach_loopback_directly() -> None:
    """Keep this process from asking a proxy for addresses on this machine."""
    for name in ("NO_PROXY", "no_proxy"):
        hosts = [host for host in os.environ.get(name, "").split(",") if host]
        os.environ[name] = ",".join(dict.fromkeys([*hosts, "127.0.0.1", "localhost"]))
