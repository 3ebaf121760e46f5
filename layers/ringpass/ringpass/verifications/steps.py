"""A step of a verification: which can be taken now, and the delivery that takes it."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, Final, Self

from pydantic import SecretStr

from ringpass.aws.secrets import Secrets
from ringpass.clients.settings.model import ClientSettings, Step
from ringpass.deliveries.channel import Channel, Channels, Write
from ringpass.deliveries.model import Delivery
from ringpass.deliveries.requests import PasswordCall, SendCommand, VoiceOtp, Zns
from ringpass.errors import NotConfigured, ValidationFailed
from ringpass.ids import address_key, delivery_id, phone_key
from ringpass.limits.planner import LimitRequest
from ringpass.outcomes import Status
from ringpass.phone import Phone, parse_phone
from ringpass.redaction import Secret
from ringpass.verifications.codes import Codes
from ringpass.verifications.model import StepUnavailable, Verification, bar_by

_TURN: Final = "turn"


@dataclass(frozen=True, slots=True)
class Subject:
    """What the steps of a verification have in common, also before there is one.

    Attributes:
        client: Who has it.
        phone: Whose phone it is.
        metadata: The verification's.
        digits: How many its code has.
    """

    client: str
    phone: Phone
    metadata: Mapping[str, str]
    digits: int

    @classmethod
    def of(cls, verification: Verification) -> Self:
        """Of one that there is."""
        phone, digits = parse_phone(verification.phone), verification.code.digits
        return cls(verification.client, phone, verification.metadata, digits)

    @property
    def any_code(self) -> Secret:
        """Stands in for the code where only the form of a command is looked at."""
        return Secret("0" * self.digits)


@dataclass(frozen=True, slots=True)
class StepRunner:
    """Takes steps.

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

    def barred(
        self, subject: Subject, workflow: Sequence[Step], settings: ClientSettings
    ) -> StepUnavailable:
        """Why a step of the workflow cannot be taken whatever happens."""
        return cache(lambda number: self._bar(subject, workflow[number], settings))

    def _bar(self, subject: Subject, step: Step, settings: ClientSettings) -> str | None:
        channel, code = self._channel(step), subject.any_code
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
            return bar_by(refusal.code, refusal.providers)
        return None

    def other_provider(
        self, verification: Verification, deliveries: Sequence[Delivery], settings: ClientSettings
    ) -> bool:
        """Whether a provider is left that has not refused the verification's step yet."""
        if deliveries[-1].status is not Status.REJECTED:
            return False
        step, subject = verification.workflow[verification.step], Subject.of(verification)
        channel, code = self._channel(step), subject.any_code
        command = _command(step, subject.phone, code, subject.metadata)
        try:
            order = channel.prepare(command, subject.client, settings, code)
            routes = channel.eligible_routes(order, settings)
        except (ValidationFailed, NotConfigured):
            return False
        tried = refused_by(verification, deliveries)
        return any(route.name not in tried for route in routes)

    def take(
        self,
        verification: Verification,
        settings: ClientSettings,
        write: Write,
        *,
        ip: str | None = None,
        retry_of: str | None = None,
        refused_by: Collection[str] = (),
    ) -> Delivery:
        """Make the delivery of a verification's turn: reserve it with ``write``, then place it.

        Args:
            verification: The verification as it is once the turn is written.
            settings: The client's settings.
            write: Writes the turn.
            ip: The end user's address, where the verification is only started.
            retry_of: The delivery of the same step that this one repeats.
            refused_by: Providers that have refused this step; they are asked only if no other is
                left.

        Raises:
            ProviderSuspended: Nobody may ask the provider now. Nothing was written.
            LimitReached: A limit is reached. Nothing was written.
            NotAllowed: The client may not send this. Nothing was written.
            ValidationFailed: The step cannot be taken any more. Nothing was written.
            Unavailable: The table or a secret cannot be reached. Nothing was written.
        """
        step = verification.workflow[verification.step]
        channel, phone = self._channel(step), parse_phone(verification.phone)
        code = self.codes.reveal(verification.code)
        command = _command(step, phone, code, verification.metadata)
        order = channel.prepare(command, verification.client, settings, code)
        usable = channel.eligible_routes(order, settings)
        routes = [route for route in usable if route.name not in refused_by] or usable
        lookup_key = self.secrets.value("lookup", "key")
        delivery = channel.draft(
            order,
            verification.client,
            verification.delivery_ids[-1],
            metadata=verification.metadata,
            # Nobody asks for a turn by its body, and this one holds the code.
            fingerprint="",
            verification_id=verification.id,
            step=verification.step,
            turn=verification.turn,
            retry_of=retry_of,
        )
        asking = LimitRequest(
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
        reserved = channel.reserve(order, routes, delivery, asking, write)
        return channel.dispatch(reserved)

    def delivery_id(self, client: str, verification_id: str, turn: int) -> str:
        """The id of a turn's delivery: whoever makes it, it is the same one."""
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
    """What a step sends."""
    given: dict[str, Any] = {"phone": phone, "metadata": dict(metadata)}
    match step.channel:
        case "voice_otp":
            return VoiceOtp(otp=SecretStr(code.reveal()), scenario=step.scenario, **given)
        case "password_call":
            return PasswordCall(code=SecretStr(code.reveal()), **given)
        case "zns":
            params = dict(step.params)
            # A registered template gets the code where its parameters are filled.
            if step.code_param is not None:
                params[step.code_param] = code.reveal()
            return Zns(template=step.template or 0, params=params, **given)
    raise ValueError("no such channel")
