"""The main job from end to end, over HTTP, on a local stack of its own: `make demo`.

Every step says what it asked, shows what came, and checks it.
"""

import json
import time
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from http import HTTPStatus
from typing import Any
from urllib.parse import quote

from standardwebhooks.webhooks import Webhook

from local.progress import Progress
from local.providers import ZALO_OA_ID
from local.stack import Stack, running_stack
from local.web import Answer, ask
from local.webhook_receiver import webhook_receiver

SETTLED_WITHIN_SECONDS = 20.0
"""A CDR comes a second after its call; without a known reference it is joined a little later."""

# The last two digits say what becomes of the call (the table is in the sandbox's README).
ANSWERED = "+70000000021"
BUSY = "+70000000001"
CUT = "+70000000007"
VOICE = "+84000000022"
ZALO = "+84000000023"
NO_NUMBER = "+8412"
CUSTOMER = "+84000000024"
AGENT = "5931518706854365424"
# A number as any other: what becomes of it is scripted.
PERSON = "+84983912150"
CHANNELS = ["zns", "password_call", "voice_otp"]


class WrongError(Exception):
    """Something is not as it should be; the text says what was expected and what came."""


def expect(what: str, expected: object, actual: object) -> None:
    """Check one thing.

    Raises:
        WrongError: it is not so.
    """
    if actual != expected:
        message = f"{what}: expected {expected!r}, got {actual!r}"
        raise WrongError(message)


@dataclass
class Show:
    """Speaks to the stack as a client would, and to the one who watches."""

    stack: Stack
    progress: Progress
    failures: list[str] = field(default_factory=list)
    steps: int = 0

    def step(self, title: str, play: Callable[[], None]) -> None:
        """Show one step; what goes wrong in it is kept, and the others still run."""
        self.steps += 1
        self.progress.say(f"\n{self.steps}. {title}")
        try:
            play()
        except (WrongError, OSError, ValueError, KeyError) as error:
            self.failures.append(f"{self.steps}. {title}: {error}")
            self.say(f"WRONG: {error}")

    def say(self, text: str) -> None:
        """Write one line below the step's title."""
        self.progress.say(f"     {text}")

    def send(
        self, path: str, body: Mapping[str, Any], *, key: str = "", admin: bool = False
    ) -> Answer:
        """POST, and show both sides."""
        self.say(f"POST {path} {json.dumps(body, ensure_ascii=False)}")
        started = time.monotonic()
        api_key = self.stack.admin_key if admin else self.stack.api_key
        headers = {"Authorization": f"Bearer {api_key}"}
        headers["Idempotency-Key"] = key or str(uuid.uuid4())
        answer = ask("POST", f"{self.stack.api_url}{path}", body=body, headers=headers)
        milliseconds = (time.monotonic() - started) * 1000
        lines = _lines_of(answer.json())
        self.say(f"  -> {answer.status} in {milliseconds:.0f} ms: {lines[0]}")
        for line in lines[1:]:
            self.say(f"     {line}")
        return answer

    def put(self, path: str, body: Mapping[str, Any]) -> None:
        """PUT as an administrator, and show both sides in short."""
        headers = {"Authorization": f"Bearer {self.stack.admin_key}"}
        answer = ask("PUT", self.stack.api_url + path, body=body, headers=headers)
        self.say(f"PUT {path} -> {answer.status}")
        expect("HTTP status", HTTPStatus.OK, answer.status)

    def read(self, path: str, what: str, good: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
        """GET until it is as it should be."""
        headers = {"Authorization": f"Bearer {self.stack.api_key}"}
        started = time.monotonic()
        self.say(f"GET {path} until {what}")
        while True:
            body: dict[str, Any] = ask("GET", self.stack.api_url + path, headers=headers).json()
            elapsed = time.monotonic() - started
            if good(body) or elapsed > SETTLED_WITHIN_SECONDS:
                self.say(f"  -> after {elapsed:.1f} s")
                return body
            time.sleep(0.2)

    def delivery(self, answer: Answer) -> dict[str, Any]:
        """The delivery in a send's answer, which must be 202."""
        expect("HTTP status", HTTPStatus.ACCEPTED, answer.status)
        body: dict[str, Any] = answer.json()
        return body

    def settled(self, delivery_id: str, *, beyond: str) -> dict[str, Any]:
        """Read a delivery until its status is no longer `beyond`."""
        headers = {"Authorization": f"Bearer {self.stack.api_key}"}
        url = f"{self.stack.api_url}/v1/deliveries/{delivery_id}"
        started = time.monotonic()
        self.say(f"GET /v1/deliveries/{delivery_id} until somebody says what became of it")
        while True:
            delivery: dict[str, Any] = ask("GET", url, headers=headers).json()
            elapsed = time.monotonic() - started
            if delivery["status"] != beyond or elapsed > SETTLED_WITHIN_SECONDS:
                break
            time.sleep(0.2)
        self.say(f"  -> {delivery['status']} after {elapsed:.1f} s")
        for entry in delivery["history"]:
            at = datetime.fromisoformat(entry["at"])
            reason = f" ({entry['reason']})" if entry["reason"] else ""
            self.say(
                f"     {at:%H:%M:%S.%f}"[:-3] + f"  {entry['source']:<8} {entry['status']}{reason}"
            )
        return delivery

    def asked_of(self, provider: str, phone: str) -> list[dict[str, Any]]:
        """The requests that the sandbox's provider has seen for a phone."""
        query = f"provider={provider}&phone={quote(phone)}"
        answer = ask("GET", f"{self.stack.sandbox_url}/_sandbox/requests?{query}")
        items: list[dict[str, Any]] = answer.json()["items"]
        return items

    def all_requests(self) -> int:
        """How many requests all providers have seen."""
        return len(ask("GET", f"{self.stack.sandbox_url}/_sandbox/requests").json()["items"])

    def heard(self, phone: str) -> str:
        """The code that the callee was told last."""
        answer = ask("GET", f"{self.stack.sandbox_url}/_sandbox/code?phone={quote(phone)}")
        return str(answer.json().get("code", ""))

    def expect_requests(self, provider: str, phone: str, count: int) -> None:
        """Check and say how often a provider was asked."""
        expect(f"requests that {provider} saw", count, len(self.asked_of(provider, phone)))
        self.say(f"ok: {provider} was asked {count} time{'' if count == 1 else 's'}")


def _lines_of(body: Mapping[str, Any]) -> list[str]:
    """An answer's body: a delivery, a verification or an OA's call in short, others in full."""
    if "attempts_remaining" in body:
        line = f"{body['status']}  {body['id']}  attempts_remaining={body['attempts_remaining']}"
        return [line + (f"  channel={body['channel']}" if "channel" in body else "")]
    if "status" in body and "channel" in body:
        line = f"{body['status']}  {body['id']}  {body['phone']}"
        extra = ("reason", "provider_ref", "ticket_id", "caller_number")
        return [line + "".join(f"  {name}={body[name]}" for name in extra if body.get(name))]
    if "checks" in body:
        return [
            body["code"],
            *(f"  {check['code']}: {check['detail']}" for check in body["checks"]),
        ]
    if "answer_until" in body:
        return [f"{body['state']}  {body['id']}  {body['phone']}  until={body['answer_until']}"]
    if "qr_url" in body:
        return [f"{body['result']}  {body['id']}  {body['customer']['phone']}", body["qr_url"]]
    return json.dumps(body, indent=2, ensure_ascii=False).splitlines()


def demo(progress: Progress) -> int:
    """Run all steps. Gives the exit code: 0 only if each did what it should."""
    progress.say("Ringpass on this machine: the API, the functions, and the providers simulated.")
    with running_stack("demo", progress=progress) as stack:
        show = Show(stack, progress)
        show.step("A code is read out in a call (Bizfly OTP Call)", lambda: _voice_otp(show))
        show.step("A Password Call that is answered (MCN)", lambda: _answered(show))
        show.step("A Password Call to a busy phone", lambda: _busy(show))
        show.step("A Zalo message that CareSoft refuses and Zalo delivers", lambda: _zns(show))
        show.step("A verification that finds its way: one code, three channels", lambda: _way(show))
        show.step("A wrong number is refused before anybody is asked", lambda: _refused(show))
        show.step("The connection is cut after MCN has placed the call", lambda: _cut(show))
        show.step("The same request again, with its Idempotency-Key", lambda: _again(show))
        show.step("An agent of a Zalo OA calls a customer who allows it", lambda: _oa_call(show))
        show.step("What became of a call arrives by webhook, signed", lambda: _webhook(show))
        progress.say("")
    if show.failures:
        progress.say(f"\n{len(show.failures)} of {show.steps} steps did not do what they should:")
        for failure in show.failures:
            progress.say(f"  {failure}")
        progress.say(
            "Next: `make up`, send such a step's request, and see in `make logs` what happened."
        )
        return 1
    progress.say(
        f"\nAll {show.steps} steps did what they should ({progress.total()}).\n"
        "Next: `make up` leaves such a stack running for you to try; docs/quickstart.md has the\n"
        "first requests to it, docs/deploying.md how to deploy to AWS."
    )
    return 0


def _voice_otp(show: Show) -> None:
    body = {"phone": VOICE, "otp": "482915"}
    delivery = show.delivery(show.send("/v1/voice-otp", body))
    expect("status", "accepted", delivery["status"])
    expect("code that the callee heard", body["otp"], show.heard(VOICE))
    show.say(f"ok: the callee heard {body['otp']}; the answer does not hold it")
    expect("the code in the answer", expected=False, actual=body["otp"] in json.dumps(delivery))
    settled = show.settled(delivery["id"], beyond="accepted")
    expect("status after Bizfly's webhook", "answered", settled["status"])
    show.expect_requests("bizfly", VOICE, 1)


def _answered(show: Show) -> None:
    delivery = show.delivery(show.send("/v1/password-calls", {"phone": ANSWERED, "code": "4711"}))
    expect("status at once", "accepted", delivery["status"])
    settled = show.settled(delivery["id"], beyond="accepted")
    expect("status after the CDR", "answered", settled["status"])
    show.expect_requests("mcn", ANSWERED, 1)


def _busy(show: Show) -> None:
    delivery = show.delivery(show.send("/v1/password-calls", {"phone": BUSY, "code": "4712"}))
    expect("status at once", "accepted", delivery["status"])
    settled = show.settled(delivery["id"], beyond="accepted")
    expect("status after the CDR", "busy", settled["status"])
    show.expect_requests("mcn", BUSY, 1)


def _zns(show: Show) -> None:
    """A template is registered; CareSoft refuses it, Zalo itself takes it."""
    template = {
        "name": "demo",
        "caresoft_id": 366,
        "zns_id": "7895417",
        "oa_id": ZALO_OA_ID,
        "approved": True,
        "params": [{"name": "otp", "source": "code", "max_length": 10}],
    }
    answer = show.send("/v1/zns-templates", template, admin=True)
    expect("HTTP status", HTTPStatus.CREATED, answer.status)
    wrong = show.send("/v1/zns", {"phone": ZALO, "template": "demo", "params": {"name": "Lan"}})
    expect("HTTP status for a wrong parameter", HTTPStatus.UNPROCESSABLE_ENTITY, wrong.status)
    show.expect_requests("caresoft", ZALO, 0)
    script = {"phone": ZALO, "provider": "caresoft", "digits": "12"}
    ask("POST", f"{show.stack.sandbox_url}/_sandbox/script", body=script)
    show.say("the sandbox's CareSoft will refuse the message")
    body = {"phone": ZALO, "template": "demo", "params": {"otp": "605318"}}
    delivery = show.delivery(show.send("/v1/zns", body))
    expect("the provider that took it", "zalo", delivery["provider"])
    expect("a delivery before it", expected=True, actual=bool(delivery["retry_of"]))
    settled = show.settled(delivery["id"], beyond="accepted")
    expect("status after Zalo's event", "delivered", settled["status"])
    show.expect_requests("caresoft", ZALO, 1)
    show.expect_requests("zalo", ZALO, 1)


def _way(show: Show) -> None:
    """Zalo refuses, the line is busy, a voice reads the code out."""
    for provider, digits in (("caresoft", "12"), ("mcn", "01"), ("bizfly", "99")):
        script = {"phone": PERSON, "provider": provider, "digits": digits}
        ask("POST", f"{show.stack.sandbox_url}/_sandbox/script", body=script)
    show.say("the sandbox will refuse the Zalo message and let the Password Call meet a busy line")
    started = time.monotonic()
    # The client's settings allow Password Calls to Vietnam, which nothing does by default.
    workflow = [{"channel": channel} for channel in CHANNELS]
    answer = show.send("/v1/verifications", {"phone": PERSON, "workflow": workflow})
    expect("HTTP status", HTTPStatus.CREATED, answer.status)
    path = f"/v1/verifications/{answer.json()['id']}"
    headers = {"Authorization": f"Bearer {show.stack.api_key}"}
    show.say(f"GET {path} until the third channel is reached; nobody waits for a time-out")
    while True:
        verification = ask("GET", show.stack.api_url + path, headers=headers).json()
        elapsed = time.monotonic() - started
        reached = (
            verification["step"] == len(CHANNELS)
            and verification["deliveries"][-1]["status"] in _TAKEN
        )
        if reached or elapsed > SETTLED_WITHIN_SECONDS:
            break
        time.sleep(0.2)
    show.say(f"  -> step {verification['step']} after {elapsed:.1f} s")
    expect("the channels", CHANNELS, _of(verification, "channel"))
    expect("what became of the first two", ["rejected", "busy"], _of(verification, "status")[:2])
    code = show.heard(PERSON)
    check = show.send(f"{path}/check", {"code": _another(code)}).json()
    expect("status for a wrong code", "pending", check["status"])
    check = show.send(f"{path}/check", {"code": code}).json()
    expect("status for the code that was heard", "approved", check["status"])
    again = show.send(f"{path}/check", {"code": code})
    expect("HTTP status for the same code again", HTTPStatus.CONFLICT, again.status)
    story = ask("GET", show.stack.api_url + path, headers=headers).json()["history"]
    show.say("ok: and this is its story, as anybody may read it aloud:")
    for line in story:
        at = datetime.fromisoformat(line["at"])
        show.say(f"     {at:%H:%M:%S.%f}"[:-3] + f"  {line['text']}")
    for provider in ("caresoft", "mcn", "bizfly"):
        show.expect_requests(provider, PERSON, 1)


_TAKEN = ("accepted", "answered")


def _of(verification: Mapping[str, Any], name: str) -> list[str]:
    """One field of each delivery."""
    return [str(delivery[name]) for delivery in verification["deliveries"]]


def _another(code: str) -> str:
    """A code of the same length that is not this one."""
    return str((int(code) + 1) % 10 ** len(code)).zfill(len(code))


def _refused(show: Show) -> None:
    before = show.all_requests()
    answer = show.send("/v1/voice-otp", {"phone": NO_NUMBER, "otp": "482915"})
    expect("HTTP status", HTTPStatus.UNPROCESSABLE_ENTITY, answer.status)
    expect("content type", "application/problem+json", answer.headers.get("content-type"))
    expect("the field that is named", ["phone"], answer.json()["errors"][0]["loc"])
    expect("requests that providers saw", before, show.all_requests())
    show.say("ok: the answer names the field; no provider was asked")


def _cut(show: Show) -> None:
    delivery = show.delivery(show.send("/v1/password-calls", {"phone": CUT, "code": "4713"}))
    expect("status at once", "unknown", delivery["status"])
    show.say("ok: nobody knows whether the phone rings, so it is called `unknown`, and not again")
    settled = show.settled(delivery["id"], beyond="unknown")
    expect("status after the CDR", "answered", settled["status"])
    show.expect_requests("mcn", CUT, 1)


def _again(show: Show) -> None:
    key, body = str(uuid.uuid4()), {"phone": ANSWERED, "code": "4714"}
    before = len(show.asked_of("mcn", ANSWERED))
    first = show.delivery(show.send("/v1/password-calls", body, key=key))
    answer = show.send("/v1/password-calls", body, key=key)
    again = show.delivery(answer)
    expect("the delivery", first["id"], again["id"])
    expect("Idempotent-Replayed", "true", answer.headers.get("idempotent-replayed"))
    expect("requests that mcn saw", before + 1, len(show.asked_of("mcn", ANSWERED)))
    show.say("ok: the same delivery; the phone rang once")


def _webhook(show: Show) -> None:
    """A receiver on this machine gets the events of a call, and verifies each signature."""
    with webhook_receiver() as receiver:
        body = {"url": receiver.url, "types": ["delivery.*"], "description": "the demo's"}
        answer = show.send("/v1/webhook-endpoints", body, admin=True)
        expect("HTTP status", HTTPStatus.CREATED, answer.status)
        endpoint = answer.json()
        delivery = show.delivery(show.send("/v1/password-calls", {"phone": BUSY, "code": "4715"}))
        ends = time.monotonic() + SETTLED_WITHIN_SECONDS
        events: list[dict[str, Any]] = []
        show.say("wait until the receiver has been told how the call ended")
        while len(events) < len(_CALL) and time.monotonic() < ends:
            time.sleep(0.1)
            requests = list(receiver.received)
            secret = Webhook(endpoint["secret"])
            verified = [secret.verify(one.body, dict(one.headers)) for one in requests]
            events = [event for event in verified if event["subject"] == delivery["id"]]
    for event in events:
        show.say(f"  <- {event['sequence']} {event['type']}: {event['data']['status']}")
    expect("the events, in their order", _CALL, [event["type"] for event in events])
    expect("how it ended", "busy", events[-1]["data"]["status"])
    show.say("ok: both arrived by webhook, signed as Standard Webhooks says, and were verified")


_CALL = ["delivery.accepted", "delivery.settled"]
_EVERY_DAY = {
    day: {"start": "00:00", "end": "24:00"}
    for day in ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
}


def _oa_call(show: Show) -> None:
    """The customer is asked in Zalo, allows it, and is called by the link that a QR code holds."""
    oa = f"/v1/oa/{ZALO_OA_ID}"
    show.put(f"{oa}/settings", {"enabled": True, "verified_enterprise": True, "hours": _EVERY_DAY})
    agent = {"agent_id": AGENT, "name": "Lan", "role": "customer_care"}
    agent_answer = show.send(f"{oa}/agents", agent, admin=True)
    expect("HTTP status", HTTPStatus.CREATED, agent_answer.status)
    call = {"phone": CUSTOMER, "agent_id": AGENT, "call_type": "audio"}
    refusal = show.send(f"{oa}/calls", call)
    expect("HTTP status before anybody asked", HTTPStatus.CONFLICT, refusal.status)
    expect("why", ["consent_missing"], [check["code"] for check in refusal.json()["checks"]])
    consent_answer = show.send(
        f"{oa}/consents",
        {"phone": CUSTOMER, "call_type": "audio", "reason": "consulting", "name": "Ánh"},
    )
    expect("HTTP status", HTTPStatus.ACCEPTED, consent_answer.status)
    consent = show.read(
        f"{oa}/consents/{consent_answer.json()['id']}",
        "the customer has answered",
        lambda body: body["state"] not in {"requested", "waiting"},
    )
    expect("what the customer says", "allowed", consent["state"])
    call_answer = show.send(f"{oa}/calls", call)
    expect("HTTP status", HTTPStatus.CREATED, call_answer.status)
    picture = ask("GET", call_answer.json()["qr_url"])
    expect("the QR code", "image/svg+xml", picture.headers.get("content-type"))
    show.say("GET the QR code, and what it leads to: the agent's phone scans it, Zalo calls")
    expect("HTTP status of Zalo", HTTPStatus.OK, ask("GET", call_answer.json()["url"]).status)
    record = show.read(
        f"{oa}/calls/{call_answer.json()['id']}",
        "Zalo has told how it ended",
        lambda body: body["ended"] is not None,
    )
    expect("the result", "answered", record["result"])
    show.say(f"ok: answered, {record['ended']['talk_seconds']} s of talk")
