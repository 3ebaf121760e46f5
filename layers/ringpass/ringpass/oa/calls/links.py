"""The link that an agent opens, and how long it is good for: two minutes from the first opening.

An age of less than 120 seconds is good, one of 120 seconds is over. Zalo's guide of its call
feature counts from the moment at which the QR code is opened; here the link and its picture are
one: whichever is opened first begins the two minutes.
"""

import hashlib
import re
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from ringpass.oa.blockers import Blocker
from ringpass.oa.calls.model import Link

OPEN_PERIOD: Final = timedelta(minutes=2)
"""From the first opening on."""

_TOKEN: Final = re.compile(r"[A-Za-z0-9_-]{32}")

_EXPIRED: Final = Blocker(
    "link_expired",
    "The link was opened two minutes ago or earlier: make a new call, and scan its code at once.",
)
_NEVER_OPENED: Final = Blocker(
    "link_too_old",
    "Nobody opened the link while Zalo kept it: make a new call.",
)


class LinkState(StrEnum):
    """What a link is good for."""

    UNOPENED = "unopened"
    OPEN = "open"
    ENDED = "ended"


def is_token(text: str) -> bool:
    """Whether this can be a link's token at all."""
    return _TOKEN.fullmatch(text) is not None


def token_digest(token: str) -> str:
    """What the table knows a link by: who reads it cannot open the link."""
    return hashlib.sha256(token.encode()).hexdigest()


def ends_at(link: Link) -> datetime:
    """The instant from which on it is no good."""
    if link.opened_at is None:
        return link.ends_at
    return min(link.opened_at + OPEN_PERIOD, link.ends_at)


def state_at(link: Link, now: datetime) -> LinkState:
    """What it is good for now."""
    if now >= ends_at(link):
        return LinkState.ENDED
    return LinkState.UNOPENED if link.opened_at is None else LinkState.OPEN


def list_blockers(link: Link, now: datetime) -> list[Blocker]:
    """Why it is no good any more; nothing: it is."""
    if now < ends_at(link):
        return []
    return [_NEVER_OPENED if link.opened_at is None else _EXPIRED]
