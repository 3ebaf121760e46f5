"""Cache of secrets from Secrets Manager: five minutes, fetched again on demand."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from botocore.exceptions import BotoCoreError, ClientError

from ringpass.aws.ttl_cache import TtlCache
from ringpass.clock import Clock, utc_now
from ringpass.errors import Unavailable
from ringpass.observability import logger
from ringpass.redaction import Secret

if TYPE_CHECKING:
    from mypy_boto3_secretsmanager import SecretsManagerClient

CACHE_SECONDS: Final = 300
REFETCH_SECONDS: Final = 10.0
"""The shortest time between two fetches because of a missing or wrong value. Anybody can send a
wrong token, and every send looks up a provider that is not configured."""
PLACEHOLDER: Final = "placeholder"
"""The field that a new stack puts into a provider's secret: a random text that nobody reads."""


@dataclass(frozen=True, slots=True)
class Secrets:
    """Reads the stack's secrets.

    Each is a JSON object of strings, or of lists of strings: ``{"token": "..."}``,
    ``{"tokens": ["...", "..."]}`` while two are valid at once.

    Attributes:
        client: Secrets Manager.
        arn_of: Returns a secret's ARN by its name.
        clock: Tells the time. (A function's monotonic clock may stop between requests.)
    """

    client: "SecretsManagerClient"
    arn_of: Callable[[str], str]
    clock: Clock = utc_now
    _cache: TtlCache[str, Mapping[str, Any] | None] = field(
        default_factory=lambda: TtlCache(CACHE_SECONDS), repr=False
    )
    _refetches: TtlCache[str, None] = field(
        default_factory=lambda: TtlCache(REFETCH_SECONDS), repr=False
    )

    def values(self, name: str, field: str, *, refresh: bool = False) -> list[Secret]:
        """Returns all valid values of ``field`` (and of its plural) in the secret ``name``.

        If the field is missing, the secret is fetched again, at most every ten seconds: somebody
        may have just added it.

        Raises:
            Unavailable: The secret cannot be read, or holds no such field.
        """
        texts, _ = self._lookup(name, field, refresh=refresh)
        if not texts:
            raise Unavailable(f"The secret '{name}' holds no '{field}'.")
        return [Secret(text) for text in texts]

    def find(self, name: str, field: str) -> Secret | None:
        """Returns the first valid value of ``field``, or None if the secret holds none.

        None is cached for ten seconds; then the secret is fetched again. If the secret holds
        something else, an error is logged that says what it must hold.

        Raises:
            Unavailable: The secret cannot be read.
        """
        texts, is_fresh = self._lookup(name, field)
        if not texts and is_fresh:
            report_missing(name, field, self._cache.last(name))
        return Secret(texts[0]) if texts else None

    def fields(self, name: str, *, refresh: bool = False) -> Mapping[str, Secret]:
        """Returns all fields of the secret ``name`` that are texts.

        Raises:
            Unavailable: The secret cannot be read.
        """
        document, _ = self._fetch(name, refresh=refresh)
        if document is None:
            raise Unavailable(f"The secret '{name}' is not a JSON object.")
        return {field: Secret(text) for field, text in document.items() if isinstance(text, str)}

    def accepts(self, name: str, field: str, matches: Callable[[Sequence[Secret]], bool]) -> bool:
        """Returns whether a credential matches the valid values of ``field``.

        ``matches`` compares it with them. If it matches none, the secret is fetched again, at most
        every ten seconds: it may have a new value.

        Raises:
            Unavailable: The secret cannot be read, or holds no such field.
        """
        if matches(self.values(name, field)):
            return True
        return self._may_refetch(name) and matches(self.values(name, field, refresh=True))

    def owners(self, name: str, field: str, matches: Callable[[Secret], bool]) -> list[str]:
        """Returns the owners of a credential: those in ``field`` with a value that matches it.

        The field is an object of texts, or of lists of texts: ``{"web": "...", "app": ["...",
        "..."]}``. If no value matches, the secret is fetched again, at most every ten seconds.

        Raises:
            Unavailable: The secret cannot be read.
        """
        owners = self._owners(name, field, matches, refresh=False)
        if not owners and self._may_refetch(name):
            owners = self._owners(name, field, matches, refresh=True)
        return owners

    def _owners(
        self, name: str, field: str, matches: Callable[[Secret], bool], *, refresh: bool
    ) -> list[str]:
        document, _ = self._fetch(name, refresh=refresh)
        values = (document or {}).get(field)
        if not isinstance(values, dict):
            return []
        # All are compared, so the time does not reveal which one matched.
        return [
            owner
            for owner, value in values.items()
            if any([matches(Secret(text)) for text in _texts(value)])  # noqa: C419
        ]

    def value(self, name: str, field: str, *, refresh: bool = False) -> Secret:
        """Returns the first valid value of ``field``."""
        return self.values(name, field, refresh=refresh)[0]

    def _lookup(self, name: str, field: str, *, refresh: bool = False) -> tuple[list[str], bool]:
        """Returns the valid values of a field, and whether the secret was fetched just now."""
        document, is_fresh = self._fetch(name, refresh=refresh)
        texts = _valid(document, field)
        if not texts and not is_fresh and self._may_refetch(name):
            document, is_fresh = self._fetch(name, refresh=True)
            texts = _valid(document, field)
        if not texts and is_fresh:
            self._refetches.put(name, None, self.clock())
        return texts, is_fresh

    def _may_refetch(self, name: str) -> bool:
        """Returns whether a cached secret may be fetched again (rate limit per secret)."""
        now = self.clock()
        may_refetch = not self._refetches.is_fresh(name, now)
        if may_refetch:
            self._refetches.put(name, None, now)
        return may_refetch

    def _fetch(self, name: str, *, refresh: bool) -> tuple[Mapping[str, Any] | None, bool]:
        """Returns the secret's JSON object (None if it is none), and whether it was fetched now."""
        now = self.clock()
        if not refresh and self._cache.is_fresh(name, now):
            return self._cache.last(name), False
        try:
            text = self.client.get_secret_value(SecretId=self.arn_of(name)).get("SecretString", "")
        except (ClientError, BotoCoreError) as error:
            raise Unavailable(f"The secret '{name}' cannot be read.") from error
        return self._cache.put(name, json_object(text), now), True


def json_object(text: str) -> Mapping[str, Any] | None:
    """Parse a secret's text; returns None if it is not a JSON object."""
    try:
        document = json.loads(text)
    except ValueError:
        return None
    return document if isinstance(document, dict) else None


def report_missing(name: str, field: str, document: Mapping[str, Any] | None) -> None:
    """Log what a secret must hold, unless it is still a new stack's. No value is logged."""
    if document is None:
        why = "not_a_json_object"
    elif PLACEHOLDER in document and not any(
        document[key] for key in document if key != PLACEHOLDER
    ):
        return
    else:
        why = "field_missing"
    logger().error("secret not usable", secret=name, why=why, must_hold=f'{{"{field}": "..."}}')


def _valid(document: Mapping[str, Any] | None, field: str) -> list[str]:
    values = document or {}
    return [*_texts(values.get(field)), *_texts(values.get(f"{field}s"))]


def _texts(value: object) -> list[str]:
    items = value if isinstance(value, list) else [value]
    return [item for item in items if isinstance(item, str) and item]
