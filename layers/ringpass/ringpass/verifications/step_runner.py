"""Runs a step of a verification: says whether it is available, and makes its delivery."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any, Final

from ringpass.aws.secrets import Secrets
from ringpass.clients.settings.model import ClientSettings, Step
from ringpass.deliveries.channel import Channel, Channels
from ringpass.deliveries.model import Delivery
from ringpass.deliveries.order_builders import CodeSend
from ringpass.deliveries.reservation import Reservation
from ringpass.errors import NotConfigured, ValidationFailed
from ringpass.ids import address_key, delivery_id, phone_key
from ringpass.limits.planner import LimitRequest
from ringpass.outcomes import Status
from ringpass.redaction import Secret
from ringpass.verifications.codes import Codes
from ringpass.verifications.model import StepUnavailable, Verification, reason_with_providers

_TURN: Final = "turn"


@dataclass(frozen=True, slots=True)
class StepRefusals:
    """Steps that were refused while one request, or one task, looks for one that can run.

    Attributes:
        codes: Why, as a word, by the step (counted from 0).
        limits: Limits whose refusals are recorded: one that refuses each step in turn refuses one
            request, and has one record.
    """

    codes: dict[int, str] = field(default_factory=dict)
    limits: set[str] = field(default_factory=set)


@dataclass(frozen=True, slots=True)
class StepRunner:
    """Runs steps of verifications.

    Attributes:
        stack: Name of the stack.
        channels: The channels.
        codes: Reveals codes.
        secrets: The stack's secrets.
    """

    stack: str
    channels: Channels
    codes: Codes
    secrets: Secrets

    def unavailable_reason(
        self, send: CodeSend, workflow: Sequence[Step], settings: ClientSettings
    ) -> StepUnavailable:
        """Return a function that says why a step of the workflow is unavailable (cached)."""
        return cache(lambda number: self._unavailable_reason(workflow[number], send, settings))

    def _unavailable_reason(
        self, step: Step, send: CodeSend, settings: ClientSettings
    ) -> str | None:
        channel = self._channel(step)
        try:
            channel.eligible_routes(channel.prepare_step(step, send, settings), settings)
        except ValidationFailed as refusal:
            fault = refusal.errors[0]
            return "template_params" if fault["loc"][0] == "params" else str(fault["type"])
        except NotConfigured as refusal:
            return reason_with_providers(refusal.code, refusal.providers)
        return None

    def has_other_provider(
        self, verification: Verification, deliveries: Sequence[Delivery], settings: ClientSettings
    ) -> bool:
        """Whether a provider is left that has not refused the verification's step."""
        if not deliveries or deliveries[-1].status is not Status.REJECTED:
            return False
        step = verification.workflow[verification.step]
        channel, send = self._channel(step), code_send(verification, verification.code.placeholder)
        try:
            order = channel.prepare_step(step, send, settings)
            routes = channel.eligible_routes(order, settings)
        except (ValidationFailed, NotConfigured):
            return False
        tried = refused_by(verification, deliveries)
        return any(route.name not in tried for route in routes)

    def plan(
        self,
        verification: Verification,
        settings: ClientSettings,
        *,
        ip: str | None = None,
        retry_of: str | None = None,
        refused_by: Collection[str] = (),
        refusals: StepRefusals | None = None,
    ) -> Reservation[Any]:
        """Plan the delivery of a step; it is committed together with the turn, then dispatched.

        Args:
            verification: The verification as it is after the turn is written.
            settings: The client's settings.
            ip: The end user's address, at the start of the verification.
            retry_of: The delivery of the same step that this one repeats.
            refused_by: Providers that have refused this step; they get it again only if no other is
                left.
            refusals: The refusals of other steps; limits that refuse this one are added.

        Raises:
            ProviderSuspended: The provider may not be called now.
            LimitReached: A limit is reached.
            NotAllowed: The client may not send this.
            ValidationFailed: The step cannot be run any more.
            Unavailable: The table or a secret cannot be reached.
        """
        step = verification.workflow[verification.step]
        channel, code = self._channel(step), self.codes.reveal(verification.code)
        order = channel.prepare_step(step, code_send(verification, code), settings)
        eligible = channel.eligible_routes(order, settings)
        routes = [route for route in eligible if route.name not in refused_by] or eligible
        lookup_key = self.secrets.value("lookup", "key")
        is_first, is_checked_here = verification.turn == 1, verification.sign_in_server is None
        delivery = channel.draft(
            order,
            verification.client,
            verification.delivery_ids[-1],
            metadata=verification.metadata,
            consent_reference=verification.consent_reference,
            # No request repeats a turn by its body, and this body holds the code.
            fingerprint="",
            verification_id=verification.id,
            step=verification.step,
            turn=verification.turn,
            retry_of=retry_of,
        )
        limit_request = LimitRequest(
            client=verification.client,
            limits=settings.limits,
            phone=order.phone,
            phone_key=phone_key(lookup_key, order.phone.e164),
            channel=channel.name,
            cost=None,
            starts=is_first and is_checked_here,
            # Its code is never verified here, as that of a single send.
            single=is_first and not is_checked_here,
            ip_key=None if ip is None else address_key(lookup_key, ip),
            deliveries=len(verification.delivery_ids) - 1,
        )
        recorded_limits = None if refusals is None else refusals.limits
        return channel.plan(order, routes, delivery, limit_request, recorded_limits)

    def dispatch(self, reservation: Reservation[Any]) -> Delivery:
        """Send the delivery of a step to the provider, after its turn has been committed."""
        return self.channels[reservation.delivery.channel]().dispatch(reservation)

    def delivery_id(self, client: str, verification_id: str, turn: int) -> str:
        """The id of a turn's delivery; the same one, whichever function makes it."""
        return delivery_id(self.stack, client, _TURN, f"{verification_id}#{turn}")

    def _channel(self, step: Step) -> Channel[Any, Any]:
        return self.channels[step.channel]()


def refused_by(verification: Verification, deliveries: Sequence[Delivery]) -> frozenset[str]:
    """The providers that have refused the verification's step."""
    return frozenset(
        delivery.provider
        for delivery in deliveries
        if delivery.step == verification.step and delivery.status is Status.REJECTED
    )


def code_send(verification: Verification, code: Secret) -> CodeSend:
    """The send of a verification's code, or of its placeholder."""
    return CodeSend(verification.client, verification.callee, code, verification.metadata)
