"""A receiver of webhooks on this machine: it keeps what it gets, and answers as a script says."""

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread


@dataclass(frozen=True)
class Received:
    """A request.

    Attributes:
        at: When it came, in seconds of the monotonic clock.
        path: Its path.
        headers: Its headers, with names in lower case.
        body: Its body.
    """

    at: float
    path: str
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True)
class Answer:
    """What the receiver answers."""

    status: int = 204
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""


@dataclass
class WebhookReceiver:
    """A receiver.

    Attributes:
        url: Where it listens.
        answer: Returns the answer to a request; it may take its time.
        received: All requests, in the order in which they came.
    """

    url: str
    answer: Callable[[Received], Answer]
    received: list[Received] = field(default_factory=list)


@contextmanager
def webhook_receiver(
    answer: Callable[[Received], Answer] = lambda _: Answer(),
) -> Iterator[WebhookReceiver]:
    """A receiver on a free port, until the end of the block."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
            headers = {name.lower(): value for name, value in self.headers.items()}
            request = Received(time.monotonic(), self.path, headers, body)
            receiver.received.append(request)
            response = receiver.answer(request)
            self.send_response(response.status)
            for name, value in response.headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(response.body)))
            self.end_headers()
            self.wfile.write(response.body)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - its name
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    receiver = WebhookReceiver(f"http://127.0.0.1:{server.server_port}/hook", answer)
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield receiver
    finally:
        server.shutdown()
        server.server_close()
        thread.join(5)
