"""The HTTP side: reads a request to its end, finds who answers it, writes the reply or cuts."""

import contextlib
import socket
import traceback
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from socketserver import TCPServer
from urllib.parse import urlsplit

from sandbox import control, exchange, log, switchboard, zalo_calls, zalo_office
from sandbox.control_input import problem
from sandbox.state import Sandbox
from sandbox.wire import Reply, Request

_LONGEST_BODY_BYTES = 1_048_576
_LONGEST_LINE_BYTES = 1024


class SandboxServer(ThreadingHTTPServer):
    """One thread per connection; none of them keeps the process alive."""

    daemon_threads = True
    block_on_close = False
    request_queue_size = 1024
    allow_reuse_port = False

    def __init__(self, address: tuple[str, int], sandbox: Sandbox) -> None:
        self.sandbox = sandbox
        super().__init__(address, _Handler)

    def server_bind(self) -> None:
        """Bind without the look-up of the host's name that HTTPServer does."""
        TCPServer.server_bind(self)
        self.server_name, self.server_port = str(self.server_address[0]), self.server_address[1]

    @property
    def url(self) -> str:
        """Where the sandbox answers, without a trailing slash."""
        return f"http://{self.server_name}:{self.server_port}"

    def handle_error(self, request: object, client_address: object) -> None:
        """Say nothing of clients that went away."""


class _BodyError(Exception):
    """The body cannot be read to its end; the connection is of no more use."""

    def __init__(self, status: int, detail: str) -> None:
        super().__init__(detail)
        self.status = status


class _Handler(BaseHTTPRequestHandler):
    server: SandboxServer
    protocol_version = "HTTP/1.1"
    # Head and body of a reply leave in one packet: on a kept-alive connection two of them would
    # wait for the client's delayed acknowledgement.
    wbufsize = 65_536
    disable_nagle_algorithm = True

    def _serve(self) -> None:
        try:
            body = self._read_body()
        except _BodyError as error:
            self.close_connection = True
            self._write(problem(error.status, "Bad Request", str(error)))
            return
        parts = urlsplit(self.path)
        headers = {name.lower(): value for name, value in self.headers.items()}
        reply = self._find_reply(Request(self.command, parts.path, parts.query, headers, body))
        if reply is None:
            self._cut()
        else:
            self._write(reply)

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = do_HEAD = do_OPTIONS = _serve  # noqa: N815

    def _find_reply(self, request: Request) -> Reply | None:
        first = request.path.split("/", 2)[1] if request.path.startswith("/") else ""
        provider, sandbox = exchange.PROVIDERS.get(first), self.server.sandbox
        try:
            if request.path.startswith(switchboard.PREFIX):
                return self._ask_switchboard(request)
            if (
                office_reply := zalo_office.answer(request, sandbox.zalo, sandbox.settings)
            ) is not None:
                return office_reply
            if zalo_calls.is_for(request.path):
                return zalo_calls.answer(request, sandbox)
            if provider is not None:
                return exchange.answer(provider, request, self.server.sandbox)
            if first == "_sandbox":
                reply = control.answer(request, self.server.sandbox)
            else:
                reply = problem(404, "Not Found", "no such route")
        except Exception:  # noqa: BLE001 - a bug of the sandbox must not look like a cut connection
            log.line("sandbox", "failed:\n" + traceback.format_exc())
            return problem(500, "Internal Server Error", "a fault of the sandbox itself")
        log.line("sandbox", f"{request.method} {request.path}, answered {reply.status}")
        return reply

    def _ask_switchboard(self, request: Request) -> Reply:
        sandbox = self.server.sandbox
        board_answer = switchboard.answer(request, sandbox.switchboard, sandbox.settings)
        if board_answer.changes:
            sandbox.change(board_answer.changes)
        return board_answer.reply

    def _read_body(self) -> bytes:
        if "transfer-encoding" in self.headers:
            return self._read_chunks()
        length = self.headers.get("content-length", "0")
        if not length.isdecimal():
            raise _BodyError(400, "Content-Length must be a number")
        return self._read_exactly(int(length))

    def _read_exactly(self, length: int) -> bytes:
        if length > _LONGEST_BODY_BYTES:
            raise _BodyError(413, f"a body may have up to {_LONGEST_BODY_BYTES} bytes")
        body = self.rfile.read(length)
        if len(body) < length:
            raise _BodyError(400, "the body ended early")
        return body

    def _read_chunks(self) -> bytes:
        if self.headers["transfer-encoding"].strip().lower() != "chunked":
            raise _BodyError(501, "Transfer-Encoding must be chunked")
        body = b""
        while True:
            size_line = self.rfile.readline(_LONGEST_LINE_BYTES).partition(b";")[0].strip()
            try:
                size = int(size_line, 16)
            except ValueError as error:
                raise _BodyError(400, "a chunk's size must be a number") from error
            if size < 0:
                raise _BodyError(400, "a chunk's size must be a number")
            if size == 0:
                break
            body += self._read_exactly(size)
            if len(body) > _LONGEST_BODY_BYTES:
                raise _BodyError(413, f"a body may have up to {_LONGEST_BODY_BYTES} bytes")
            self.rfile.readline(_LONGEST_LINE_BYTES)
        while self.rfile.readline(_LONGEST_LINE_BYTES).strip():
            pass  # trailers
        return body

    def _write(self, reply: Reply) -> None:
        # A client that stopped waiting has what it wants.
        with contextlib.suppress(OSError):
            self.send_response(reply.status)
            self.send_header("Content-Type", reply.content_type)
            self.send_header("Content-Length", str(len(reply.body)))
            for name, value in reply.headers.items():
                self.send_header(name, value)
            if self.close_connection:
                self.send_header("Connection", "close")
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(reply.body)
            self.wfile.flush()

    def _cut(self) -> None:
        self.close_connection = True
        with contextlib.suppress(OSError):
            self.connection.shutdown(socket.SHUT_RDWR)

    def version_string(self) -> str:
        """Name the server without the version of Python."""
        return "sandbox"

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the library's name
        """Write nothing: the library's line would hold the query, so phone numbers."""
