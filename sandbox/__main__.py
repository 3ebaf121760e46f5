"""``python -m sandbox``: start on loopback, say where, run until SIGTERM or Ctrl-C."""

import argparse
import errno
import ipaddress
import signal
import sys
import threading
from pathlib import Path

from sandbox.server import SandboxServer
from sandbox.state import Sandbox

_HIGHEST_PORT = 65_535


def main(arguments: list[str] | None = None) -> int:
    """Run the sandbox. Gives the exit code: 0 after a stop, 1 if it could not start."""
    options = _read_arguments(arguments)
    if not _is_loopback(options.host):
        return _fail(f"{options.host} is not a loopback address; use --host 127.0.0.1")
    if not 0 <= options.port <= _HIGHEST_PORT:
        return _fail(f"{options.port} is no port; use 0 to {_HIGHEST_PORT}, 0 for a free one")
    sandbox = Sandbox()
    try:
        server = SandboxServer((options.host, options.port), sandbox)
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            where = f"port {options.port} on {options.host}"
            return _fail(f"{where} is taken; choose another with --port, or 0 for a free one")
        return _fail(f"cannot listen on {options.host} port {options.port}: {error.strerror}")
    with server:
        return _run(server, options.port_file)


def _read_arguments(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m sandbox", description="The providers, simulated on this machine."
    )
    parser.add_argument("--host", default="127.0.0.1", help="a loopback address")
    parser.add_argument("--port", type=int, default=0, help="0 for a free one (default)")
    parser.add_argument("--port-file", type=Path, help="write the port number to this file")
    return parser.parse_args(arguments)


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.IPv4Address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _run(server: SandboxServer, port_file: Path | None) -> int:
    stop = server.sandbox.stopping
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    if port_file is not None:
        try:
            _write_port(port_file, server.server_port)
        except OSError as error:
            return _fail(f"cannot write {port_file}: {error.strerror}")
    # The main thread must stay free for signals, and serve_forever cannot be stopped from its own.
    serving = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    serving.start()
    sys.stdout.write(f"sandbox ready at {server.url}\n")
    sys.stdout.flush()
    stop.wait()
    server.shutdown()
    if port_file is not None:
        port_file.unlink(missing_ok=True)
    return 0


def _write_port(path: Path, port: int) -> None:
    # Whoever waits for the file must never read half of it.
    partial = path.with_name(path.name + ".partial")
    partial.write_text(f"{port}\n", encoding="ascii")
    partial.replace(path)


def _fail(why: str) -> int:
    sys.stderr.write(f"sandbox: {why}\n")
    return 1


if __name__ == "__main__":
    sys.exit(main())
