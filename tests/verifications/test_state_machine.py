"""A verification whatever happens to it, in any order: the invariants hold.

The real use cases run on a table in moto with scripted providers. What Lambda, the stream and the
queue do besides is played: messages are doubled, come late or in another order, and functions are
ended at any request to the table or to a provider.
"""

import json
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any, cast

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from moto import mock_aws

from ringpass.aws.dynamodb import Table
from ringpass.aws.secrets import Secrets
from ringpass.background.outbox import Outbox
from ringpass.background.tasks import Task, TaskQueue, TaskType
from ringpass.background.worker import TaskWorker
from ringpass.clients.settings.model import ClientSettings
from ringpass.errors import (
    ApiError,
    IdempotencyKeyReused,
    NoNextStep,
    NotFound,
    Unavailable,
    VerificationEnded,
)
from ringpass.limits.settings import FraudBudget, LimitSettings, Mode
from ringpass.outcomes import Status
from ringpass.providers.base import HttpRequest, HttpResponse, NoResponse
from ringpass.redaction import Secret
from ringpass.verifications.model import NEGATIVE, Verification, VerificationStatus
from ringpass.verifications.requests import StartVerification
from ringpass.verifications.start import StartResult
from tests.moto_table import make_once, make_table, moto_client
from tests.stored_settings import store_settings
from tests.world import TOKEN, Clock, Wire, World, a_world, create_secrets

PHONE = "+84389801371"
CHANNELS = ("zns", "password_call", "voice_otp")
COUNTRIES = {"password_call": frozenset({"VN"})}
ENDS = [
    (16, "ANSWER"),
    (17, "CANCEL"),
    (16, "CANCEL"),
    (31, "CANCEL"),
    (41, "CANCEL"),
    (1, "CANCEL"),
]


class Ended(BaseException):
    """The function was ended here; nothing catches it."""


class Mortal:
    """Something whose calls may be the last ones of a function."""

    def __init__(self, inner: Any, life: "Life") -> None:  # noqa: ANN401 - any client
        self._inner = inner
        self._life = life

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - any operation
        attribute = getattr(self._inner, name)

        def call(*arguments: Any, **options: Any) -> Any:  # noqa: ANN401 - its arguments
            self._life.spend()
            result = attribute(*arguments, **options)
            self._life.spend()
            return result

        return call if callable(attribute) else attribute


class Life:
    """How many moments a function has until something happens; None: nothing does.

    Then it is ended; or, if there is something to do ``meanwhile``, that is done by another
    function before this one goes on.
    """

    def __init__(self) -> None:
        self.steps_left: int | None = None
        self.meanwhile: Callable[[], None] | None = None

    def spend(self) -> None:
        if self.steps_left is None:
            return
        self.steps_left -= 1
        if self.steps_left >= 0:
            return
        if self.meanwhile is None:
            raise Ended
        act, self.steps_left, self.meanwhile = self.meanwhile, None, None
        act()


class Provider:
    """All providers: what was asked, and what they answer."""

    def __init__(self, life: Life) -> None:
        self.life = life
        self.requests: list[HttpRequest] = []
        self.replies: list[str] = []

    def send(self, request: HttpRequest) -> HttpResponse | NoResponse:
        self.life.spend()
        self.requests.append(request)
        self.life.spend()
        kind = self.replies.pop(0) if self.replies else "accepts"
        if kind == "cuts":
            return NoResponse("connection_cut")
        if kind == "breaks":
            return HttpResponse(500, b"{}")
        if kind == "refuses":
            return HttpResponse(200, b'{"ok":false,"status":false,"code":"errors","message":"no"}')
        return HttpResponse(200, self._accepted(request))

    def _accepted(self, request: HttpRequest) -> bytes:
        if "passwordcall" in request.url:
            ref = f"{len(self.requests):012x}_117793"
            body: dict[str, object] = {"ok": True, "verification_uuid": ref}
        elif "ticket" in request.url or "zns" in request.url:
            body = {"code": "ok", "status": "OK", "ticket": {"ticketId": str(len(self.requests))}}
        else:
            body = {"status": True, "message": "ok"}
        return json.dumps(body).encode()

    def codes(self) -> set[str]:
        """Every code that left the house."""
        codes = set()
        for request in self.requests:
            body = json.loads(request.body)
            params = body.get("zns", {}).get("params", {})
            codes.add(body.get("verification_code") or body.get("otp") or params.get("otp"))
        return codes


class Queue:
    """SQS, with the messages that are on their way."""

    def __init__(self) -> None:
        self.messages: list[str] = []

    def send_message(self, **message: Any) -> None:  # noqa: ANN401 - SQS's arguments
        self.messages.append(message["MessageBody"])


KEYS = st.sampled_from([None, "a", "b"])
OTHERS = st.sampled_from(["", "", "", "timer", "timer", "next", "wrong", "right", "cancel"])
REPLIES = st.sampled_from(["accepts", "accepts", "refuses", "cuts", "breaks"])


class Machine(RuleBasedStateMachine):
    """One verification, from its start to after its end."""

    @initialize(
        channels=st.lists(st.sampled_from(CHANNELS), min_size=1, max_size=4),
        replies=st.lists(REPLIES, max_size=8),
        attempts=st.integers(1, 3),
        own=st.booleans(),
    )
    def begin(self, channels: list[str], replies: list[str], attempts: int, own: bool) -> None:
        self.aws = mock_aws()
        self.aws.start()
        self.life = Life()
        table = make_table()
        make_once(create_secrets)
        self.plain = table
        secrets = Secrets(moto_client("secretsmanager"), lambda name: name)
        mortal = Table(cast("Any", Mortal(table.client, self.life)), table.name)
        self.provider = Provider(self.life)
        clock, wire = Clock(), cast("Wire", self.provider)
        self.world: World = a_world(mortal, secrets, clock, wire)
        self.observer = a_world(table, secrets, clock, wire)
        limits = LimitSettings(
            phone=None,
            phone_all_clients=None,
            pauses=None,
            fraud_budget=FraudBudget(mode=Mode.OFF),
        )
        settings = ClientSettings(limits=limits, countries=COUNTRIES)
        store_settings(self.world.table, "acme", settings)
        self.queue = Queue()
        agenda = TaskQueue(cast("Any", self.queue), "url")
        self.outbox = Outbox(
            self.world.deliveries, agenda, self.world.clock, correlations=self.world.references
        )
        self.advance = TaskWorker(
            self.world.deliveries,
            self.world.references,
            self.world.joins,
            self.world.simulations,
            lambda: self.world.moves,
            agenda,
            self.world.clock,
            lambda: pytest.fail("nothing was told of an OA"),
        )
        self.images: dict[str, dict[str, Any]] = {}
        self.records: list[dict[str, Any]] = []
        self.approvals: list[str] = []
        self.judged = 0
        self.attempts = attempts
        self.ends: dict[str, str] = {}
        self.requests_at_end: int | None = None
        self.command = StartVerification.from_mapping(
            {
                "phone": PHONE,
                "workflow": [
                    {
                        "channel": name,
                        "timeout_seconds": 30,
                        **({"template": 366} if name == "zns" else {}),
                    }
                    for name in channels
                ],
                "attempts": attempts,
                "expires_in": 600,
                **({"code": "4821"} if own else {}),
            }
        )
        self.provider.replies = list(replies)
        self.id = ""
        result = self.mortally(None, self.start)
        self.id = result.verification.id if isinstance(result, StartResult) else ""

    def teardown(self) -> None:
        if not hasattr(self, "aws"):
            return
        try:
            if self.id:
                self.left_alone_it_ends()
                self.nothing_kept_holds_the_code()
        finally:
            self.aws.stop()

    # ------------------------------------------------------------------ what may happen

    def start(self) -> StartResult:
        return self.world.starts.start(self.command, "acme", "start-key")

    def mortally(self, life: int | None, act: Any, meanwhile: str = "") -> Any:  # noqa: ANN401 - any
        """Run a function that has so many moments, until it is ended or another one acts."""
        self.life.steps_left = life
        self.life.meanwhile = (lambda: self.other(meanwhile)) if meanwhile else None
        try:
            return act()
        except Ended:
            return None
        except Unavailable:
            raise  # The services of this test always answer: this would be a fault.
        except ApiError as refusal:
            return refusal
        finally:
            self.life.steps_left = self.life.meanwhile = None

    def other(self, what: str) -> None:
        """What another function does while one is at work."""
        match what:
            case "timer":
                task = {"verification_id": self.id}
                self.advance.run(Task(TaskType.MOVE, self.world.clock(), task))
            case "next":
                with suppress(ApiError):
                    self.world.moves.run_next_step(self.id, "acme", None)
            case "right":
                self.guess(self.code(), None)
            case "wrong":
                self.guess(another(self.code()), None)
            case "cancel":
                with suppress(ApiError):
                    self.world.checks.cancel(self.id, "acme", None)

    def guess(self, code: str, key: str | None) -> None:
        """A guess, and what is said to it."""
        try:
            result = self.world.checks.check(self.id, "acme", Secret(code), key)
        except (NotFound, VerificationEnded, IdempotencyKeyReused):
            return
        self.judged += not result.replayed
        if result.status is VerificationStatus.APPROVED:
            assert code == self.code()
            self.approvals.append(key or f"once-{len(self.approvals)}")

    @rule(life=st.none() | st.integers(0, 12))
    @precondition(lambda self: self.id)
    def start_again_with_the_same_key(self, life: int | None) -> None:
        self.world.clock.turn(seconds=1)
        request_count = len(self.provider.requests)
        answer = self.mortally(life, self.start)
        assert len(self.provider.requests) == request_count
        if isinstance(answer, StartResult):
            assert answer.replayed
            assert answer.verification.id == self.id

    @rule(cut=st.integers(0, 3), life=st.none() | st.integers(0, 14), twice=st.booleans())
    def stream(self, cut: int, life: int | None, twice: bool) -> None:
        """Some of the records that are waiting reach the outbox, perhaps more than once."""
        self.watch()
        batch = self.records[: len(self.records) - cut] if cut else list(self.records)
        for record in batch * (1 + twice):
            self.mortally(life, lambda record=record: self.outbox.handle(record))
        if life is None:
            self.records = self.records[len(batch) :]

    @rule(
        which=st.integers(0, 20),
        life=st.none() | st.integers(0, 14),
        again=st.booleans(),
        meanwhile=OTHERS,
    )
    def queue_delivers(self, which: int, life: int | None, again: bool, meanwhile: str) -> None:
        """One of the messages is delivered; whoever takes it may be ended, and it comes again."""
        if not self.queue.messages:
            return
        message = self.queue.messages[which % len(self.queue.messages)]
        handled_messages: list[str] = []

        def deliver() -> None:
            self.advance.run(Task.from_json(message))
            handled_messages.append(message)

        self.mortally(life, deliver, meanwhile)
        if handled_messages and not again:
            self.queue.messages.remove(message)

    @rule(seconds=st.sampled_from([1, 5, 31, 45, 120, 700]))
    def time_passes(self, seconds: int) -> None:
        self.world.clock.turn(seconds=seconds)

    @rule(which=st.integers(0, 5), end=st.sampled_from(ENDS), life=st.none() | st.integers(0, 8))
    def a_cdr_comes(self, which: int, end: tuple[int, str], life: int | None) -> None:
        """Of a call that was made, early, late, again, or contradicting another one."""
        calls = [
            f"{number:012x}_117793"
            for number, request in enumerate(self.provider.requests, 1)
            if "passwordcall" in request.url
        ]
        if calls:
            cdr = {
                "verification_call_uuid": calls[which % len(calls)],
                "q931_status": end[0],
                "final_status": end[1],
                "called_number": PHONE[1:],
            }
            body = json.dumps([cdr]).encode()
            self.mortally(life, lambda: self.world.inbox.receive(TOKEN, body, ""))

    @rule(life=st.none() | st.integers(0, 10), key=KEYS, meanwhile=OTHERS, times=st.integers(1, 4))
    @precondition(lambda self: self.id)
    def wrong_guesses(self, life: int | None, key: str | None, meanwhile: str, times: int) -> None:
        wrong = another(self.code())
        for _ in range(times):
            self.mortally(life, lambda: self.guess(wrong, key and f"wrong-{key}"), meanwhile)

    @rule(life=st.none() | st.integers(0, 10), key=KEYS, meanwhile=OTHERS)
    @precondition(lambda self: self.id and self.well_under_way())
    def the_right_code(self, life: int | None, key: str | None, meanwhile: str) -> None:
        right = self.code()
        self.mortally(life, lambda: self.guess(right, key and f"right-{key}"), meanwhile)

    @rule(life=st.none() | st.integers(0, 14), key=st.sampled_from([None, "n"]), meanwhile=OTHERS)
    @precondition(lambda self: self.id)
    def next_is_asked(self, life: int | None, key: str | None, meanwhile: str) -> None:
        outcome = self.mortally(
            life, lambda: self.world.moves.run_next_step(self.id, "acme", key), meanwhile
        )
        is_refused = isinstance(outcome, ApiError)
        assert not is_refused or isinstance(outcome, NoNextStep | VerificationEnded), outcome

    @rule(life=st.none() | st.integers(0, 6), meanwhile=OTHERS)
    @precondition(lambda self: self.id and self.well_under_way())
    def cancel(self, life: int | None, meanwhile: str) -> None:
        self.mortally(
            life, lambda: self.world.checks.cancel(self.id, "acme", "cancel-key"), meanwhile
        )

    @rule(times=st.integers(1, 2))
    def peppers_are_rotated(self, times: int) -> None:
        manager = moto_client("secretsmanager")
        peppers = json.loads(manager.get_secret_value(SecretId="code_peppers")["SecretString"])
        for _ in range(times):
            peppers[f"{len(peppers)}"] = f"{len(peppers)}" * 64
        manager.put_secret_value(SecretId="code_peppers", SecretString=json.dumps(peppers))

    # ------------------------------------------------------------------ what is seen

    def well_under_way(self) -> bool:
        """Whether enough has happened for an end not to come too soon: it ends all else."""
        return self.judged > 0 or len(self.provider.requests) > 1

    def code(self) -> str:
        verification = self.verification()
        assert verification is not None
        return self.world.moves.step_runner.codes.reveal(verification.code).reveal()

    def verification(self) -> Verification | None:
        return self.observer.verifications.get(self.id) if self.id else None

    def watch(self) -> None:
        """The table's stream: one record for each item that is not as it was."""
        items = self.plain.client.scan(TableName=self.plain.name)["Items"]
        for item in items:
            if item["PK"]["S"][:4] not in ("DLV#", "VER#", "REF#"):
                continue
            name, old = item["PK"]["S"], self.images.get(item["PK"]["S"])
            if old != item:
                images = {"NewImage": item} | ({"OldImage": old} if old else {})
                kind = "MODIFY" if old else "INSERT"
                self.records.append({"eventName": kind, "dynamodb": images})
                self.images[name] = item

    # ------------------------------------------------------------------ what must hold

    @invariant()
    def each_turn_asks_its_provider_once_at_most(self) -> None:
        verification = self.verification()
        if verification is None:
            return
        deliveries = self.observer.deliveries.get_many(verification.delivery_ids)
        assert len(deliveries) == len(verification.delivery_ids) == verification.turn
        assert [one.turn for one in deliveries] == list(range(1, verification.turn + 1))
        assert len(self.provider.requests) <= len(deliveries)

    @invariant()
    def steps_are_entered_once_and_in_order(self) -> None:
        verification = self.verification()
        if verification is None:
            return
        entered = [line.step for line in verification.history if line.event == "sent"]
        assert entered == sorted(set(cast("list[int]", entered)))
        assert entered[-1] == verification.step

    @invariant()
    def no_more_guesses_are_paid_for_than_allowed(self) -> None:
        verification = self.verification()
        if verification is not None:
            assert verification.paid <= self.attempts
            assert self.judged <= self.attempts

    @invariant()
    def approved_is_said_once(self) -> None:
        assert len(set(self.approvals)) <= 1
        verification = self.verification()
        if self.approvals:
            assert verification is not None
            assert verification.status is VerificationStatus.APPROVED

    @invariant()
    def an_end_is_the_end(self) -> None:
        verification = self.verification()
        if verification is None or verification.status is VerificationStatus.PENDING:
            return
        assert (
            self.ends.setdefault(verification.id, str(verification.status)) == verification.status
        )
        assert verification.ended_at
        turns = self.ends.setdefault("turns", str(verification.turn))
        assert turns == str(verification.turn), "a delivery was made after the end"
        if verification.status is VerificationStatus.FAILED:
            deliveries = self.observer.deliveries.get_many(verification.delivery_ids)
            assert all(one.status in NEGATIVE for one in deliveries)

    # ------------------------------------------------------------------ at the end

    def left_alone_it_ends(self) -> None:
        """Stream, queue and time go on, and nobody is ended: it ends, and all still holds."""
        for _ in range(12):
            self.watch()
            self.outbox.handle_all(self.records)
            self.records = []
            messages, self.queue.messages = self.queue.messages, []
            for message in messages:
                self.advance.run(Task.from_json(message))
            self.world.clock.turn(seconds=120)
        verification = self.verification()
        assert verification is not None
        assert verification.status is not VerificationStatus.PENDING
        assert verification.ended_at
        self.each_turn_asks_its_provider_once_at_most()
        self.steps_are_entered_once_and_in_order()
        self.an_end_is_the_end()
        deliveries = self.observer.deliveries.get_many(verification.delivery_ids)
        assert all(one.status is not Status.RESERVED for one in deliveries)

    def nothing_kept_holds_the_code(self) -> None:
        """One code went out, and it stands in no item."""
        code = self.code()
        assert self.provider.codes() <= {code}
        items = self.plain.client.scan(TableName=self.plain.name)["Items"]
        assert code not in {text for item in items for text in _texts(item)}


def another(code: str) -> str:
    """A code of the same length that is not this one."""
    return str((int(code) + 1) % 10 ** len(code)).zfill(len(code))


def _texts(wire: Any) -> Iterator[str]:  # noqa: ANN401 - any part of an item
    if isinstance(wire, dict):
        for value in wire.values():
            yield from _texts(value)
    elif isinstance(wire, list):
        for value in wire:
            yield from _texts(value)
    elif isinstance(wire, str):
        yield wire


TestMachine = pytest.mark.slow(pytest.mark.filterwarnings("default")(Machine.TestCase))
TestMachine.settings = settings(
    # A few in every run; `HYPOTHESIS_PROFILE=long` for many.
    max_examples=5 if settings.get_current_profile_name() == "gate" else 150,
    stateful_step_count=20,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)
