"""What can be set while the sandbox runs: credentials, the webhook, delays, forms."""

import dataclasses
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from urllib.parse import urlsplit

from sandbox.wire import BadInput, Json

# A day: longer is a slip of the pen, and threading cannot wait for arbitrary floats.
_LONGEST_SECONDS = 86_400
_MOST_RETRIES = 20
_MOST_REQUESTS = 1_000_000


class CdrForm(StrEnum):
    """How the account's body template and hook are written, so how a CDR travels.

    ARRAY is the template that Ringpass documents; the others are what other accounts send.
    """

    OBJECT = "object"  # {"q931_status":16, ...}
    ARRAY = "array"  # [{"q931_status":16, ...}]
    PAIRS = "pairs"  # [{"verification_call_uuid":"..."},{"q931_status":16}, ...]
    NAME_VALUE = "name_value"  # [{"name":"q931_status","value":16}, ...]
    FORM = "form"  # q931_status=16&... in a POST
    GET = "get"  # the same in the query string of a GET
    TEXT = "text"  # the array as text/plain


class McnReplyForm(StrEnum):
    """Which of MCN's reply shapes a Password Call answers with."""

    VERIFICATION_UUID = "verification_uuid"  # as the sample in MCN's documentation
    VERIFICATION_CALL_UUID = "verification_call_uuid"  # as its prose names the field
    ENVELOPE = "envelope"  # as a sibling method answers


class BizflyWitness(StrEnum):
    """Who tells what became of Bizfly's calls: its webhook, its log, both, or nobody."""

    BOTH = "both"
    WEBHOOK = "webhook"
    LOG = "log"
    NOBODY = "nobody"


@dataclass(frozen=True, slots=True)
class Settings:
    """All settings with their defaults. Times are seconds."""

    mcn_webhook_url: str | None = None
    caresoft_webhook_url: str | None = None
    # PUT and DELETE /bizfly/v1/api/webhooks set these two, too.
    bizfly_webhook_url: str | None = None
    bizfly_webhook_token: str | None = None
    bizfly_witness: BizflyWitness = BizflyWitness.BOTH
    # Whether results carry the request_id of their request; nobody knows whether the real ones do.
    bizfly_repeats_request_id: bool = False
    voice_gateway_webhook_url: str | None = None
    voice_gateway_token: str = "sandbox-voice-gateway-token"  # noqa: S105 - likewise
    # Of Standard Webhooks: base64.
    voice_gateway_secret: str = "sandboxvoicegatewaysecret0000000"  # noqa: S105 - likewise
    # The stack that uses this sandbox, and a key of its API with the scope admin: a reset ends the
    # suspensions of its providers.
    api_url: str | None = None
    admin_key: str | None = None
    bizfly_key: str = "sandbox-bizfly-key"
    mcn_token: str = "sandbox-mcn-token"  # noqa: S105 - the sandbox's own, opens nothing
    mcn_account: str = "117793"
    caresoft_token: str = "sandbox-caresoft-token"  # noqa: S105 - likewise
    caresoft_slug: str = "sandbox"
    caresoft_webhook_secret: str = "sandbox-caresoft-secret"  # noqa: S105 - likewise
    # The word of the message's status in an event; null: it has none.
    caresoft_event_status: str | None = None
    caresoft_per_second: int = 15
    caresoft_per_hour: int = 54_000
    caresoft_lock_seconds: float = 900.0
    cdr_delay_seconds: float = 1.0
    # MCN retries by default; its schedule is not documented.
    cdr_retry_seconds: tuple[float, ...] = (1.0, 5.0, 15.0)
    slow_reply_seconds: float = 30.0
    cdr_form: CdrForm = CdrForm.ARRAY
    mcn_reply_form: McnReplyForm = McnReplyForm.VERIFICATION_UUID
    zalo_webhook_url: str | None = None
    zalo_app_id: str = "1234567890123456789"
    zalo_app_secret: str = "sandbox-zalo-app-secret"  # noqa: S105 - likewise
    zalo_oa_id: str = "2867735993958514567"
    zalo_oa_secret_key: str = "sandbox-zalo-oa-secret-key"  # noqa: S105 - likewise
    zalo_daily_quota: int = 500_000
    # Whether a refresh ends the access tokens before it; nobody knows when the real one does.
    zalo_ends_old_tokens: bool = False
    # How long the reply to a refresh takes, from when Zalo has made the pair.
    zalo_refresh_seconds: float = 0.0
    # Whether GET /zalo/message/status ever says that a message has arrived.
    zalo_tells_status: bool = True

    def as_json(self) -> dict[str, Json]:
        """Give all settings by name."""
        return {
            **dataclasses.asdict(self),
            "cdr_retry_seconds": list(self.cdr_retry_seconds),
            "admin_key": None if self.admin_key is None else "***",
            "bizfly_webhook_token": None if self.bizfly_webhook_token is None else "***",
        }

    def webhook_url(self, provider: str) -> str | None:
        """Where a provider's CDRs or events go; None for nowhere."""
        urls = {
            "mcn": self.mcn_webhook_url,
            "caresoft": self.caresoft_webhook_url,
            "zalo": self.zalo_webhook_url,
            "bizfly": self.bizfly_webhook_url,
            "voice_gateway": self.voice_gateway_webhook_url,
        }
        return urls.get(provider)

    def changed(self, changes: Mapping[str, Json]) -> "Settings":
        """Give these settings with some replaced, all or none. Raises BadInput."""
        values: dict[str, object] = {}
        for name, value in changes.items():
            reader = _READERS.get(name)
            if reader is None:
                raise BadInput(name, "no such setting")
            values[name] = reader(name, value)
        return dataclasses.replace(self, **values)  # type: ignore[arg-type]


def read_choice[T: StrEnum](name: str, value: Json, choices: type[T]) -> T:
    """Read one of a fixed set of words. Raises BadInput that lists them."""
    try:
        return choices(str(value))
    except ValueError as error:
        raise BadInput(name, "must be one of " + ", ".join(choices)) from error


def _read_cdr_form(name: str, value: Json) -> CdrForm:
    return read_choice(name, value, CdrForm)


def _read_reply_form(name: str, value: Json) -> McnReplyForm:
    return read_choice(name, value, McnReplyForm)


def _read_witness(name: str, value: Json) -> BizflyWitness:
    return read_choice(name, value, BizflyWitness)


def _read_truth(name: str, value: Json) -> bool:
    if not isinstance(value, bool):
        raise BadInput(name, "must be true or false")
    return value


def _read_text_or_none(name: str, value: Json) -> str | None:
    return None if value is None else _read_text(name, value)


def _read_text(name: str, value: Json) -> str:
    if not isinstance(value, str) or not value or not value.isascii() or not value.isprintable():
        raise BadInput(name, "must be printable ASCII text")
    return value


def _read_count(name: str, value: Json) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value <= _MOST_REQUESTS:
        raise BadInput(name, f"must be an integer, 1 to {_MOST_REQUESTS}")
    return value


def _read_seconds(name: str, value: Json) -> float:
    # bool is an int in Python, and NaN fails both comparisons.
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise BadInput(name, "must be a number of seconds")
    if not 0 <= value <= _LONGEST_SECONDS:
        raise BadInput(name, f"must be 0 to {_LONGEST_SECONDS} seconds")
    return float(value)


def _read_retries(name: str, value: Json) -> tuple[float, ...]:
    if not isinstance(value, list) or len(value) > _MOST_RETRIES:
        raise BadInput(name, f"must be a list of up to {_MOST_RETRIES} numbers of seconds")
    return tuple(_read_seconds(name, item) for item in value)


def _read_url(name: str, value: Json) -> str | None:
    if value is None:
        return None
    problem = "must be an http or https URL, or null"
    text = _read_text(name, value)
    try:
        parts = urlsplit(text)
        usable = parts.scheme in {"http", "https"} and parts.hostname and parts.port != 0
    except ValueError as error:  # a port that is no port
        raise BadInput(name, problem) from error
    if not usable or " " in text:
        raise BadInput(name, problem)
    return text


_READERS: dict[str, Callable[[str, Json], object]] = {
    "mcn_webhook_url": _read_url,
    "caresoft_webhook_url": _read_url,
    "bizfly_webhook_url": _read_url,
    "bizfly_webhook_token": _read_text_or_none,
    "bizfly_witness": _read_witness,
    "bizfly_repeats_request_id": _read_truth,
    "voice_gateway_webhook_url": _read_url,
    "voice_gateway_token": _read_text,
    "voice_gateway_secret": _read_text,
    "api_url": _read_url,
    "admin_key": _read_text_or_none,
    "bizfly_key": _read_text,
    "mcn_token": _read_text,
    "mcn_account": _read_text,
    "caresoft_token": _read_text,
    "caresoft_slug": _read_text,
    "caresoft_webhook_secret": _read_text,
    "caresoft_event_status": _read_text_or_none,
    "caresoft_per_second": _read_count,
    "caresoft_per_hour": _read_count,
    "caresoft_lock_seconds": _read_seconds,
    "cdr_delay_seconds": _read_seconds,
    "slow_reply_seconds": _read_seconds,
    "cdr_retry_seconds": _read_retries,
    "cdr_form": _read_cdr_form,
    "mcn_reply_form": _read_reply_form,
    "zalo_webhook_url": _read_url,
    "zalo_app_id": _read_text,
    "zalo_app_secret": _read_text,
    "zalo_oa_id": _read_text,
    "zalo_oa_secret_key": _read_text,
    "zalo_daily_quota": _read_count,
    "zalo_ends_old_tokens": _read_truth,
    "zalo_refresh_seconds": _read_seconds,
    "zalo_tells_status": _read_truth,
}
"""How each setting is read from JSON."""
