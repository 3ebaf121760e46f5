"""How these tests speak to the sandbox, and the webhook that they play for it."""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import urlsplit

import httpx

PATHS = {
    "bizfly": "/bizfly/v4/api/otp_calls",
    "voice_gateway": "/voice_gateway/calls",
    "mcn": "/mcn/api/protected/api/auth/passwordcall",
    "caresoft": "/caresoft/sandbox/api/v1/zalo/zns",
}
AUTHORIZATION = {
    "bizfly": "sandbox-bizfly-key",
    "voice_gateway": "Bearer sandbox-voice-gateway-token",
    "mcn": "Bearer sandbox-mcn-token",
    "caresoft": "Bearer sandbox-caresoft-token",
}
PROVIDERS = tuple(PATHS)


@dataclass
class Driver:
    """A client of one running sandbox."""

    url: str
    http: httpx.Client

    def body(self, provider: str, phone: str, code: str = "4821") -> dict[str, Any]:
        """Build what the provider takes for an E.164 number."""
        if provider == "mcn":
            return {"phone_number": phone[1:], "verification_code": code}
        if provider == "voice_gateway":
            return {
                "delivery_id": "dlv_1",
                "phone": phone,
                "code": code,
                "language": "vi",
                "ring_timeout": 25,
            }
        assert phone.startswith("+84")
        national = "0" + phone[3:]
        if provider == "caresoft":
            return {"zns": {"phone": national, "template_id": 366, "params": {"otp": code}}}
        return {
            "callee": national,
            "callee_timeout": "25",
            "otp": code,
            "otp_id": "OTP-975705",
            "request_id": "123123123",
        }

    def post(
        self,
        provider: str,
        json: object,
        *,
        path: str | None = None,
        headers: dict[str, str] | None = None,
    ) -> httpx.Response:
        """Post to a provider with its credentials, unless headers say otherwise."""
        return self.http.post(
            self.url + (path or PATHS[provider]),
            json=json,
            headers={"Authorization": AUTHORIZATION[provider]} if headers is None else headers,
        )

    def order(self, provider: str, phone: str, code: str = "4821") -> httpx.Response:
        """Post a right request for this phone."""
        return self.post(provider, self.body(provider, phone, code))

    def control(self, method: str, path: str, json: object = None, **query: str) -> httpx.Response:
        """Ask a control route."""
        return self.http.request(method, f"{self.url}/_sandbox{path}", json=json, params=query)

    def settings(self, **changes: object) -> None:
        """Change settings."""
        answer = self.control("POST", "/settings", changes)
        assert answer.status_code == 200, answer.text

    def requests(self, **query: str) -> list[dict[str, Any]]:
        """List what providers saw."""
        items: list[dict[str, Any]] = self.control("GET", "/requests", **query).json()["items"]
        return items

    def code(self, phone: str) -> str | None:
        """Give what the callee heard last."""
        answer = self.control("GET", "/code", phone=phone)
        code: str | None = answer.json().get("code")
        assert (code is None) == (answer.status_code == 404)
        return code

    def cdrs(self) -> list[dict[str, Any]]:
        """List the CDRs sent."""
        items: list[dict[str, Any]] = self.control("GET", "/cdrs").json()["items"]
        return items


@dataclass(frozen=True)
class Received:
    """One request to the webhook."""

    method: str
    path: str
    query: str
    headers: dict[str, str]
    body: str
    at: float


@dataclass
class Webhook:
    """The webhook: keeps what it gets, answers what ``answers`` holds, then 200."""

    url: str = ""
    received: list[Received] = field(default_factory=list)
    answers: list[int] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def wait_for(self, count: int) -> list[Received]:
        """Wait until this many requests have come."""
        wait_until(lambda: len(self.received) >= count)
        return list(self.received)

    def clear(self) -> None:
        """Forget everything."""
        with self.lock:
            self.received.clear()
            self.answers.clear()


def wait_until(condition: Callable[[], bool], seconds: float = 10.0) -> None:
    """Wait for a condition, or fail."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "did not come about"
        time.sleep(0.01)


def start_webhook() -> tuple[Webhook, ThreadingHTTPServer]:
    """Start the webhook on a free port."""
    webhook = Webhook()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("content-length", "0"))).decode()
            parts = urlsplit(self.path)
            with webhook.lock:
                webhook.received.append(
                    Received(
                        self.command,
                        parts.path,
                        parts.query,
                        {name.lower(): value for name, value in self.headers.items()},
                        body,
                        time.monotonic(),
                    )
                )
                status = webhook.answers.pop(0) if webhook.answers else 200
            self.send_response(status)
            self.send_header("Content-Length", "2")
            self.end_headers()
            self.wfile.write(b"ok")

        do_GET = do_POST  # noqa: N815

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002
            pass

    class Server(ThreadingHTTPServer):
        daemon_threads = True
        request_queue_size = 64  # Forty at once: one that is turned away comes again, later.

    server = Server(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    webhook.url = f"http://127.0.0.1:{server.server_address[1]}/hooks/secret"
    return webhook, server
