"""Starting a verification: one transaction, one provider request.

    one write   the verification, its first delivery, the phone's open one, the counts of limits

Whoever starts again for a phone whose verification is open ends that one (``replaced``): the newest
code is the only one that works, and the two never do at once.
"""

import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final

from ringpass.aws.dynamodb import ConditionsFailed, Item, Put, Update
from ringpass.aws.secrets import Secrets
from ringpass.clients.settings.model import ClientSettings, Step
from ringpass.clients.settings.service import ClientSettingsService
from ringpass.clock import Clock, from_text, to_text
from ringpass.deliveries.abandoned import is_lost
from ringpass.deliveries.channel import Action
from ringpass.deliveries.model import Delivery
from ringpass.deliveries.store import DeliveryRepository
from ringpass.errors import (
    ApiError,
    LimitReached,
    NotConfigured,
    ProviderSuspended,
    Unavailable,
    ValidationFailed,
    invalid_field,
)
from ringpass.http.idempotency import check_key, in_progress_error, key_reused_error
from ringpass.ids import fingerprint, verification_id
from ringpass.limits.planner import LimitPlan
from ringpass.outcomes import Status
from ringpass.redaction import Secret
from ringpass.verifications.codes import Codes, SealedCode
from ringpass.verifications.model import (
    Enter,
    Event,
    Exhaust,
    Skip,
    TimelineEntry,
    Verification,
    VerificationStatus,
    bar_parts,
    enter_lines,
    first_step,
)
from ringpass.verifications.requests import StartVerification
from ringpass.verifications.steps import StepRunner, Subject
from ringpass.verifications.store import (
    ActiveVerificationLock,
    AlreadyStarted,
    VerificationRepository,
)

if TYPE_CHECKING:
    from ringpass.clients.zns_templates.cache import TemplateCache
    from ringpass.clients.zns_templates.model import Template

_ROUTE: Final = "POST /v1/verifications"
_CALL_DIGITS: Final = 4
_DIGITS: Final = 6
_EXPIRES_IN_SECONDS: Final = 600
# A guess at four digits is right once in 10,000.
_ATTEMPTS: Final = 5
_ATTEMPTS_AT_FOUR_DIGITS: Final = 3
# Reasons of a step that lie in the number alone: the phone is at fault, whoever named the channel.
_OF_THE_NUMBER: Final = frozenset(
    {
        "test_number_not_allowed",
        "country_not_supported",
        "country_not_allowed",
        "landline_not_supported",
    }
)
# As many starts of one phone at once each find the one before them; who starts last, the most.
_TRIES: Final = 20


@dataclass(frozen=True, slots=True)
class Started:
    """A verification with its deliveries, and whether an earlier request started it."""

    verification: Verification
    deliveries: tuple[Delivery, ...]
    replayed: bool


@dataclass(frozen=True, slots=True)
class VerificationStarter:
    """Starts verifications.

    Attributes:
        stack: Name of the stack.
        verifications: The table's verifications.
        open_ones: Which of them are open.
        deliveries: The table's deliveries.
        steps: Takes steps.
        codes: Seals codes.
        preferences: What clients have set.
        templates: Gives who looks templates up, when one is named.
        secrets: The stack's secrets.
        clock: Tells the time.
    """

    stack: str
    verifications: VerificationRepository
    open_ones: ActiveVerificationLock
    deliveries: DeliveryRepository
    steps: StepRunner
    codes: Codes
    preferences: ClientSettingsService
    templates: Callable[[], "TemplateCache"]
    secrets: Secrets
    clock: Clock

    def start(
        self, command: StartVerification, client: str, idempotency_key: str | None
    ) -> Started:
        """Start a verification and take the first step that can be taken.

        Raises:
            ValidationFailed: The code or a template does not fit the workflow, or no step can be
                taken. Nothing was written.
            InvalidHeader: The idempotency key is not 1 to 255 ASCII characters.
            InProgress: The first request with this key is still running.
            IdempotencyKeyReused: The key has served another command.
            NotConfigured: No step can be taken, as providers are not set up. Nothing was written.
            ProviderSuspended: Nobody may ask the providers now. Nothing was written.
            LimitReached: A limit of the client is reached. Nothing was written.
            NotAllowed: The client does not send to this number. Nothing was written.
            Unavailable: The table or a secret cannot be reached. Nothing was written.
        """
        check_key(idempotency_key)
        new_id = verification_id(self.stack, client, _ROUTE, idempotency_key)
        wanted = fingerprint(self.secrets.value("lookup", "key"), command.canonical())
        try:
            return self._start(command, client, new_id, wanted)
        except (ValidationFailed, NotConfigured):
            # What the workflow names, or who is configured, may be another than when this key came
            # first.
            earlier = self.verifications.get(new_id) if idempotency_key is not None else None
            if earlier is None:
                raise
            return self._replay(earlier, wanted, command)

    def _start(self, command: StartVerification, client: str, new_id: str, wanted: str) -> Started:
        settings = self.preferences.of(client)
        workflow = settings.resolve(command.choices(), command.phone.region)
        if not workflow:
            raise invalid_field(
                ["phone"],
                "country_not_supported",
                "there is no workflow for this country, neither by default nor in the settings",
            )
        digits = _digits(command, workflow, settings)
        sealed = self.codes.own(Secret(command.code.get_secret_value())) if command.code else None
        sealed = sealed or self.codes.new(digits)
        subject = Subject(client, command.phone, command.metadata, digits)
        self._check_templates(command, workflow, subject)
        barred, refused = self.steps.barred(subject, workflow, settings), dict[int, str]()
        refusal: ApiError | None = None

        def closed(step: int) -> str | None:
            return refused.get(step) or barred(step)

        while isinstance(first := first_step(workflow, closed), Enter):
            new = self._new(command, client, new_id, wanted, workflow, sealed, settings, first)
            try:
                delivery = self.steps.take(new, settings, _Starting(self, new), ip=command.ip)
            except AlreadyStarted as taken:
                return self._replay(taken.verification, wanted, command)
            except (ProviderSuspended, LimitReached) as new_refusal:
                refusal = refusal or new_refusal
                refused[first.step] = new_refusal.code
            else:
                return Started(new, (delivery,), replayed=False)
        raise refusal or _nothing_usable(first, command)

    def _check_templates(
        self, command: StartVerification, workflow: Sequence[Step], subject: Subject
    ) -> None:
        """Refuse what the request itself says of templates, if it can never be sent.

        One that is only not approved, or not any more, does not stop the other steps.

        Raises:
            ValidationFailed: Names the field of the step.
        """
        for number, choice in enumerate(command.choices() or ()):
            if isinstance(choice.template, str):
                params = workflow[number].params

                def check(template: "Template", params: Mapping[str, str] = params) -> None:
                    template.check_for_codes()
                    template.values(params, subject.metadata, subject.any_code)

                self.templates().check(subject.client, choice.template, check, ["workflow", number])

    def _new(
        self,
        command: StartVerification,
        client: str,
        new_id: str,
        wanted: str,
        workflow: tuple[Step, ...],
        sealed: SealedCode,
        settings: ClientSettings,
        first: Enter,
    ) -> Verification:
        now = self.clock()
        at, step = to_text(now), workflow[first.step]
        delivery_id = self.steps.delivery_id(client, new_id, 1)
        expires_in = command.expires_in or settings.expires_in or _EXPIRES_IN_SECONDS
        usual = _ATTEMPTS_AT_FOUR_DIGITS if sealed.digits == _CALL_DIGITS else _ATTEMPTS
        return Verification(
            id=new_id,
            client=client,
            phone=command.phone.e164,
            country=command.phone.region,
            status=VerificationStatus.PENDING,
            created_at=at,
            updated_at=at,
            ends_at=to_text(now + timedelta(seconds=expires_in)),
            workflow=workflow,
            code=sealed,
            attempts=command.attempts or settings.attempts or usual,
            fingerprint=wanted,
            attempt=secrets.token_hex(16),
            step=first.step,
            step_due_at=to_text(now + timedelta(seconds=step.timeout_seconds)),
            delivery_ids=(delivery_id,),
            history=(
                TimelineEntry(at=at, event=Event.STARTED),
                *enter_lines(workflow, first, at, delivery_id),
            ),
            metadata=command.metadata,
            test=command.phone.is_test,
        )

    def _replay(self, existing: Verification, wanted: str, command: StartVerification) -> Started:
        code = Secret(command.code.get_secret_value()) if command.code else None
        if existing.fingerprint != wanted or not self.codes.was_given(existing.code, code):
            raise key_reused_error()
        deliveries = tuple(self.deliveries.get_many(existing.delivery_ids))
        now = self.clock()
        if any(
            each.status is Status.RESERVED and each.turn == 1 and not is_lost(each, now)
            for each in deliveries
        ):
            raise in_progress_error()
        return Started(existing, deliveries, replayed=True)


@dataclass(frozen=True, slots=True)
class _Starting:
    """Writes a verification's first turn, and ends the one of the same phone that is open."""

    starts: VerificationStarter
    new: Verification

    def __call__(self, put: Put, plan: LimitPlan, others: Sequence[Action]) -> None:
        key, now = put.item["phone_key"], from_text(self.new.created_at)
        new = replace(self.new, unverified=plan.unverified, decision=plan.decision)
        take = [self.starts.open_ones.take(self.new, key, now)]
        for _ in range(_TRIES):
            try:
                self.starts.verifications.start(new, key, [*others, put, *take])
            except ConditionsFailed as blocked:
                if any(place < len(others) for place in blocked.items):
                    # Whose they are corrects them; what else has failed is met again.
                    raise
                take = self._take_over(blocked.items.get(len(others) + 1), key, now)
            else:
                return
        raise Unavailable("The phone's verifications are started too often at once.")

    def _take_over(self, opened: Item | None, key: str, now: datetime) -> list[Update]:
        """Once more, in the place of the one that is open now."""
        if opened is None:
            # That one has ended or gone in between: the next try tells which.
            return [self.starts.open_ones.take(self.new, key, now)]
        old = self.starts.verifications.get(opened["verification_id"])
        own = [self.starts.open_ones.take_over(self.new, key, opened["verification_id"])]
        if old is not None and old.status_at(now) is VerificationStatus.PENDING:
            own.append(self.starts.verifications.replace_action(old.id, self.new.id, now))
        return own


def _digits(command: StartVerification, workflow: Sequence[Step], settings: ClientSettings) -> int:
    """How many digits the code has.

    Raises:
        ValidationFailed: What is asked for contradicts itself, or a Password Call cannot carry it.
    """
    calls = any(step.channel == "password_call" for step in workflow)
    own = len(command.code.get_secret_value()) if command.code else None
    if own and command.code_length and own != command.code_length:
        raise invalid_field(["code_length"], "code_length", "the code given has another length")
    asked = own or command.code_length
    if calls and asked not in (None, _CALL_DIGITS):
        field = "code" if own else "code_length"
        raise invalid_field(
            [field], "code_length", f"with a Password Call a code has {_CALL_DIGITS} digits"
        )
    return asked or (_CALL_DIGITS if calls else settings.code_length or _DIGITS)


def _nothing_usable(
    exhausted: Exhaust, command: StartVerification
) -> ValidationFailed | NotConfigured:
    """Why no step can be taken: the request's fault, unless a provider has not been set up."""
    detail = "No step of the workflow can be taken for this number."
    bars = [bar_parts(skip.reason) for skip in exhausted.skipped]
    missing = dict.fromkeys(
        name for word, names in bars if word == NotConfigured.code for name in names
    )
    if missing:
        listed = " or ".join(missing)
        return NotConfigured(
            f"{detail} Nobody has set up {listed} in this stack.", providers=missing
        )
    faults = dict.fromkeys((_field(skip, command), skip.reason) for skip in exhausted.skipped)
    return ValidationFailed(
        detail,
        errors=[
            {"loc": list(field), "type": reason, "msg": "this step cannot be taken"}
            for field, reason in faults
        ],
    )


def _field(skip: Skip, command: StartVerification) -> tuple[str | int, ...]:
    """The field to which it is due that a step cannot be taken: never one that was not sent."""
    if skip.reason in _OF_THE_NUMBER or command.workflow is None:
        return ("phone",)
    return ("workflow", skip.step, "channel")
