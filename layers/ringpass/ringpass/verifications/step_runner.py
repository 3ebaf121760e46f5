"""Runs a step of a verification: says whether it is available, and makes its delivery."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, Final, Self

from pydantic import SecretStr

from ringpass.aws.secrets import Secrets
from ringpass.clients.settings.model import ClientSettings, Step
from ringpass.deliveries.channel import Channel, Channels
from ringpass.deliveries.model import Delivery
from ringpass.deliveries.requests import PasswordCall, SendCommand, VoiceOtp, Zns
from ringpass.deliveries.reservation import Reservation
from ringpass.errors import NotConfigured, ValidationFailed
from ringpass.ids import address_key, delivery_id, phone_key
from ringpass.limits.planner import LimitRequest
from ringpass.outcomes import Status
from ringpass.phone import Phone, parse_phone
from ringpass.redaction import Secret
from ringpass.verifications.codes import Codes
from ringpass.verifications.model import StepUnavailable, Verification, reason_with_providers

_TURN: Final = "turn"


@dataclass(frozen=True, slots=True)
class Subject:
    """What all steps of a verification share, also before it exists.

    Attributes:
        client: The client.
        phone: The phone to verify.
        metadata: The verification's.
        digits: Length of its code.
    """

    client: str
    phone: Phone
    metadata: Mapping[str, str]
    digits: int

    @classmethod
    def from_verification(cls, verification: Verification) -> Self:
        """The subject of an existing verification."""
        phone, digits = parse_phone(verification.phone), verification.code.digits
        return cls(verification.client, phone, verification.metadata, digits)

    @property
    def placeholder_code(self) -> Secret:
        """Stands in for the code where only the form of a command is checked."""
        return Secret("0" * self.digits)


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
        self, subject: Subject, workflow: Sequence[Step], settings: ClientSettings
    ) -> StepUnavailable:
        """Return a function that says why a step of the workflow is unavailable (cached)."""
        return cache(lambda number: self._unavailable_reason(subject, workflow[number], settings))

    def _unavailable_reason(
        self, subject: Subject, step: Step, settings: ClientSettings
    ) -> str | None:
        channel, code = self._channel(step), subject.placeholder_code
        try:
            channel.check_number(subject.phone, settings)
            if step.channel == "zns" and step.template is None:
                return "no_template"
            command = _command(step, subject.phone, code, subject.metadata)
            order = channel.prepare(command, subject.client, settings, code)
            channel.eligible_routes(order, settings)
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
        if deliveries[-1].status is not Status.REJECTED:
            return False
        step, subject = (
            verification.workflow[verification.step],
            Subject.from_verification(verification),
        )
        channel, code = self._channel(step), subject.placeholder_code
        command = _command(step, subject.phone, code, subject.metadata)
        try:
            order = channel.prepare(command, subject.client, settings, code)
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
    ) -> Reservation[Any]:
        """Plan the delivery of a step; it is committed together with the turn, then dispatched.

        Args:
            verification: The verification as it is after the turn is written.
            settings: The client's settings.
            ip: The end user's address, at the start of the verification.
            retry_of: The delivery of the same step that this one repeats.
            refused_by: Providers that have refused this step; they get it again only if no other is
                left.

        Raises:
            ProviderSuspended: The provider may not be called now.
            LimitReached: A limit is reached.
            NotAllowed: The client may not send this.
            ValidationFailed: The step cannot be run any more.
            Unavailable: The table or a secret cannot be reached.
        """
        step = verification.workflow[verification.step]
        channel, phone = self._channel(step), parse_phone(verification.phone)
        code = self.codes.reveal(verification.code)
        command = _command(step, phone, code, verification.metadata)
        order = channel.prepare(command, verification.client, settings, code)
        eligible = channel.eligible_routes(order, settings)
        routes = [route for route in eligible if route.name not in refused_by] or eligible
        lookup_key = self.secrets.value("lookup", "key")
        delivery = channel.draft(
            order,
            verification.client,
            verification.delivery_ids[-1],
            metadata=verification.metadata,
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
            phone=phone,
            phone_key=phone_key(lookup_key, phone.e164),
            channel=channel.name,
            cost=None,
            starts=verification.turn == 1,
            ip_key=None if ip is None else address_key(lookup_key, ip),
            deliveries=len(verification.delivery_ids) - 1,
        )
        return channel.plan(order, routes, delivery, limit_request)

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


def _command(step: Step, phone: Phone, code: Secret, metadata: Mapping[str, str]) -> SendCommand:
    """The send command of a step."""
    fields: dict[str, Any] = {"phone": phone, "metadata": dict(metadata)}
    match step.channel:
        case "voice_otp":
            return VoiceOtp(otp=SecretStr(code.reveal()), scenario=step.scenario, **fields)
        case "password_call":
            return PasswordCall(code=SecretStr(code.reveal()), **fields)
        case "zns":
            params = dict(step.params)
            # A registered template gets the code where its parameters are filled.
            if step.code_param is not None:
                params[step.code_param] = code.reveal()
            return Zns(template=step.template or 0, params=params, **fields)
    raise ValueError("no such channel")
