"""What a delivery costs, from the operator's table."""

import pytest

from ringpass.costs import Prices
from ringpass.phone import parse_phone
from tests.template import template

# The table that template.yaml gives by default.
DEFAULT = template()["Parameters"]["Prices"]["Default"]


@pytest.mark.parametrize(
    ("phone", "price"), [("+79777777777", "0.35 RUB"), ("+84389801371", "1.50 RUB")]
)
def test_mcn_s_prices_by_destination(phone: str, price: str) -> None:
    cost = Prices.from_json(DEFAULT).estimate("mcn", parse_phone(phone))
    assert cost is not None
    assert (f"{cost.amount} {cost.currency}", cost.kind) == (price, "estimated")


def test_what_is_not_in_the_table_has_no_cost() -> None:
    prices = Prices.from_json('{"mcn": {"RU": "0.35 RUB"}}')
    assert prices.estimate("bizfly", parse_phone("+84389801371")) is None
    assert prices.estimate("mcn", parse_phone("+84389801371")) is None


def test_test_numbers_cost_nothing() -> None:
    assert Prices.from_json(DEFAULT).estimate("mcn", parse_phone("+70000000001")) is None


BROKEN = ["", "x", '{"mcn": {"RU": "0.35"}}', '{"mcn": {"RU": "-1 RUB"}}', '{"a": {"*": "1 rub"}}']


@pytest.mark.parametrize("table", BROKEN)
def test_a_table_that_is_none_is_refused(table: str) -> None:
    with pytest.raises(ValueError, match=r".*"):
        Prices.from_json(table)
