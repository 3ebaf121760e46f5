"""The reasons why an OA cannot call a customer now."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Blocker:
    """One reason: a check that failed.

    Attributes:
        code: Our code, such as ``outside_hours``; docs/oa-calls.md lists all of them.
        detail: A sentence that an agent can act on. Holds no phone, no token and no link.
    """

    code: str
    detail: str
