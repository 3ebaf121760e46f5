"""Cache of Zalo's access token, which also sees a token that is being rotated.

A token refresh (``token_rotation``) gets a new pair from Zalo, stores it as the version AWSPENDING,
and then makes it AWSCURRENT. Zalo may end the old access token at any moment of that (it does not
say when). So after a refusal both versions are read, and the newer pair counts. If that is still
the refused one, Zalo has issued the next pair and it is not stored yet: the reader waits for it.
"""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from botocore.exceptions import BotoCoreError, ClientError

from ringpass.aws.secret_rotation import CURRENT, PENDING
from ringpass.aws.secrets import CACHE_SECONDS, REFETCH_SECONDS, json_object, report_missing
from ringpass.aws.ttl_cache import TtlCache
from ringpass.clock import Clock, utc_now
from ringpass.errors import NotConfigured, Unavailable
from ringpass.providers.zalo.facts import ZALO
from ringpass.redaction import Secret

if TYPE_CHECKING:
    from mypy_boto3_secretsmanager import SecretsManagerClient

# A rotation needs two requests to Secrets Manager between Zalo's response and the pending version.
# With two requests to Zalo (20 s) this stays below a sender's time-out.
_RETRIES: Final = 12
_RETRY_SECONDS: Final = 0.25
_NAME: Final = "zalo_token"
_FIELD: Final = "access_token"


@dataclass(frozen=True, slots=True)
class AccessTokens:
    """Reads and caches the access token of the secret ``zalo_token``.

    Attributes:
        client: Secrets Manager.
        arn_of: Returns the secret's ARN.
        clock: Tells the time.
        sleep: Waits so many seconds.
    """

    client: "SecretsManagerClient"
    arn_of: Callable[[], str]
    clock: Clock = utc_now
    sleep: Callable[[float], None] = time.sleep
    _cache: TtlCache[str, "_Access | None"] = field(
        default_factory=lambda: TtlCache(CACHE_SECONDS), repr=False
    )

    def value(self, _name: str, _field: str, *, refresh: bool = False) -> Secret:
        """The access token, in the interface of ``providers.caller.Credentials``."""
        return self.access(refresh=refresh)

    def find(self, _name: str = _NAME, _field: str = _FIELD) -> Secret | None:
        """The access token, or None if there is none; None is cached for ten seconds.

        Raises:
            Unavailable: The secret cannot be read.
        """
        cached = self._lookup()
        return cached.token if cached else None

    def access(self, *, refresh: bool = False) -> Secret:
        """The access token.

        Args:
            refresh: Whether Zalo has just refused the last one.

        Raises:
            NotConfigured: The secret holds no access token.
            Unavailable: The secret cannot be read.
        """
        if not refresh:
            if (cached := self._lookup()) is None:
                raise _not_configured()
            return cached.token
        previous = self._cache.last(_NAME)
        refused_value = previous.token.reveal() if previous else None
        newest = self._newest()
        for _ in range(_RETRIES):
            if newest.token.reveal() != refused_value:
                break
            self.sleep(_RETRY_SECONDS)
            newest = self._newest()
        self._store(newest)
        return newest.token

    def _lookup(self) -> "_Access | None":
        cached = self._cache.last(_NAME)
        if self._cache.is_fresh(_NAME, self.clock()):
            return cached
        current = self._read(CURRENT)
        if cached is not None and current is not None and cached.expires_at > current.expires_at:
            # A rotation stopped before its end: Zalo accepts the pending token.
            current = cached
        self._store(current)
        return current

    def _store(self, access: "_Access | None") -> None:
        ttl_seconds = REFETCH_SECONDS if access is None else CACHE_SECONDS
        self._cache.put(_NAME, access, self.clock(), ttl_seconds)

    def _newest(self) -> "_Access":
        # The pending one first: between the two reads it may become the current one.
        versions = [
            access for stage in (PENDING, CURRENT) if (access := self._read(stage)) is not None
        ]
        if not versions:
            raise _not_configured()
        return max(versions, key=lambda access: access.expires_at)

    def _read(self, stage: str) -> "_Access | None":
        try:
            response = self.client.get_secret_value(SecretId=self.arn_of(), VersionStage=stage)
        except ClientError as error:
            # No version is pending, or the pending one is still empty.
            if error.response["Error"]["Code"] == "ResourceNotFoundException" and stage == PENDING:
                return None
            raise Unavailable("The secret 'zalo_token' cannot be read.") from error
        except BotoCoreError as error:
            raise Unavailable("The secret 'zalo_token' cannot be read.") from error
        fields = json_object(response.get("SecretString", ""))
        access = _access_from(fields or {})
        if access is None and stage == CURRENT:
            report_missing(_NAME, _FIELD, fields)
        return access


@dataclass(frozen=True, slots=True)
class _Access:
    """An access token, and its expiry as RFC 3339; empty if that is not known."""

    token: Secret
    expires_at: str


def _access_from(fields: Mapping[str, Any]) -> _Access | None:
    """Returns the access token of a secret's fields; it may be the only field."""
    token = fields.get(_FIELD)
    if not isinstance(token, str) or not token:
        return None
    return _Access(Secret(token), str(fields.get("access_expires_at", "")))


def _not_configured() -> NotConfigured:
    return NotConfigured(
        "The secret 'zalo_token' holds no access token; Zalo was not asked.", providers=[ZALO.name]
    )
