"""The name of a new provider, and all that follows from it and its channel."""

import keyword
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from local.failures import LocalStackError

_NAME: Final = re.compile(r"[a-z][a-z0-9]*(?:_[a-z0-9]+)*")
_LONGEST_NAME: Final = 24
"""Names of secrets, roles and log groups hold it."""
# A sentence or a channel's word, not a provider: tests look for names of providers in the code.
_TAKEN: Final = frozenset(
    {"call", "channel", "client", "code", "delivery", "facts", "other", "phone", "provider"}
    | {"sandbox", "secret", "simulator", "status", "template", "test", "verification", "webhook"}
    | {"voice_otp", "password_call", "zns"}
)


@dataclass(frozen=True, slots=True)
class Name:
    """A provider's name in every form that the repository has of it."""

    snake: str

    @property
    def upper(self) -> str:
        """As of a constant, or a variable of the environment: ``ACME_VOICE``."""
        return self.snake.upper()

    @property
    def pascal(self) -> str:
        """As of a class, or a resource of the template: ``AcmeVoice``."""
        return "".join(part.capitalize() for part in self.snake.split("_"))

    @property
    def dashed(self) -> str:
        """As in an address: ``acme-voice``."""
        return self.snake.replace("_", "-")

    @property
    def title(self) -> str:
        """As in a sentence: ``Acme Voice``."""
        return " ".join(part.capitalize() for part in self.snake.split("_"))


@dataclass(frozen=True, slots=True)
class ChannelParts:
    """What a provider's skeleton has of its channel.

    Attributes:
        title: The channel in a sentence.
        sender: The function that sends single deliveries, in the template.
        order: The order's class.
        what: What the provider does.
        carries: Whether it carries an order.
        fields: The order's content, in the request's body.
        sandbox_fields: The body's fields.
        sandbox_code: Lines that return the code in a body.
        test_order: An order for tests.
        test_body: The content of a body for tests.
        region: A country that it reaches.
        test_phone: A number there.
        route_after: The last route of the channel's wiring, as the code has it.
    """

    title: str
    sender: str
    order: str
    what: str
    carries: str
    fields: str
    sandbox_fields: str
    sandbox_code: str
    test_order: str
    test_body: str
    region: str
    test_phone: str
    route_after: str


_CODE: Final = 'code = body["code"]\n    return code if isinstance(code, str) else None'
CHANNELS: Final = {
    "voice_otp": ChannelParts(
        title="Voice OTP",
        sender="SendVoiceOtp",
        order="VoiceOrder",
        what="a call that reads a code out",
        carries="not order.needs_scenario",
        fields='"code": order.otp.reveal()',
        sandbox_fields='"id", "phone", "code"',
        sandbox_code=_CODE,
        test_order='VoiceOrder(parse_phone("+84389801371"), Secret("0482"), None)',
        test_body='"code": "0482"',
        region="VN",
        test_phone="+84389801371",
        route_after="channels.route(VoiceGateway(settings.voice_gateway_url))",
    ),
    "password_call": ChannelParts(
        title="Password Call",
        sender="SendPasswordCall",
        order="CallOrder",
        what="a call whose number ends in the code",
        carries="order.code is not None and not order.detect_redirect",
        fields='"code": order.code.reveal() if order.code else ""',
        sandbox_fields='"id", "phone", "code"',
        sandbox_code=_CODE,
        test_order='CallOrder(parse_phone("+79777777777"), Secret("0482"))',
        test_body='"code": "0482"',
        region="RU",
        test_phone="+79777777777",
        route_after="channels.route(Mcn(stack.settings().mcn_base_url))",
    ),
    "zns": ChannelParts(
        title="ZNS",
        sender="SendZns",
        order="MessageOrder",
        what="a Zalo message from a template",
        carries="order.zns_id is not None and order.ticket_id is None",
        fields='"template": order.zns_id, "params": dict(order.params or {})',
        sandbox_fields='"id", "phone", "template", "params"',
        sandbox_code=(
            'params = body["params"]\n'
            "    values = params.values() if isinstance(params, dict) else ()\n"
            "    return next(map(str, values), None)"
        ),
        test_order=(
            'MessageOrder(parse_phone("+84389801371"), zns_id="7895417", params={"otp": "0482"})'
        ),
        test_body='"template": "7895417", "params": {"otp": "0482"}',
        region="VN",
        test_phone="+84389801371",
        route_after="_zalo_route()",
    ),
}


def read_name(text: str, root: Path) -> Name:
    """Returns the name of a provider that does not exist yet.

    Raises:
        LocalStackError: It is not one; the text says what to do.
    """
    example = "make new-provider NAME=acme_voice CHANNEL=voice_otp"
    if not text:
        raise LocalStackError(f"NAME is missing: {example}")
    if not _NAME.fullmatch(text) or len(text) > _LONGEST_NAME:
        raise LocalStackError(
            "NAME must be lower-case words of letters and digits with underscores between them, "
            f"{_LONGEST_NAME} characters at most: {example}"
        )
    folders = (root / "layers" / "ringpass" / "ringpass" / "providers").iterdir()
    if text in _TAKEN or keyword.iskeyword(text):
        raise LocalStackError("NAME has a meaning of its own here: choose the provider's own name")
    if text in {path.stem for path in folders} or (root / "sandbox" / f"{text}.py").exists():
        raise LocalStackError(f"NAME is taken: there is a {text} already, choose another one")
    return Name(text)


def read_channel(text: str) -> str:
    """Returns the name of a channel.

    Raises:
        LocalStackError: There is no such channel.
    """
    if text not in CHANNELS:
        what = "is missing" if not text else "is not known"
        raise LocalStackError(f"CHANNEL {what}: it is one of {', '.join(CHANNELS)}")
    return text
