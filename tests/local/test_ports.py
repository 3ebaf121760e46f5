"""Ports: free ones are found, taken ones are told."""

import socket
from collections.abc import Iterator

import pytest

from local.failures import LocalStackError
from local.ports import LOOPBACK, chosen_port, free_port, is_free


@pytest.fixture
def busy_port() -> Iterator[int]:
    with socket.create_server((LOOPBACK, 0)) as server:
        yield server.getsockname()[1]


def test_a_free_port_can_be_listened_on() -> None:
    port = free_port()
    assert is_free(port)
    socket.create_server((LOOPBACK, port)).close()


def test_a_port_that_a_server_listens_on_is_not_free(busy_port: int) -> None:
    assert not is_free(busy_port)


def test_a_chosen_port_that_is_free_is_used() -> None:
    port = free_port()
    assert chosen_port(str(port)) == port


def test_a_chosen_port_that_is_taken_is_told_in_one_line(busy_port: int) -> None:
    with pytest.raises(LocalStackError) as error:
        chosen_port(str(busy_port))
    assert "\n" not in str(error.value)
    assert f"port {busy_port} is taken" in str(error.value)
    assert "RINGPASS_PORT" in str(error.value)


@pytest.mark.parametrize("text", ["http", "0", "-1", "65536", "80x", "80", "1023"])
def test_what_is_no_port_for_us_is_told(text: str) -> None:
    with pytest.raises(LocalStackError, match="use 1024 to 65535"):
        chosen_port(text)
