"""Simulated receipts: what a provider would report of a delivery to a test number.

The outbox queues them as tasks, and the worker stores them as a webhook stores real ones.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from ringpass.outcomes import Status
from ringpass.providers.bizfly.facts import BIZFLY
from ringpass.providers.mcn.facts import MCN
from ringpass.providers.mcn.q931 import outcome_of
from ringpass.providers.simulator.outcomes import outcome_for, reference_of
from ringpass.providers.voice_gateway.facts import VOICE_GATEWAY
from ringpass.providers.zalo.facts import ZALO


@dataclass(frozen=True, slots=True)
class SimulatedReceipt:
    """A receipt that is to come, once or more often.

    Attributes:
        task: The type of the task that stores it: ``play_cdr``.
        payload: Its content.
        times: How often it comes.
    """

    task: str
    payload: Mapping[str, str]
    times: int


def receipt_for(
    provider: str, delivery_id: str, phone: str, callee_key: str
) -> SimulatedReceipt | None:
    """Returns the receipt that a test number asks for; None if none comes.

    Args:
        provider: The provider of the delivery.
        delivery_id: The delivery.
        phone: The test number, E.164.
        callee_key: Its look-up key.
    """
    end = outcome_for(phone).call
    if end is None:
        return None
    ref = reference_of(delivery_id)
    outcome, reason = outcome_of(end.q931_status, end.final_status)
    if outcome is Status.BILLING_FAILED:
        outcome = Status.FAILED  # Whose account failed is a word of MCN's.
    payloads = {
        MCN.name: (
            "play_cdr",
            {
                "callee_key": callee_key,
                "ref": ref,
                "final_status": end.final_status,
                "q931_status": str(end.q931_status),
            },
        ),
        BIZFLY.name: (
            "play_result",
            {"callee_key": callee_key, "delivery_id": delivery_id, "state": end.state},
        ),
        ZALO.name: ("play_arrival", {"ref": ref, "delivery_id": delivery_id}),
        VOICE_GATEWAY.name: (
            "play_call",
            {"ref": ref, "delivery_id": delivery_id, "outcome": str(outcome), "reason": reason},
        ),
    }
    if provider not in payloads:
        return None
    task, payload = payloads[provider]
    return SimulatedReceipt(task, payload, end.times)
