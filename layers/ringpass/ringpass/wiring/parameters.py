"""Reads the stack's parameters that are JSON."""

from collections.abc import Callable, Mapping
from functools import cache

from ringpass.costs import Prices
from ringpass.errors import Unavailable
from ringpass.observability import logger
from ringpass.outcomes import Status
from ringpass.providers.bizfly.webhook import states_from_json
from ringpass.wiring import stack


@cache
def prices() -> Prices:
    """What sends cost.

    Raises:
        Unavailable: The parameter cannot be read: nothing is sent for a price that nobody knows.
    """
    return _read("Prices", Prices.from_json, stack.settings().prices)


@cache
def bizfly_call_states() -> Mapping[str, Status]:
    """What Bizfly's words for the end of a call mean, beside those that are known.

    Raises:
        Unavailable: The parameter cannot be read.
    """
    return _read("BizflyCallStates", states_from_json, stack.settings().bizfly_call_states)


def _read[T](parameter: str, read: Callable[[str], T], text: str) -> T:
    """A parameter of the stack that is JSON; the log says what to mend if it cannot be read."""
    try:
        return read(text)
    except ValueError as error:
        fix = "docs/settings.md shows its form: mend it in samconfig.toml and deploy again"
        logger().error("parameter not readable", parameter=parameter, why=str(error), fix=fix)
        raise Unavailable(f"The stack's parameter {parameter} cannot be read.") from error
