"""Secrets from Secrets Manager, cached for five minutes, fetched anew on demand."""

import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from aws_lambda_powertools.utilities.parameters import SecretsProvider
from aws_lambda_powertools.utilities.parameters.exceptions import GetParameterError

from ringpass.errors import Unavailable

CACHE_SECONDS: Final = 300
# How often a wrong token may make us fetch the valid ones: anybody can send a wrong token.
_LOOK_AGAIN_SECONDS: Final = 30.0


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
    """

    provider: SecretsProvider
    arn_of: Callable[[str], str]
    _looked: dict[str, float] = field(default_factory=dict, repr=False)

    def values(self, name: str, field: str, *, refresh: bool = False) -> list[Secret]:
        """All valid values of ``field`` (and of its plural) in the secret called ``name``.

        Raises:
            Unavailable: The secret cannot be read, or holds no such field.
        """
        held = self._fetch(name, refresh=refresh)
        texts = [*_texts(held.get(field)), *_texts(held.get(f"{field}s"))]
        if not texts:
            raise Unavailable(f"The secret '{name}' holds no '{field}'.")
        return [Secret(text) for text in texts]

    def look_again(self, name: str, field: str) -> list[Secret]:
        """All valid values, fetched anew if that was not done just now.

        Raises:
            Unavailable: The secret cannot be read, or holds no such field.
        """
        now = time.monotonic()
        refresh = now - self._looked.get(name, -_LOOK_AGAIN_SECONDS) >= _LOOK_AGAIN_SECONDS
        if refresh:
            self._looked[name] = now
        return self.values(name, field, refresh=refresh)

    def value(self, name: str, field: str, *, refresh: bool = False) -> Secret:
        """The first valid value of ``field``."""
        return self.values(name, field, refresh=refresh)[0]

    def _fetch(self, name: str, *, refresh: bool) -> Mapping[str, Any]:
        try:
            text: Any = self.provider.get(
                self.arn_of(name), max_age=CACHE_SECONDS, force_fetch=refresh
            )
        except GetParameterError as error:
            raise Unavailable(f"The secret '{name}' cannot be read.") from error
        try:
            held = json.loads(text or "")
        except ValueError:
            held = None
        if not isinstance(held, dict):
            raise Unavailable(f"The secret '{name}' is not a JSON object.")
        return held


def _texts(value: object) -> list[str]:
    items = value if isinstance(value, list) else [value]
    return [item for item in items if isinstance(item, str) and item]
