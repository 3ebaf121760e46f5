"""Secrets from Secrets Manager, cached for five minutes, fetched anew on demand."""

import json
import math
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from botocore.exceptions import BotoCoreError, ClientError

from ringpass.errors import Unavailable
from ringpass.observability import logger
from ringpass.redaction import Secret

if TYPE_CHECKING:
    from mypy_boto3_secretsmanager import SecretsManagerClient

CACHE_SECONDS: Final = 300
LOOK_AGAIN_SECONDS: Final = 10.0
"""How often a secret is fetched anew because something lacks in it. Anybody can send a wrong token,
and a provider that is not configured is looked at with every send."""
PLACEHOLDER: Final = "placeholder"
"""The field of a provider's secret that a new stack fills with a random text; nobody reads it."""


@dataclass(frozen=True, slots=True)
class Secrets:
    """Reads the stack's secrets.

    Each is a JSON object of strings, or of lists of strings: ``{"token": "..."}``,
    ``{"tokens": ["...", "..."]}`` while two are valid at once.

    Attributes:
        client: Secrets Manager.
        arn_of: Gives a secret's ARN by its name.
        now: Seconds since 1970. (A function's monotonic clock may stand still between requests.)
    """

    client: "SecretsManagerClient"
    arn_of: Callable[[str], str]
    now: Callable[[], float] = time.time
    _held: dict[str, tuple[float, Mapping[str, Any] | None]] = field(
        default_factory=dict, repr=False
    )
    _looked: dict[str, float] = field(default_factory=dict, repr=False)

    def values(self, name: str, field: str, *, refresh: bool = False) -> list[Secret]:
        """All valid values of ``field`` (and of its plural) in the secret called ``name``.

        A field that lacks may have just been put in: for it the secret is fetched anew, if that
        was not done just now.

        Raises:
            Unavailable: The secret cannot be read, or holds no such field.
        """
        texts, _ = self._look(name, field, refresh=refresh)
        if not texts:
            raise Unavailable(f"The secret '{name}' holds no '{field}'.")
        return [Secret(text) for text in texts]

    def find(self, name: str, field: str) -> Secret | None:
        """The first valid value of ``field``, or None if the secret holds none.

        None is kept for ten seconds; then the secret is fetched anew. If somebody has put something
        else into the secret, an error is logged that says what it must hold.

        Raises:
            Unavailable: The secret cannot be read.
        """
        texts, fetched = self._look(name, field)
        if not texts and fetched:
            report_missing(name, field, self._held[name][1])
        return Secret(texts[0]) if texts else None

    def fields(self, name: str, *, refresh: bool = False) -> Mapping[str, Secret]:
        """All fields of the secret called ``name`` that are texts.

        Raises:
            Unavailable: The secret cannot be read.
        """
        held, _ = self._fetch(name, refresh=refresh)
        if held is None:
            raise Unavailable(f"The secret '{name}' is not a JSON object.")
        return {field: Secret(text) for field, text in held.items() if isinstance(text, str)}

    def admit(self, name: str, field: str, fits: Callable[[Sequence[Secret]], bool]) -> bool:
        """Whether what somebody brings fits the valid values of ``field``.

        If it does not, it may fit one that was put in since the secret was read: they are fetched
        anew, if that was not done just now.

        Raises:
            Unavailable: The secret cannot be read, or holds no such field.
        """
        if fits(self.values(name, field)):
            return True
        return self._may_look(name) and fits(self.values(name, field, refresh=True))

    def value(self, name: str, field: str, *, refresh: bool = False) -> Secret:
        """The first valid value of ``field``."""
        return self.values(name, field, refresh=refresh)[0]

    def _look(self, name: str, field: str, *, refresh: bool = False) -> tuple[list[str], bool]:
        """The valid values of a field, and whether the secret was fetched for them just now."""
        held, fetched = self._fetch(name, refresh=refresh)
        texts = _valid(held, field)
        if not texts and not fetched and self._may_look(name):
            held, fetched = self._fetch(name, refresh=True)
            texts = _valid(held, field)
        if not texts and fetched:
            self._looked[name] = self.now()
        return texts, fetched

    def _may_look(self, name: str) -> bool:
        """Whether a secret that is held may be fetched anew because somebody misses something."""
        now = self.now()
        may = now - self._looked.get(name, -LOOK_AGAIN_SECONDS) >= LOOK_AGAIN_SECONDS
        if may:
            self._looked[name] = now
        return may

    def _fetch(self, name: str, *, refresh: bool) -> tuple[Mapping[str, Any] | None, bool]:
        """What the secret holds, None if that is no JSON object; and whether it was fetched now."""
        fetched_at, held = self._held.get(name, (-math.inf, None))
        now = self.now()
        if not refresh and 0 <= now - fetched_at < CACHE_SECONDS:
            return held, False
        try:
            text = self.client.get_secret_value(SecretId=self.arn_of(name)).get("SecretString", "")
        except (ClientError, BotoCoreError) as error:
            raise Unavailable(f"The secret '{name}' cannot be read.") from error
        held = json_object(text)
        self._held[name] = now, held
        return held, True


def json_object(text: str) -> Mapping[str, Any] | None:
    """What a secret's text holds; None if it is not a JSON object."""
    try:
        held = json.loads(text)
    except ValueError:
        return None
    return held if isinstance(held, dict) else None


def report_missing(name: str, field: str, held: Mapping[str, Any] | None) -> None:
    """Log what a secret must hold, unless it is as a new stack makes it. No value is logged."""
    if held is None:
        why = "not_a_json_object"
    elif PLACEHOLDER in held and not any(held[key] for key in held if key != PLACEHOLDER):
        return
    else:
        why = "field_missing"
    logger().error("secret not usable", secret=name, why=why, must_hold=f'{{"{field}": "..."}}')


def _valid(held: Mapping[str, Any] | None, field: str) -> list[str]:
    values = held or {}
    return [*_texts(values.get(field)), *_texts(values.get(f"{field}s"))]


def _texts(value: object) -> list[str]:
    items = value if isinstance(value, list) else [value]
    return [item for item in items if isinstance(item, str) and item]
