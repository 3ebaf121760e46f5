"""Free ports of this machine, on the loopback address only."""

import socket

from local.failures import LocalStackError

LOOPBACK = "127.0.0.1"
LOWEST = 1_024
"""The first port that needs no privileges."""
HIGHEST = 65_535


def free_port() -> int:
    """A port that is free at this moment. Another program may still take it: be ready to retry."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.bind((LOOPBACK, 0))
        port: int = probe.getsockname()[1]
        return port


def is_free(port: int) -> bool:
    """Whether a server could listen on the port now."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        # As a server would: a port whose last connections are only lingering counts as free.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOOPBACK, port))
        except OSError:
            return False
    return True


def chosen_port(text: str) -> int:
    """The port that a person asked for with RINGPASS_PORT.

    Raises:
        LocalStackError: it is no port, or it is taken.
    """
    try:
        port = int(text)
    except ValueError:
        port = 0
    if not LOWEST <= port <= HIGHEST:
        message = f"RINGPASS_PORT={text} cannot be used: use {LOWEST} to {HIGHEST}, or leave it out"
        raise LocalStackError(message)
    if not is_free(port):
        raise LocalStackError(
            f"port {port} is taken: stop what uses it, choose another with RINGPASS_PORT=..., "
            "or leave RINGPASS_PORT out for a free one"
        )
    return port
