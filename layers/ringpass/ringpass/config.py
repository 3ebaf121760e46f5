"""Settings of a function, read from its environment.

Each function has only the variables that it needs.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

# Time-out of a sending function (template.yaml has the same; a test compares them). A delivery that
# is still reserved after it has lost its function.
SEND_TIMEOUT_SECONDS = 29
# Time-out of one request to a provider, from connecting to the last byte of the reply.
PROVIDER_TIMEOUT_SECONDS = 10.0
# Time-out of the rotation of Zalo's tokens: one request, and the retries that store its result
# during an outage of Secrets Manager.
ZALO_ROTATION_TIMEOUT_SECONDS = 60
# The longest time for which a rotated API key stays valid: a day.
LONGEST_OVERLAP_SECONDS = 86_400


class TestNumbers(StrEnum):
    """How test numbers are handled."""

    __test__ = False  # not a test, whatever pytest makes of the name

    OFF = "off"
    """They are refused."""
    SANDBOX = "sandbox"
    """They are sent to the provider's base URL, which is a sandbox's."""
    ON = "on"
    """The layer itself simulates the provider."""


class SettingMissing(RuntimeError):
    """A function was deployed without a variable that it needs (docs/settings.md)."""


@dataclass(frozen=True, slots=True)
class Settings:
    """Typed access to the environment; a missing variable is an error only when it is needed."""

    environ: Mapping[str, str]

    def _text(self, name: str) -> str:
        try:
            return self.environ[name]
        except KeyError:
            raise SettingMissing(f"environment variable {name} is not set") from None

    @property
    def stack(self) -> str:
        """Name of the stack; part of every idempotent id."""
        return self._text("STACK")

    @property
    def stage(self) -> str:
        """What the stack is for: ``prod``, ``dev``."""
        return self._text("STAGE")

    @property
    def event_bus(self) -> str:
        """Name of the event bus for events; empty: they are put on none."""
        return self._text("EVENT_BUS")

    @property
    def table(self) -> str:
        """Name of the table."""
        return self._text("TABLE")

    @property
    def queue_url(self) -> str:
        """URL of the queue that feeds ``advance``."""
        return self._text("QUEUE_URL")

    @property
    def webhook_queue_url(self) -> str:
        """URL of the queue that feeds ``deliver_webhooks``."""
        return self._text("WEBHOOK_QUEUE_URL")

    @property
    def webhooks_public_only(self) -> bool:
        """Whether webhooks go to public addresses only, over https."""
        return self._text("WEBHOOK_TARGETS") == "public"

    @property
    def command_queue_url(self) -> str:
        """URL of the queue of commands."""
        return self._text("COMMAND_QUEUE_URL")

    @property
    def command_dead_letter_queue_url(self) -> str:
        """URL of the queue of commands that were refused."""
        return self._text("COMMAND_DEAD_LETTER_QUEUE_URL")

    @property
    def retention_seconds(self) -> int:
        """How long records are kept, in seconds."""
        return int(self._text("RETENTION_DAYS")) * 86_400

    @property
    def join_window_seconds(self) -> int:
        """How old a delivery may be for a CDR with an unknown reference to match it."""
        return int(self._text("JOIN_WINDOW_SECONDS"))

    @property
    def long_polls(self) -> int:
        """How many requests may wait for a verification at once; 0: none waits."""
        return int(self._text("LONG_POLLS"))

    @property
    def test_numbers(self) -> TestNumbers:
        """How test numbers are handled."""
        return TestNumbers(self._text("TEST_NUMBERS"))

    @property
    def called_number_field(self) -> str:
        """Name of the variable that carries the called number in MCN's webhook body."""
        return self._text("MCN_CALLED_NUMBER_FIELD")

    @property
    def mcn_source_ranges(self) -> str:
        """Networks of MCN's webhook requests, separated by commas; empty: any."""
        return self._text("MCN_SOURCE_RANGES")

    @property
    def mcn_account_id(self) -> str:
        """Our account at MCN, the part of a call's reference after ``_``; may be empty."""
        return self._text("MCN_ACCOUNT_ID")

    @property
    def prices(self) -> str:
        """Prices of sends, as JSON (``ringpass.costs``)."""
        return self._text("PRICES")

    @property
    def bizfly_base_url(self) -> str:
        """Origin of Bizfly's API, without a trailing slash."""
        return self._text("BIZFLY_BASE_URL").rstrip("/")

    @property
    def bizfly_otp_id(self) -> str:
        """OTP id of the scenario used when a request names none; may be empty."""
        return self._text("BIZFLY_OTP_ID")

    @property
    def bizfly_call_states(self) -> str:
        """Statuses of further call states of Bizfly, as JSON."""
        return self._text("BIZFLY_CALL_STATES")

    @property
    def voice_gateway_url(self) -> str:
        """Where calls are ordered from a voice gateway; empty: there is none."""
        return self._text("VOICE_GATEWAY_URL")

    @property
    def mcn_base_url(self) -> str:
        """Origin of MCN's API, without a trailing slash."""
        return self._text("MCN_BASE_URL").rstrip("/")

    @property
    def caresoft_base_url(self) -> str:
        """Origin of CareSoft's API, without a trailing slash."""
        return self._text("CARESOFT_BASE_URL").rstrip("/")

    @property
    def caresoft_domain(self) -> str:
        """The tenant's slug in CareSoft's paths."""
        return self._text("CARESOFT_DOMAIN")

    @property
    def caresoft_per_second(self) -> int:
        """How many requests CareSoft takes in a second; 2 at least."""
        return int(self._text("CARESOFT_PER_SECOND"))

    @property
    def caresoft_per_hour(self) -> int:
        """How many requests CareSoft takes in an hour."""
        return int(self._text("CARESOFT_PER_HOUR"))

    @property
    def zalo_base_url(self) -> str:
        """Origin of Zalo's business API, without a trailing slash."""
        return self._text("ZALO_BASE_URL").rstrip("/")

    @property
    def zalo_openapi_url(self) -> str:
        """Origin of the API of Zalo's OAs, without a trailing slash."""
        return self._text("ZALO_OPENAPI_URL").rstrip("/")

    @property
    def zalo_oauth_url(self) -> str:
        """Origin of Zalo's OAuth, without a trailing slash."""
        return self._text("ZALO_OAUTH_URL").rstrip("/")

    @property
    def zalo_app_id(self) -> str:
        """Our app at Zalo; may be empty."""
        return self._text("ZALO_APP_ID")

    @property
    def zalo_oa_id(self) -> str:
        """The OA that sends over Zalo directly; empty: none does."""
        return self._text("ZALO_OA_ID")

    @property
    def zalo_oa_client(self) -> str:
        """The client that the OA belongs to; empty: no client may use its call desk."""
        return self._text("ZALO_OA_CLIENT")

    @property
    def public_url(self) -> str:
        """The API's URL for browsers, without a trailing slash; empty: the request's domain."""
        return self._text("PUBLIC_URL").rstrip("/")

    @property
    def zalo_verification(self) -> str:
        """Zalo's verification value of our domain; empty: there is none."""
        return self._text("ZALO_VERIFICATION")

    @property
    def cognito_client(self) -> str:
        """The client whose workflow Cognito's codes take; empty: none may send."""
        return self._text("COGNITO_CLIENT")

    @property
    def cognito_key_arn(self) -> str:
        """The KMS key with which Cognito encrypts codes; may be empty."""
        return self._text("COGNITO_KEY_ARN")

    def secret(self, name: str) -> str:
        """Returns the ARN of a secret: ``secret("mcn")`` is the value of ``MCN_SECRET``."""
        return self._text(f"{name.upper()}_SECRET")


LEAST_DIGITS: Final = 4


MOST_DIGITS: Final = 10


CONSENTS: Final = "oa_consent"
"""The channel of consent requests' costs: Zalo charges for asking for permission to call."""
