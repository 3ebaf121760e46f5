"""Names of time zones."""

import zoneinfo
from importlib.resources import files

import pytest

from ringpass.http.time_zones import read_time_zone


@pytest.mark.parametrize("name", ["Asia/Ho_Chi_Minh", "Europe/Moscow", "UTC", "Etc/GMT-7"])
def test_a_time_zone(name: str) -> None:
    assert read_time_zone(name).key == name


@pytest.mark.parametrize(
    "name", ["Asia", "Asia/Saigon2", "../etc/passwd", "/etc/localtime", "", "\0", "a" * 5_000]
)
def test_no_time_zone(name: str) -> None:
    with pytest.raises(ValueError, match="zone"):
        read_time_zone(name)


def test_zones_are_in_a_package_not_only_on_this_machine() -> None:
    """The image of the runtime need not have any."""
    assert files("tzdata").joinpath("zoneinfo/Asia/Ho_Chi_Minh").is_file()
    assert "Asia/Ho_Chi_Minh" in zoneinfo.available_timezones()
