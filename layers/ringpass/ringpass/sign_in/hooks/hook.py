"""What Ringpass knows of a sign-in server's hook."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from ringpass.errors import ApiError, InvalidJson, ValidationFailed
from ringpass.http.router import Request, Response
from ringpass.redaction import Secret

SUCCESS: Final = Response({})


def problem(error: ApiError) -> Response:
    """Refuse with the problem document of every other route."""
    raise error


@dataclass(frozen=True, slots=True, kw_only=True)
class Hook:
    """A sign-in server's hook.

    Attributes:
        server: Its name, the last part of the route.
        fields: ``phone`` and ``code``: where they are in the body. The first place that holds a
            text counts: ``("sms.phone", "user.phone")``.
        is_authentic: Whether a secret has signed a request, or came with it, at this time.
        refusal: Makes the response to an error, in the form that the server reads.
    """

    server: str
    fields: Mapping[str, Sequence[str]]
    is_authentic: Callable[[Request, Secret, datetime], bool]
    refusal: Callable[[ApiError], Response] = problem

    def read(self, body: bytes) -> tuple[str, str]:
        """Read a body; returns the number as E.164, and the code.

        Raises:
            InvalidJson: The body is not a JSON object.
            ValidationFailed: Names the places of a field that is missing.
        """
        try:
            document = json.loads(body)
        except (ValueError, RecursionError):
            document = None
        if not isinstance(document, dict):
            raise InvalidJson("The body is not a JSON object.")
        texts = {field: _first(document, places) for field, places in self.fields.items()}
        missing = [field for field, text in texts.items() if text is None]
        if missing:
            raise ValidationFailed(
                "The body lacks a phone number or a code.",
                errors=[
                    {"loc": [field], "type": "missing", "msg": " or ".join(self.fields[field])}
                    for field in missing
                ],
            )
        # Supabase and Logto keep numbers without the plus; national ones are in no hook.
        return f"+{str(texts['phone']).removeprefix('+')}", str(texts["code"])


def _first(document: Mapping[str, Any], places: Sequence[str]) -> str | None:
    texts = (_at(document, place) for place in places)
    return next((text for text in texts if isinstance(text, str) and text), None)


def _at(document: Mapping[str, Any], place: str) -> object:
    node: object = document
    for name in place.split("."):
        node = node.get(name) if isinstance(node, dict) else None
    return node
