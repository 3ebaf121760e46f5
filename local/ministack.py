"""The local cloud: ministack, one process on loopback."""

import secrets
import time
from dataclasses import dataclass
from pathlib import Path

from local.environment import for_functions
from local.failures import LocalStackError
from local.ministack_server import CALLS_VARIABLE, LIVE_VARIABLE
from local.paths import CLOUD_VENV, only_for_its_owner
from local.ports import LOOPBACK, free_port
from local.processes import Server, start_server
from local.web import ask

START_SECONDS = 60.0
CALLS_FILE = "calls.jsonl"
"""Which role made which calls, in the folder of the stack (see `local.ministack_server`)."""
STATE_FOLDER = "state"
"""What the local cloud of `make up` held, in the folder of the stack (see `local.cloud_state`)."""
ATTEMPTS = 5
"""How often another port is tried, when the free one was taken in the meantime."""


@dataclass(frozen=True)
class Cloud:
    """A local cloud that answers."""

    endpoint_url: str
    server: Server
    log: Path


def start_cloud(folder: Path, *, port: int | None = None, is_kept: bool = False) -> Cloud:
    """Start ministack and wait until it answers. It keeps its files in `folder`.

    Args:
        folder: Of the stack.
        port: None is a free one.
        is_kept: It outlives us, begins with what it held when it was ended, and runs the sources
            as they stand in the repository.

    Raises:
        LocalStackError: it does not start.
    """
    if port is not None:
        cloud = _try_port(folder, port, is_kept=is_kept)
        if cloud is None:
            raise LocalStackError(
                f"port {port} was taken while starting: choose another with RINGPASS_PORT=..."
            )
        return cloud
    for _ in range(ATTEMPTS):
        cloud = _try_port(folder, free_port(), is_kept=is_kept)
        if cloud is not None:
            return cloud
    raise LocalStackError("no free port could be kept: are other programs opening them all?")


def _try_port(folder: Path, port: int, *, is_kept: bool) -> Cloud | None:
    """Start on one port. Gives None if another program took the port first."""
    temporary = folder / "tmp"
    temporary.mkdir(parents=True, exist_ok=True)
    if is_kept:
        only_for_its_owner(folder / STATE_FOLDER)
    log = folder / "ministack.log"
    mark = secrets.token_hex(8)
    server = start_server(
        "ministack",
        [CLOUD_VENV / "bin" / "python", "-m", "local.ministack_server"],
        env=for_functions(temporary)
        | _settings(port, mark, folder)
        | (_settings_of_kept(folder) if is_kept else {}),
        log=log,
        outlives_us=is_kept,
    )
    url = f"http://{LOOPBACK}:{port}"
    answer: dict[str, object] | None = None
    try:
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline:
            answer = _health(url)
            if answer is not None and answer.get("edition") == mark:
                return Cloud(endpoint_url=url, server=server, log=log)
            if answer is not None or not server.is_alive():
                break  # Another server answers, or ours has ended.
            time.sleep(0.1)
    except BaseException:
        server.stop()
        raise
    gave_up = not server.is_alive()
    server.stop()
    if answer is not None or (gave_up and "already in use" in _tail(log)):
        return None
    raise LocalStackError("the local cloud did not start", log=log)


def _settings(port: int, mark: str, folder: Path) -> dict[str, str]:
    return {
        "BIND_HOST": LOOPBACK,
        # Queue URLs and the like are made of it, and must be reachable as they are.
        "MINISTACK_HOST": LOOPBACK,
        "GATEWAY_PORT": str(port),
        # Functions run with their own role's rights: a missing permission fails here too.
        "AUTH": "true",
        # Its own answer to "who are you?", so that another ministack is not taken for ours.
        "MINISTACK_EDITION": mark,
        # Listeners on fixed ports of all addresses, for services that are not used.
        "IOT_MTLS_ENABLED": "0",
        "SFTP_ENABLED": "0",
        # Neither look for Docker nor use it.
        "LAMBDA_EXECUTOR": "local",
        "DOCKER_HOST": f"unix://{folder / 'no-docker'}",
        # Every request holds a thread while its function runs, and so does its authorizer.
        "MINISTACK_WORKER_THREADS": "256",
        # Cold starts are the slow part: keep what a burst has started.
        "LAMBDA_WARM_TTL_SECONDS": "3600",
        "LOG_LEVEL": "INFO",
        CALLS_VARIABLE: str(folder / CALLS_FILE),
    }


def _settings_of_kept(folder: Path) -> dict[str, str]:
    return {
        "PERSIST_STATE": "1",
        "STATE_DIR": str(folder / STATE_FOLDER),
        LIVE_VARIABLE: str(folder / "layer"),
    }


def _health(url: str) -> dict[str, object] | None:
    try:
        health = ask("GET", f"{url}/_ministack/health", timeout=5).json()
    except OSError:
        return None
    except ValueError:
        return {}
    return health if isinstance(health, dict) else {}


def _tail(log: Path) -> str:
    return log.read_text(encoding="utf-8", errors="replace")[-2000:]
