"""Warm requests of a sender, against its own bare requests in the same process."""

from statistics import median

from tests.load.functions import Runtime, environment, event
from tests.load.instant import Instant
from tests.load.process import running


def measure(
    runtime: Runtime, aws: Instant, sender: str, rounds: int, requests: int
) -> list[tuple[float, float]]:
    """Milliseconds of a sender's request, and of its ``requests`` made without it, each round."""
    env = environment(sender, aws.url)
    payload = {"url": aws.url, "event": event(sender), "rounds": rounds, "requests": requests}
    with running(runtime.python, runtime.folders(sender), env, "warm_loop.py") as process:
        pairs = process.ask(payload)
    return [(ours * 1000, bare * 1000) for ours, bare in pairs]


def ratio(pairs: list[tuple[float, float]]) -> float:
    """The median over all pairs."""
    return median(ours / bare for ours, bare in pairs)
