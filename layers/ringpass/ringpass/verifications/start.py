"""Starts a verification: one transaction, one provider request.

    start     the verification, its first delivery, the active verification lock, the limits
    enqueue   the verification and the lock; ``advance`` makes the first delivery

A start for a phone with an active verification ends that one (``replaced``): only the newest code
works, and never both at once.
"""

import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

from ringpass.aws.dynamodb import Item
from ringpass.aws.optimistic_lock import attempts
from ringpass.aws.secrets import Secrets
from ringpass.aws.transaction import ConditionsFailed, Transaction, Update
from ringpass.clients.settings.model import ClientSettings, Step
from ringpass.clients.settings.service import ClientSettingsService
from ringpass.clock import Clock, from_text, to_text
from ringpass.deliveries.abandoned import is_lost
from ringpass.deliveries.model import Delivery
from ringpass.deliveries.order_builders import CodeSend
from ringpass.deliveries.reservation import Reservation
from ringpass.deliveries.store import DELIVERY, DeliveryRepository
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
from ringpass.ids import fingerprint, phone_key, verification_id
from ringpass.outcomes import Status
from ringpass.providers.facts import ChannelName
from ringpass.verifications.codes import Codes, SealedCode
from ringpass.verifications.model import (
    Exhaust,
    RunStep,
    Skip,
    StepUnavailable,
    TimelineEntry,
    TimelineEvent,
    Verification,
    VerificationStatus,
    first_step,
    split_reason,
    step_entries,
)
from ringpass.verifications.step_runner import StepRefusals, StepRunner
from ringpass.verifications.store import (
    ACTIVE_LOCK,
    REPLACED,
    VERIFICATION,
    ActiveVerificationLock,
    AlreadyStarted,
    VerificationRepository,
    check_attempt,
)

if TYPE_CHECKING:
    from ringpass.clients.zns_templates.cache import TemplateCache
    from ringpass.clients.zns_templates.model import Template
    from ringpass.verifications.requests import StartVerification

_ROUTE: Final = "POST /v1/verifications"
_CALL_DIGITS: Final = 4
_DIGITS: Final = 6
_EXPIRES_IN_SECONDS: Final = 600
# A guess at four digits is right once in 10,000.
_ATTEMPTS: Final = 5
_ATTEMPTS_AT_FOUR_DIGITS: Final = 3
# Reasons that depend on the number alone: the phone is at fault, whoever named the channel.
_PHONE_REASONS: Final = frozenset(
    {
        "test_number_not_allowed",
        "country_not_supported",
        "country_not_allowed",
        "landline_not_supported",
    }
)
# Each of several starts of one phone at once finds the one before it; the last one, the most.
_TRIES: Final = 20


@dataclass(frozen=True, slots=True)
class StartResult:
    """A verification with its deliveries, and whether an earlier request started it."""

    verification: Verification
    deliveries: tuple[Delivery, ...]
    replayed: bool


@dataclass(frozen=True, slots=True)
class _Prepared:
    """What a start needs to know before it writes."""

    settings: ClientSettings
    workflow: tuple[Step, ...]
    code: SealedCode
    unavailable_reason: StepUnavailable


@dataclass(frozen=True, slots=True)
class VerificationStarter:
    """Starts verifications.

    Attributes:
        stack: Name of the stack.
        verifications: The table's verifications.
        active_lock: Active verification lock of a phone.
        deliveries: The table's deliveries.
        step_runner: Runs steps.
        codes: Seals codes.
        client_settings: Settings of clients.
        template_cache: Returns the cache of templates; called when a template is named.
        secrets: The stack's secrets.
        clock: Tells the time.
    """

    stack: str
    verifications: VerificationRepository
    active_lock: ActiveVerificationLock
    deliveries: DeliveryRepository
    step_runner: StepRunner
    codes: Codes
    client_settings: ClientSettingsService
    template_cache: Callable[[], "TemplateCache"]
    secrets: Secrets
    clock: Clock

    def start(
        self, command: "StartVerification", client: str, idempotency_key: str | None
    ) -> StartResult:
        """Start a verification and run the first available step.

        Raises:
            ValidationFailed: The code or a template does not fit the workflow, or no step is
                available. Nothing was written.
            InvalidHeader: The idempotency key is not 1 to 255 ASCII characters.
            InProgress: The first request with this key is still running.
            IdempotencyKeyReused: The key has served another command.
            NotConfigured: No step is available, as providers are not set up. Nothing was written.
            ProviderSuspended: The providers may not be called now. Nothing was written.
            LimitReached: A limit of the client is reached. Nothing was written.
            NotAllowed: The client does not send to this number. Nothing was written.
            Unavailable: The table or a secret cannot be reached. Nothing was written.
        """
        check_key(idempotency_key)
        new_id = verification_id(self.stack, client, _ROUTE, idempotency_key)
        request_fingerprint = fingerprint(self.secrets.value("lookup", "key"), command.canonical())
        try:
            return self._start(command, client, new_id, request_fingerprint)
        except (ValidationFailed, NotConfigured):
            # The workflow's templates or the configured providers may have changed since the first
            # request with this key.
            earlier = self.verifications.get(new_id) if idempotency_key is not None else None
            if earlier is None:
                raise
            return self._replay(earlier, request_fingerprint, command)

    def enqueue(
        self,
        command: "StartVerification",
        client: str,
        idempotency_key: str,
        *,
        sign_in_server: str | None = None,
    ) -> Verification:
        """Start a verification whose first step ``advance`` runs: no provider is called here.

        So the answer does not wait for a provider. Which steps are available, and limits, are
        checked with the first step; if none can be run, the verification fails, and says why.

        Args:
            command: The verification; a repetition has the same.
            client: The client that starts it.
            idempotency_key: A repetition gets the verification of the first request.
            sign_in_server: The server that has made the code and will check it, if one has.

        Raises:
            ValidationFailed: The code or a template does not fit the workflow, or there is none.
            IdempotencyKeyReused: The key has served another command.
            Unavailable: The table or a secret cannot be reached. Nothing was written.
        """
        check_key(idempotency_key)
        prepared = self._prepare(command, client)
        lookup_key = self.secrets.value("lookup", "key")
        request_fingerprint = fingerprint(lookup_key, command.canonical())
        verification = replace(
            self._draft(
                command,
                client,
                verification_id(self.stack, client, _ROUTE, idempotency_key),
                request_fingerprint,
                prepared,
            ),
            sign_in_server=sign_in_server,
        )
        try:
            self._commit(verification, phone_key(lookup_key, verification.phone))
        except AlreadyStarted as conflict:
            self._check_repetition(conflict.verification, request_fingerprint, command)
            return conflict.verification
        return verification

    def find(self, client: str, idempotency_key: str) -> Verification | None:
        """Return the verification that a request with this key has started."""
        return self.verifications.get(verification_id(self.stack, client, _ROUTE, idempotency_key))

    def _prepare(self, command: "StartVerification", client: str) -> _Prepared:
        """Resolve a command with the client's settings.

        Raises:
            ValidationFailed: The code or a template does not fit the workflow, or there is none.
        """
        settings = self.client_settings.get(client)
        workflow = settings.resolve(command.choices(), command.phone.region)
        if not workflow:
            raise invalid_field(
                ["phone"],
                "country_not_supported",
                "there is no workflow for this country, neither by default nor in the settings",
            )
        digits = _code_length(command, workflow, settings)
        sealed_code = (
            self.codes.generate(digits) if command.code is None else self.codes.seal(command.code)
        )
        send = CodeSend(client, command.phone, sealed_code.placeholder, command.metadata)
        self._check_templates(command, workflow, send)
        workflow_reason = self.step_runner.unavailable_reason(send, workflow, settings)
        return _Prepared(settings, workflow, sealed_code, workflow_reason)

    def _start(
        self, command: "StartVerification", client: str, new_id: str, request_fingerprint: str
    ) -> StartResult:
        prepared = self._prepare(command, client)
        workflow = prepared.workflow
        refusals = StepRefusals()
        refusal: ApiError | None = None

        def unavailable_reason(step: int) -> str | None:
            return refusals.codes.get(step) or prepared.unavailable_reason(step)

        while isinstance(first := first_step(workflow, unavailable_reason), RunStep):
            verification = self._with_first_step(
                self._draft(command, client, new_id, request_fingerprint, prepared), first
            )
            try:
                reservation = self.step_runner.plan(
                    verification, prepared.settings, ip=command.ip, refusals=refusals
                )
                self._commit(verification, reservation.limit_request.phone_key, reservation)
                delivery = self.step_runner.dispatch(reservation)
            except AlreadyStarted as conflict:
                return self._replay(conflict.verification, request_fingerprint, command)
            except (ProviderSuspended, LimitReached) as error:
                refusal = refusal or error
                refusals.codes[first.step] = error.code
            else:
                return StartResult(verification, (delivery,), replayed=False)
        raise refusal or _no_step_error(first, command)

    def _check_templates(
        self, command: "StartVerification", workflow: Sequence[Step], send: CodeSend
    ) -> None:
        """Refuse templates of the request that can never be sent.

        One that is only not approved, or not any more, does not stop the other steps.

        Raises:
            ValidationFailed: Names the field of the step.
        """
        for number, choice in enumerate(command.choices() or ()):
            if isinstance(choice.template, str):
                params = workflow[number].params

                def check(template: "Template", params: Mapping[str, str] = params) -> None:
                    template.check_for_codes()
                    template.values(params, send.metadata, send.code)

                self.template_cache().check(
                    send.client, choice.template, check, ["workflow", number]
                )

    def _draft(
        self,
        command: "StartVerification",
        client: str,
        new_id: str,
        request_fingerprint: str,
        prepared: _Prepared,
    ) -> Verification:
        """Return a verification before its first step."""
        now, settings, sealed_code = self.clock(), prepared.settings, prepared.code
        at = to_text(now)
        expires_in = command.expires_in or settings.expires_in or _EXPIRES_IN_SECONDS
        default_attempts = (
            _ATTEMPTS_AT_FOUR_DIGITS if sealed_code.digits == _CALL_DIGITS else _ATTEMPTS
        )
        return Verification(
            id=new_id,
            client=client,
            phone=command.phone.e164,
            country=command.phone.region,
            status=VerificationStatus.PENDING,
            created_at=at,
            updated_at=at,
            ends_at=to_text(now + timedelta(seconds=expires_in)),
            workflow=prepared.workflow,
            code=sealed_code,
            attempts=command.attempts or settings.attempts or default_attempts,
            fingerprint=request_fingerprint,
            attempt=secrets.token_hex(16),
            turn=0,
            step=0,
            step_due_at=at,
            delivery_ids=(),
            history=(TimelineEntry(at=at, event=TimelineEvent.STARTED),),
            metadata=command.metadata,
            consent_reference=command.consent_reference,
            test=command.phone.is_test,
        )

    def _with_first_step(self, verification: Verification, first: RunStep) -> Verification:
        """Return a draft as it is after its first step."""
        at, step = verification.created_at, verification.workflow[first.step]
        delivery_id = self.step_runner.delivery_id(verification.client, verification.id, 1)
        step_due_at = from_text(at) + timedelta(seconds=step.timeout_seconds)
        return replace(
            verification,
            turn=1,
            step=first.step,
            step_due_at=to_text(step_due_at),
            delivery_ids=(delivery_id,),
            history=(
                *verification.history,
                *step_entries(verification.workflow, first, at, delivery_id),
            ),
        )

    def _commit(
        self,
        verification: Verification,
        phone_key: str,
        reservation: Reservation[Any] | None = None,
    ) -> None:
        """Write a verification, with its first delivery if it has one; end the phone's active one.

        Raises:
            AlreadyStarted: There is a verification with its id.
        """
        now = from_text(verification.created_at)
        acquire = {ACTIVE_LOCK: self.active_lock.acquire(verification, phone_key, now)}
        lock_updates, tries = acquire, attempts(_TRIES)
        while next(tries, None) is not None:
            tx = Transaction(self.verifications.table)
            if reservation is not None:
                plan = reservation.plan
                verification = replace(
                    verification, unverified=plan.unverified, decision=plan.decision
                )
            self.verifications.add(tx, verification, phone_key)
            if reservation is not None:
                reservation.add_to(tx)
            for tag, update in lock_updates.items():
                tx.add(update, tag)
            try:
                return tx.commit()
            except ConditionsFailed as refusal:
                if VERIFICATION in refusal.items:
                    return check_attempt(refusal, verification)
                if reservation is None or refusal.items.keys() <= {DELIVERY, ACTIVE_LOCK, REPLACED}:
                    lock_item = refusal.items.get(ACTIVE_LOCK)
                    # Without an item the lock is gone, or its verification has ended.
                    lock_updates = (
                        self._replace_active(verification, lock_item, phone_key, now)
                        if lock_item
                        else acquire
                    )
                else:
                    reservation.replan(refusal)
                    lock_updates, tries = acquire, attempts(_TRIES)
        raise Unavailable("The phone's verifications are started too often at once.")

    def _replace_active(
        self, verification: Verification, lock_item: Item, phone_key: str, now: datetime
    ) -> dict[str, Update]:
        """Return the updates, by tag, that replace the verification that has the lock."""
        holder_id = lock_item["verification_id"]
        updates = {ACTIVE_LOCK: self.active_lock.transfer(verification, phone_key, holder_id)}
        active = self.verifications.get(holder_id)
        if active is not None and active.status_at(now) is VerificationStatus.PENDING:
            updates[REPLACED] = self.verifications.replace_action(active.id, verification.id, now)
        return updates

    def _replay(
        self, existing: Verification, request_fingerprint: str, command: "StartVerification"
    ) -> StartResult:
        self._check_repetition(existing, request_fingerprint, command)
        deliveries = tuple(self.deliveries.get_many(existing.delivery_ids))
        now = self.clock()
        if any(
            delivery.status is Status.RESERVED and delivery.turn == 1 and not is_lost(delivery, now)
            for delivery in deliveries
        ):
            raise in_progress_error()
        return StartResult(existing, deliveries, replayed=True)

    def _check_repetition(
        self, existing: Verification, request_fingerprint: str, command: "StartVerification"
    ) -> None:
        """Check that an earlier request with the same idempotency key was the same request.

        Raises:
            IdempotencyKeyReused: It was another one.
        """
        if existing.fingerprint != request_fingerprint or not self.codes.matches(
            existing.code, command.code
        ):
            raise key_reused_error()


def _code_length(
    command: "StartVerification", workflow: Sequence[Step], settings: ClientSettings
) -> int:
    """Length of the code in digits.

    Raises:
        ValidationFailed: The request contradicts itself, or a Password Call cannot carry the code.
    """
    has_password_call = any(step.channel == ChannelName.PASSWORD_CALL for step in workflow)
    own_length = None if command.code is None else len(command.code.reveal())
    if own_length and command.code_length and own_length != command.code_length:
        raise invalid_field(["code_length"], "code_length", "the code given has another length")
    length = own_length or command.code_length
    if has_password_call and length not in (None, _CALL_DIGITS):
        field = "code" if own_length else "code_length"
        raise invalid_field(
            [field], "code_length", f"with a Password Call a code has {_CALL_DIGITS} digits"
        )
    return length or (_CALL_DIGITS if has_password_call else settings.code_length or _DIGITS)


def _no_step_error(
    decision: Exhaust, command: "StartVerification"
) -> ValidationFailed | NotConfigured:
    """The error if no step is available: the request's fault, unless a provider is not set up."""
    detail = "No step of the workflow can be taken for this number."
    reasons = [split_reason(skip.reason) for skip in decision.skips]
    missing_providers = dict.fromkeys(
        name for code, names in reasons if code == NotConfigured.code for name in names
    )
    if missing_providers:
        provider_list = " or ".join(missing_providers)
        return NotConfigured(
            f"{detail} Nobody has set up {provider_list} in this stack.",
            providers=missing_providers,
        )
    faults = dict.fromkeys((_field_at_fault(skip, command), skip.reason) for skip in decision.skips)
    return ValidationFailed(
        detail,
        errors=[
            {"loc": list(loc), "type": reason, "msg": "this step cannot be taken"}
            for loc, reason in faults
        ],
    )


def _field_at_fault(skip: Skip, command: "StartVerification") -> tuple[str | int, ...]:
    """The field that makes a step unavailable; never a field that was not sent."""
    if skip.reason in _PHONE_REASONS or command.workflow is None:
        return ("phone",)
    return ("workflow", skip.step, "channel")
