"""Secrets from Secrets Manager, cached for five minutes, fetched anew on demand."""

import json
import math
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from botocore.exceptions import BotoCoreError, ClientError

from ringpass.errors import Unavailable

if TYPE_CHECKING:
    from mypy_boto3_secretsmanager import SecretsManagerClient

CACHE_SECONDS: Final = 300
# How often a wrong token may make us fetch the valid ones: anybody can send a wrong token.
_LOOK_AGAIN_SECONDS: Final = 10.0


class Secret:
    """A secret text. It prints as stars; ``reveal`` gives it."""

    __slots__ = ("_text",)

    def __init__(self, text: str) -> None:
        self._text = text

    def reveal(self) -> str:
        """The clear text, for the one place that sends or compares it."""
        return self._text

    def __repr__(self) -> str:
        return "Secret(***)"

    __str__ = __repr__


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
    _held: dict[str, tuple[float, str]] = field(default_factory=dict, repr=False)
    _looked: dict[str, float] = field(default_factory=dict, repr=False)

    def values(self, name: str, field: str, *, refresh: bool = False) -> list[Secret]:
        """All valid values of ``field`` (and of its plural) in the secret called ``name``.

        A field that lacks may have just been put in: for it the secret is fetched anew, if that
        was not done just now.

        Raises:
            Unavailable: The secret cannot be read, or holds no such field.
        """
        found = self._found(name, field, refresh=refresh)
        if not found:
            raise Unavailable(f"The secret '{name}' holds no '{field}'.")
        return found

    def find(self, name: str, field: str) -> Secret | None:
        """The first valid value of ``field``, or None if the secret holds no such field.

        Raises:
            Unavailable: The secret cannot be read.
        """
        return next(iter(self._found(name, field, refresh=False)), None)

    def fields(self, name: str, *, refresh: bool = False) -> Mapping[str, Secret]:
        """All fields of the secret called ``name`` that are texts.

        Raises:
            Unavailable: The secret cannot be read.
        """
        held = self._fetch(name, refresh=refresh)
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

    def _found(self, name: str, field: str, *, refresh: bool) -> list[Secret]:
        held = self._fetch(name, refresh=refresh)
        texts = [*_texts(held.get(field)), *_texts(held.get(f"{field}s"))]
        if not texts and not refresh and self._may_look(name):
            return self._found(name, field, refresh=True)
        return [Secret(text) for text in texts]

    def _may_look(self, name: str) -> bool:
        """Whether a secret that is held may be fetched anew because somebody misses something."""
        now = self.now()
        may = now - self._looked.get(name, -_LOOK_AGAIN_SECONDS) >= _LOOK_AGAIN_SECONDS
        if may:
            self._looked[name] = now
        return may

    def _fetch(self, name: str, *, refresh: bool) -> Mapping[str, Any]:
        try:
            held = json.loads(self._text(name, refresh=refresh))
        except (ClientError, BotoCoreError) as error:
            raise Unavailable(f"The secret '{name}' cannot be read.") from error
        except ValueError:
            held = None
        if not isinstance(held, dict):
            raise Unavailable(f"The secret '{name}' is not a JSON object.")
        return held

    def _text(self, name: str, *, refresh: bool) -> str:
        fetched_at, text = self._held.get(name, (-math.inf, ""))
        now = self.now()
        if refresh or not 0 <= now - fetched_at < CACHE_SECONDS:
            text = self.client.get_secret_value(SecretId=self.arn_of(name)).get("SecretString", "")
            self._held[name] = now, text
        return text


def _texts(value: object) -> list[str]:
    items = value if isinstance(value, list) else [value]
    return [item for item in items if isinstance(item, str) and item]
