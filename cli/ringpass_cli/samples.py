"""A sample event of each type."""

import secrets
from collections.abc import Mapping
from datetime import datetime
from functools import cache
from importlib.resources import files
from typing import Any

import yaml

from ringpass_cli.errors import usage
from ringpass_cli.times import to_text

_ALPHABET = "abcdefghijklmnopqrstuvwxyz234567"


def event_types() -> list[str]:
    """Types of events."""
    return list(_samples())


def check_type(event_type: str) -> None:
    """Refuse a type that is none.

    Raises:
        CliError: there is no such type.
    """
    if event_type not in _samples():
        raise usage(
            f"There is no event type {event_type!r}", f"Types are {', '.join(event_types())}."
        )


def sample_event(event_type: str, now: datetime) -> dict[str, Any]:
    """An event of this type, with an id of its own, that looks like a real one."""
    data = _samples()[event_type]
    return {
        "id": "evt_" + "".join(secrets.choice(_ALPHABET) for _ in range(32)),
        "type": event_type,
        "timestamp": to_text(now),
        "sequence": 1,
        "subject": data.get("id") or data["name"],
        "test": True,
        "data": data,
    }


@cache
def _samples() -> Mapping[str, dict[str, Any]]:
    path = files("ringpass_cli").joinpath("samples.yaml")
    events: dict[str, dict[str, Any]] = yaml.safe_load(path.read_text(encoding="utf-8"))["events"]
    return events
