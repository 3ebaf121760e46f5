"""A server on this machine that answers as a test says, and keeps what it was asked."""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any
from urllib.parse import parse_qsl, urlsplit


@dataclass(frozen=True)
class Asked:
    """A request."""

    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: Any


@dataclass(frozen=True)
class Reply:
    """A reply; status 0 cuts the connection."""

    body: object = None
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass
class ApiServer:
    """The server. Of several replies for a route each is given once, the last one for ever."""

    url: str
    replies: dict[str, list[Reply]] = field(default_factory=dict)
    requests: list[Asked] = field(default_factory=list)

    def on(self, route: str, *replies: Reply) -> None:
        self.replies[route] = list(replies)

    def of(self, method: str) -> list[Asked]:
        return [request for request in self.requests if request.method == method]

    def reply(self, request: Asked) -> Reply:
        replies = self.replies.get(f"{request.method} {request.path}")
        if replies is None:
            return Reply(problem(404, "not_found", "There is no such record."), 404)
        return replies.pop(0) if len(replies) > 1 else replies[0]


def problem(status: int, code: str, detail: str, **members: object) -> dict[str, object]:
    return {
        "type": f"urn:ringpass:problem:{code}",
        "title": f"Title of {code}",
        "status": status,
        "code": code,
        "detail": detail,
        "instance": "urn:ringpass:request:1",
        **members,
    }


def page(*items: object, next_cursor: str | None = None) -> Reply:
    return Reply({"items": list(items), "next_cursor": next_cursor})


@contextmanager
def api_server() -> Iterator[ApiServer]:
    class Handler(BaseHTTPRequestHandler):
        def answer(self) -> None:
            text = self.rfile.read(int(self.headers.get("Content-Length", "0")))
            parts = urlsplit(self.path)
            headers = {name.lower(): value for name, value in self.headers.items()}
            query = dict(parse_qsl(parts.query, keep_blank_values=True))
            body = json.loads(text) if text else None
            request = Asked(self.command, parts.path, query, headers, body)
            server.requests.append(request)
            reply = server.reply(request)
            if not reply.status:
                self.close_connection = True
                return
            is_text = isinstance(reply.body, str)
            payload = str(reply.body) if is_text else json.dumps(reply.body)
            self.send_response(reply.status)
            kind = "text/plain" if is_text else "application/json"
            for name, value in ({"Content-Type": kind} | dict(reply.headers)).items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(payload.encode())))
            self.end_headers()
            self.wfile.write(payload.encode())

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - its name
            pass

    for method in ("GET", "POST", "PUT", "DELETE"):
        setattr(Handler, f"do_{method}", Handler.answer)
    http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    http.daemon_threads = True
    server = ApiServer(f"http://127.0.0.1:{http.server_port}")
    thread = Thread(target=http.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        http.shutdown()
        http.server_close()
        thread.join(5)
