"""The transport against a real server on loopback that misbehaves in every way there is."""

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

import pytest

from ringpass.providers.base import HttpRequest, HttpResponse, NoResponse
from ringpass.providers.http_client import Transport

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}"


@contextmanager
def server(behave: Callable[[socket.socket], None]) -> Iterator[tuple[str, list[bytes]]]:
    """A server that reads one whole request a connection, then behaves as told."""
    listener = socket.create_server(("127.0.0.1", 0))
    requests: list[bytes] = []

    def serve() -> None:
        with suppress(OSError):
            while True:
                connection, _ = listener.accept()
                with connection, suppress(OSError):
                    request = b""
                    while not request.endswith(b'{"a":1}'):
                        request += connection.recv(65_536)
                    requests.append(request)
                    behave(connection)

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}/x", requests
    finally:
        # Closing alone does not wake an accept that is waiting.
        with suppress(OSError):
            listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        thread.join(5)


def ask(url: str, timeout: float = 5.0) -> HttpResponse | NoResponse:
    return Transport(timeout).send(HttpRequest(url, {"X-Secret": "s"}, b'{"a":1}'))


def test_a_request_by_another_method() -> None:
    with server(lambda connection: connection.sendall(OK)) as (url, requests):
        Transport(5.0).send(HttpRequest(url, {}, b'{"a":1}', method="PUT"))
    assert requests[0].startswith(b"PUT /x HTTP/1.1")


def test_an_answer() -> None:
    with server(lambda connection: connection.sendall(OK)) as (url, requests):
        assert ask(url) == HttpResponse(200, b"{}")
    [request] = requests
    assert request.startswith(b"POST /x HTTP/1.1\r\n")
    assert b"X-Secret: s" in request


def test_a_connection_cut_after_the_request_was_read() -> None:
    with server(lambda _: None) as (url, requests):
        assert ask(url) == NoResponse("connection_cut")
    assert len(requests) == 1


def test_a_connection_cut_within_the_answer() -> None:
    with server(lambda c: c.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{}")) as (
        url,
        requests,
    ):
        assert ask(url) == NoResponse("connection_cut")
    assert len(requests) == 1


def test_what_is_not_http() -> None:
    with server(lambda connection: connection.sendall(b"hello\r\n\r\n")) as (url, requests):
        assert ask(url) == NoResponse("connection_cut")
    assert len(requests) == 1


@pytest.mark.slow
def test_no_answer_in_time() -> None:
    with server(lambda _: time.sleep(1)) as (url, requests):
        assert ask(url, timeout=0.3) == NoResponse("timeout")
    assert len(requests) == 1


@pytest.mark.slow
@pytest.mark.parametrize("start", [b"", b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n"])
def test_an_answer_that_drips_is_bounded_as_a_whole(start: bytes) -> None:
    def drip(connection: socket.socket) -> None:
        connection.sendall(start)
        for _ in range(30):
            connection.sendall(b"H")
            time.sleep(0.1)

    with server(drip) as (url, requests):
        began = time.monotonic()
        assert ask(url, timeout=0.5) == NoResponse("timeout")
        assert time.monotonic() - began < 2
    assert len(requests) == 1


def test_a_connection_that_cannot_be_made_was_not_sent() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        url = f"http://127.0.0.1:{listener.getsockname()[1]}"
    assert ask(url) == NoResponse("connect_failed", sent=False)


def test_a_redirect_is_not_followed() -> None:
    answer = b"HTTP/1.1 302 Found\r\nLocation: /y\r\nContent-Length: 0\r\n\r\n"
    with server(lambda connection: connection.sendall(answer)) as (url, requests):
        assert ask(url) == HttpResponse(302, b"")
    assert len(requests) == 1


def test_an_endless_answer_is_cut() -> None:
    def endless(connection: socket.socket) -> None:
        connection.sendall(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
        chunk = b"2000\r\n" + b"x" * 0x2000 + b"\r\n"
        while True:
            connection.sendall(chunk)

    with server(endless) as (url, _):
        answer = ask(url)
    assert isinstance(answer, HttpResponse)
    assert len(answer.body) == 65_536


def test_each_request_has_a_connection_of_its_own() -> None:
    with server(lambda connection: connection.sendall(OK)) as (url, requests):
        transport = Transport(5)
        request = HttpRequest(url, {}, b'{"a":1}')
        assert transport.send(request) == transport.send(request) == HttpResponse(200, b"{}")
    # The server closes each connection after one request: had it been reused, this would be cut.
    assert len(requests) == 2


@pytest.mark.slow
def test_it_goes_on_after_a_time_out() -> None:
    with server(lambda _: time.sleep(1)) as (url, _):
        transport = Transport(0.2)
        assert transport.send(HttpRequest(url, {}, b'{"a":1}')) == NoResponse("timeout")
    with server(lambda connection: connection.sendall(OK)) as (url, _):
        assert transport.send(HttpRequest(url, {}, b'{"a":1}')) == HttpResponse(200, b"{}")


def test_the_environment_s_proxies_are_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    with server(lambda connection: connection.sendall(OK)) as (url, _):
        assert ask(url) == HttpResponse(200, b"{}")
