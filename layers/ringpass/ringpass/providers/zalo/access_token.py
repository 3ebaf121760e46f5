"""The access token as those see it who send: the current one, or the one that is taking over.

A rotation gets a new pair from Zalo, keeps it as the version AWSPENDING, and makes it AWSCURRENT
only then. Zalo may end the old access token at any moment of that (it does not say when). So a
token that is refused is looked up anew in both versions, and the younger pair counts. If that is
the refused one still, Zalo has given the next one out and it is not kept yet: that is waited for.
"""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from botocore.exceptions import BotoCoreError, ClientError

from ringpass.aws.secret_rotation import CURRENT, PENDING
from ringpass.aws.secrets import CACHE_SECONDS, REFETCH_SECONDS, json_object, report_missing
from ringpass.errors import NotConfigured, Unavailable
from ringpass.redaction import Secret

if TYPE_CHECKING:
    from mypy_boto3_secretsmanager import SecretsManagerClient

# From Zalo's reply to the pending version it takes a rotation two requests to Secrets Manager. With
# two requests to Zalo (20 s) this stays below a sender's time-out.
_LOOKS: Final = 12
_SECONDS_BETWEEN: Final = 0.25
_NAME: Final = "zalo_token"
_FIELD: Final = "access_token"


@dataclass(frozen=True, slots=True)
class AccessTokens:
    """Reads the secret ``zalo_token``.

    Attributes:
        client: Secrets Manager.
        arn_of: Gives the secret's ARN.
        now: Seconds since 1970.
        sleep: Waits so many seconds.
    """

    client: "SecretsManagerClient"
    arn_of: Callable[[], str]
    now: Callable[[], float] = time.time
    sleep: Callable[[float], None] = time.sleep
    _held: list[tuple[float, "_Access | None"]] = field(default_factory=list, repr=False)

    def value(self, _name: str, _field: str, *, refresh: bool = False) -> Secret:
        """The access token, asked for as any other secret's field is (``providers.caller``)."""
        return self.access(refresh=refresh)

    def find(self, _name: str = _NAME, _field: str = _FIELD) -> Secret | None:
        """The access token, or None if there is none; that is kept for ten seconds.

        Raises:
            Unavailable: The secret cannot be read.
        """
        kept = self._kept()
        return kept.token if kept else None

    def access(self, *, refresh: bool = False) -> Secret:
        """The access token.

        Args:
            refresh: Whether Zalo has just refused the one that was given last.

        Raises:
            NotConfigured: The secret holds no access token.
            Unavailable: The secret cannot be read.
        """
        if not refresh:
            if (kept := self._kept()) is None:
                raise _none()
            return kept.token
        before = self._held[-1][1] if self._held else None
        refused = before.token.reveal() if before else None
        found = self._youngest()
        for _ in range(_LOOKS):
            if found.token.reveal() != refused:
                break
            self.sleep(_SECONDS_BETWEEN)
            found = self._youngest()
        self._hold(found)
        return found.token

    def _kept(self) -> "_Access | None":
        before = None
        if self._held:
            fetched_at, before = self._held[-1]
            lasts = REFETCH_SECONDS if before is None else CACHE_SECONDS
            if 0 <= self.now() - fetched_at < lasts:
                return before
        found = self._read(CURRENT)
        if before is not None and found is not None and before.expires_at > found.expires_at:
            # A rotation that stopped before its end: what it got is what Zalo takes.
            found = before
        self._hold(found)
        return found

    def _hold(self, found: "_Access | None") -> None:
        self._held[:] = [(self.now(), found)]

    def _youngest(self) -> "_Access":
        # The pending one first: in between, it could become the current one.
        found = [one for stage in (PENDING, CURRENT) if (one := self._read(stage)) is not None]
        if not found:
            raise _none()
        return max(found, key=lambda one: one.expires_at)

    def _read(self, stage: str) -> "_Access | None":
        try:
            found = self.client.get_secret_value(SecretId=self.arn_of(), VersionStage=stage)
        except ClientError as error:
            # No version is pending, or one that holds nothing yet.
            if error.response["Error"]["Code"] == "ResourceNotFoundException" and stage == PENDING:
                return None
            raise Unavailable("The secret 'zalo_token' cannot be read.") from error
        except BotoCoreError as error:
            raise Unavailable("The secret 'zalo_token' cannot be read.") from error
        held = json_object(found.get("SecretString", ""))
        access = _access_in(held or {})
        if access is None and stage == CURRENT:
            report_missing(_NAME, _FIELD, held)
        return access


@dataclass(frozen=True, slots=True)
class _Access:
    """An access token, and until when it lives, RFC 3339; empty if that is not known."""

    token: Secret
    expires_at: str


def _access_in(held: Mapping[str, Any]) -> _Access | None:
    """The access token in what a secret holds, also of one that nothing else has been put into."""
    token = held.get(_FIELD)
    if not isinstance(token, str) or not token:
        return None
    return _Access(Secret(token), str(held.get("access_expires_at", "")))


def _none() -> NotConfigured:
    return NotConfigured(
        "The secret 'zalo_token' holds no access token; Zalo was not asked.", providers=["zalo"]
    )
