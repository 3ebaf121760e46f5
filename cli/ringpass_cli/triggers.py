"""How an event of each type is made to happen on the local stack, with test numbers.

Each function does what makes the event, and returns the subject of the event; None: it is not known
before.
"""

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any, Final

import httpx

from ringpass_cli.api import Api
from ringpass_cli.errors import ApiError, CliError, ExitCode
from ringpass_cli.output import say
from ringpass_cli.stacks import LocalStack, Stack

# The last two digits select what happens: docs/test-numbers.md.
_WELL: Final = "+70000000000"
_BUSY: Final = "+70000000001"
_FAILS: Final = "+70000000006"
_NO_CDR: Final = "+70000000010"
_CUSTOMER: Final = "+84000000044"
# Test numbers count for no circuit breaker and no limit. The sandbox plays these numbers by their
# last digits, too: nobody is called.
_TOO_MANY: Final = tuple(f"+7916000{middle}13" for middle in ("00", "01", "02", "03"))
_DENIED: Final = "+79160000400"
_AGENT: Final = "5931518706854365424"
_DAY: Final = {"start": "00:00", "end": "24:00"}
_SETTINGS_SECONDS: Final = 75
"""A function keeps a client's settings for a minute."""
_OA_SECONDS: Final = 60


@dataclass(frozen=True)
class Trigger:
    """Makes events on the local stack.

    Attributes:
        stack: The local stack.
        local: What only it has.
    """

    stack: Stack
    local: LocalStack

    def make(self, event_type: str) -> str | None:
        """Make an event of this type happen; returns its subject, if that is known."""
        makers: Mapping[str, Callable[[], str | None]] = {
            "verification.started": self._start,
            "verification.step_taken": self._start,
            "verification.approved": self._approve,
            "verification.ended": self._cancel,
            "delivery.accepted": lambda: self._call(_NO_CDR),
            "delivery.unknown": lambda: self._call(_FAILS),
            "delivery.settled": lambda: self._call(_BUSY),
            "provider.suspended": self._suspend,
            "provider.recovered": self._recover,
            "limit.refused": self._refuse,
            "consent.changed": self._consent,
            "oa_call.ended": self._oa_call,
            "webhook_endpoint.disabled": self._disable,
            "ping": self._ping,
        }
        return makers[event_type]()

    def _api(self) -> Api:
        """An API with an idempotency key of its own: each request is another one."""
        return Api(self.stack)

    def _start(self) -> str:
        return str(self._api().post("/v1/verifications", {"phone": _WELL})["id"])

    def _approve(self) -> str:
        verification_id = self._start()
        query = {"phone": _WELL}
        answer = httpx.get(f"{self.local.sandbox_url}/_sandbox/code", params=query, trust_env=False)
        path = f"/v1/verifications/{verification_id}/check"
        self._api().post(path, {"code": answer.json()["code"]})
        return verification_id

    def _cancel(self) -> str:
        verification_id = self._start()
        self._api().post(f"/v1/verifications/{verification_id}/cancel")
        return verification_id

    def _call(self, phone: str) -> str:
        return str(self._api().post("/v1/password-calls", {"phone": phone})["id"])

    def _suspend(self) -> str:
        for phone in _TOO_MANY:
            try:
                self._call(phone)
            except ApiError as error:
                if error.code != "provider_suspended":
                    raise
        say("MCN is suspended; `ringpass providers --resume mcn` ends it.")
        return "mcn"

    def _recover(self) -> str:
        self._suspend()
        self._api().delete("/v1/providers/mcn/suspension")
        say("It is resumed.")
        return "mcn"

    def _refuse(self) -> None:
        settings = self._api().get("/v1/settings")
        deny = settings["limits"]["deny"]
        if _DENIED not in deny["numbers"]:
            deny["numbers"].append(_DENIED)
            self._api().put("/v1/settings", settings)
            say(f"{_DENIED} is on the client's deny list now; functions read it within a minute.")
        deadline = time.monotonic() + _SETTINGS_SECONDS
        while time.monotonic() < deadline:
            try:
                self._call(_DENIED)
            except ApiError as error:
                if error.code == "not_allowed":
                    return
                raise
            time.sleep(2)
        raise _too_late("the deny list")

    def _consent(self) -> str:
        return self._ask_consent(self._desk())

    def _oa_call(self) -> str:
        """A customer allows a call, an agent opens its link, and Zalo reports its end."""
        desk = self._desk()
        self._ask_consent(desk)
        body = {"phone": _CUSTOMER, "agent_id": _AGENT, "call_type": "audio"}
        call = self._api().post(f"{desk}/calls", body)
        httpx.get(call["url"], follow_redirects=True, trust_env=False)
        return str(call["id"])

    def _desk(self) -> str:
        """The path of the Official Account, set up so that its agent may call at any time."""
        desk = f"/v1/oa/{self.stack.outputs['OaId']}"
        days = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
        hours = dict.fromkeys(days, _DAY)
        body = {"enabled": True, "verified_enterprise": True, "hours": hours}
        self._api().put(f"{desk}/settings", body)
        try:
            agent = {"agent_id": _AGENT, "name": "Lan", "role": "customer_care"}
            self._api().post(f"{desk}/agents", agent)
        except ApiError as error:
            if error.code != "agent_exists":
                raise
        return desk

    def _ask_consent(self, desk: str) -> str:
        body = {"phone": _CUSTOMER, "call_type": "audio", "reason": "consulting", "name": "Ánh"}
        api = self._api()
        for consent in api.items(f"{desk}/consents", {"phone": _CUSTOMER}):
            # What is allowed cannot be asked for again.
            api.delete(f"{desk}/consents/{consent['id']}")
        consent = api.post(f"{desk}/consents", body)
        deadline = time.monotonic() + _OA_SECONDS
        while consent["state"] in ("requested", "waiting"):
            if time.monotonic() > deadline:
                raise _too_late("the customer's answer")
            time.sleep(0.5)
            consent = api.get(f"{desk}/consents/{consent['id']}")
        return str(consent["id"])

    def _disable(self) -> str:
        """An endpoint answers that it is gone."""
        with _receiver(HTTPStatus.GONE) as url:
            body = {
                "url": url,
                "types": ["verification.started"],
                "description": "ringpass trigger",
            }
            endpoint = self._api().post("/v1/webhook-endpoints", body)
            path = f"/v1/webhook-endpoints/{endpoint['id']}"
            self._start()
            deadline = time.monotonic() + _OA_SECONDS
            while self._api().get(path)["status"] == "enabled":
                if time.monotonic() > deadline:
                    raise _too_late("the webhook")
                time.sleep(0.5)
        return str(endpoint["id"])

    def _ping(self) -> str:
        with _receiver(HTTPStatus.NO_CONTENT) as url:
            body = {"url": url, "types": ["ping"], "description": "ringpass trigger"}
            endpoint = self._api().post("/v1/webhook-endpoints", body)
            self._api().post(f"/v1/webhook-endpoints/{endpoint['id']}/test")
        return str(endpoint["id"])

    def clean_up(self, event_type: str, subject: str | None) -> None:
        """Remove what only the event needed."""
        if event_type in ("webhook_endpoint.disabled", "ping") and subject:
            self._api().delete(f"/v1/webhook-endpoints/{subject}")


def _too_late(what: str) -> CliError:
    return CliError(
        f"{what} took too long",
        advice="Repeat the command; `make logs` shows what the functions do.",
        exit_code=ExitCode.NEGATIVE,
    )


@contextmanager
def _receiver(status: HTTPStatus) -> Iterator[str]:
    """The address of a server on this machine that answers every POST so."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers.get("Content-Length", "0")))
            self.send_response(status)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002, ANN401 - its names
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/ringpass-trigger"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
