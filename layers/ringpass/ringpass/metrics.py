"""Embedded metrics: the log lines that CloudWatch counts, without a request and without a filter.

A line in CloudWatch's embedded metric format names its metrics in a member ``_aws``, and CloudWatch
takes them out of the log: namespace ``Ringpass/<stack>``. docs/operations.md explains each metric.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final


@dataclass(frozen=True, slots=True)
class Metric:
    """A metric that a log line carries.

    Attributes:
        name: The metric's name.
        message: The line's text.
        dimensions: Dimension -> the line's field that holds its value.
        only: Field -> the value that it must have.
        never: Field -> values that it must not have.
        value: The field that holds the number; without one, the line counts as 1.
    """

    name: str
    message: str
    dimensions: Mapping[str, str] = field(default_factory=dict)
    only: Mapping[str, object] = field(default_factory=dict)
    never: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    value: str | None = None

    def is_in(self, line: Mapping[str, Any]) -> bool:
        """Whether the line carries the metric."""
        return (
            all(line.get(name) == value for name, value in self.only.items())
            and not any(line.get(name) in values for name, values in self.never.items())
            and all(isinstance(line.get(name), str) for name in self.dimensions.values())
        )


_OUTCOME: Final = {"Outcome": "outcome"}

METRICS: Final = (
    # A test number is no send.
    Metric("Sends", "provider asked", {"Provider": "provider"} | _OUTCOME, only={"test": False}),
    Metric("BillingRefusals", "provider asked", only={"test": False, "reason": "billing"}),
    Metric("BillingRefusals", "cdr", only={"outcome": "billing_failed"}),
    Metric("Suspensions", "provider suspended"),
    Metric("SuspendedSends", "refused", only={"code": "provider_suspended"}),
    Metric("UnrecordedReplies", "reply not recorded"),
    Metric("LostFunctions", "function ended before the reply"),
    Metric("Cdrs", "cdr", _OUTCOME),
    Metric("CallResults", "call result", _OUTCOME),
    Metric("TicketEvents", "ticket event", _OUTCOME),
    Metric("ZaloEvents", "zalo event"),
    Metric("UnreadableCdrs", "webhook delivery without a call"),
    Metric("RefusedWebhooks", "refused", only={"code": "unauthorized"}),
    # A CDR of another account is none of ours.
    Metric(
        "OrphanCdrs",
        "cdr joined to no delivery",
        never={"why": ("other_account", "other_sender")},
    ),
    Metric("LogOnlyResults", "call result from the log", only={"only": True}),
    Metric("UnreadCallLogs", "call log not read"),
    Metric("Overdue", "overdue", value="found"),
    Metric("DisabledWebhookEndpoints", "webhook endpoint disabled"),
    Metric("ZaloRotations", "zalo tokens rotated"),
    Metric("ZaloRefreshesLost", "zalo refresh lost"),
    Metric("ZaloTokensEnding", "zalo refresh token ends soon"),
)


def embedded(line: Mapping[str, Any], stack: str, at: int) -> dict[str, Any]:
    """The members that make CloudWatch count a log line; none if nothing counts it.

    Args:
        line: The line's fields.
        stack: Name of the stack.
        at: When it was written, in milliseconds since 1970.
    """
    metrics = tuple(_carried_by(line))
    if not metrics:
        return {}
    members: dict[str, Any] = {
        "_aws": {
            "Timestamp": at,
            "CloudWatchMetrics": [
                {
                    "Namespace": f"Ringpass/{stack}",
                    "Dimensions": [list(metric.dimensions)],
                    "Metrics": [{"Name": metric.name, "Unit": "Count"}],
                }
                for metric in metrics
            ],
        }
    }
    for metric in metrics:
        members[metric.name] = line[metric.value] if metric.value else 1
        members |= {name: line[of] for name, of in metric.dimensions.items()}
    return members


def _carried_by(line: Mapping[str, Any]) -> Iterator[Metric]:
    return (metric for metric in _BY_MESSAGE.get(str(line["message"]), ()) if metric.is_in(line))


_BY_MESSAGE: Final = {
    message: tuple(metric for metric in METRICS if metric.message == message)
    for message in {metric.message for metric in METRICS}
}
