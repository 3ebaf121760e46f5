"""Reads the stack's JSON parameters."""

from collections.abc import Callable, Mapping
from functools import cache

from ringpass.costs import Prices
from ringpass.errors import Unavailable
from ringpass.observability import logger
from ringpass.outcomes import Status
from ringpass.providers.bizfly.call_states import states_from_json
from ringpass.wiring import stack


@cache
def prices() -> Prices:
    """Returns the prices of sends.

    Raises:
        Unavailable: The parameter cannot be read: nothing is sent without a known price.
    """
    return _read("Prices", Prices.from_json, stack.settings().prices)


@cache
def bizfly_call_states() -> Mapping[str, Status]:
    """Returns the statuses of further call states of Bizfly.

    Raises:
        Unavailable: The parameter cannot be read.
    """
    return _read("BizflyCallStates", states_from_json, stack.settings().bizfly_call_states)


def _read[T](parameter: str, read: Callable[[str], T], text: str) -> T:
    """Read a JSON parameter of the stack; the log says how to fix it if it cannot be read."""
    try:
        return read(text)
    except ValueError as error:
        fix = "docs/settings.md shows its form: mend it in samconfig.toml and deploy again"
        logger().error("parameter not readable", parameter=parameter, why=str(error), fix=fix)
        raise Unavailable(f"The stack's parameter {parameter} cannot be read.") from error
