"""What keeps an OA from calling a customer now: each reason by itself."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Blocker:
    """A check that does not hold.

    Attributes:
        code: Ours, such as ``outside_hours``; docs/oa-calls.md has them all.
        detail: A sentence that an agent can act on. Holds no phone, no token and no link.
    """

    code: str
    detail: str
