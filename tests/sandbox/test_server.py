"""HTTP itself, and many requests at once."""

import http.client
import json
import socket
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import urlsplit

import httpx
import pytest

from tests.plain_http import NO_AUTHORITIES
from tests.sandbox.driver import PATHS, PROVIDERS, Driver, Webhook, wait_until

PHONE = "+84389801371"


def _send(driver: Driver, text: bytes) -> bytes:
    parts = urlsplit(driver.url)
    with socket.create_connection((parts.hostname, parts.port), timeout=5) as connection:
        connection.sendall(text)
        connection.shutdown(socket.SHUT_WR)
        answer = b""
        while piece := connection.recv(65_536):
            answer += piece
        return answer


def test_40_at_once_are_counted_exactly(driver: Driver, cdr_webhook: Webhook) -> None:
    def order(number: int) -> dict[str, str]:
        phone = f"+843898{number:03}00"
        with httpx.Client(trust_env=False, verify=NO_AUTHORITIES, timeout=10) as client:
            answer = Driver(driver.url, client).order("mcn", phone, f"{number:04}")
        reply: dict[str, str] = answer.json()
        return reply

    with ThreadPoolExecutor(40) as pool:
        replies = list(pool.map(order, range(40)))
    items = driver.requests(provider="mcn")
    assert len(items) == 40
    assert {one["reference"] for one in items} == {one["verification_uuid"] for one in replies}
    assert [driver.code(f"+843898{n:03}00") for n in range(40)] == [f"{n:04}" for n in range(40)]
    callbacks = cdr_webhook.wait_for(40)
    assert {json.loads(one.body)[0]["verification_call_uuid"] for one in callbacks} == {
        one["reference"] for one in items
    }
    wait_until(lambda: [one["statuses"] for one in driver.cdrs()] == [[200]] * 40)


def test_40_at_once_to_one_phone(driver: Driver) -> None:
    with ThreadPoolExecutor(40) as pool:
        answers = list(pool.map(lambda n: driver.order(PROVIDERS[n % 3], PHONE), range(40)))
    assert {answer.status_code for answer in answers} == {200}
    assert len(driver.requests(phone=PHONE)) == 40


def test_a_connection_is_kept(driver: Driver) -> None:
    parts = urlsplit(driver.url)
    connection = http.client.HTTPConnection(str(parts.hostname), parts.port, timeout=5)
    try:
        connection.connect()
        first = connection.sock
        for provider in ("bizfly", "mcn", "caresoft"):
            # One that is refused leaves the connection as good as one that is taken.
            connection.request("POST", PATHS[provider], body=b"{}" * 1000)
            assert connection.getresponse().read()
            connection.request("GET", "/_sandbox/health")
            assert json.loads(connection.getresponse().read()) == {"status": "ok"}
        assert connection.sock is first
    finally:
        connection.close()


def test_a_body_in_chunks(driver: Driver) -> None:
    pieces = json.dumps(driver.body("mcn", PHONE)).encode()
    answer = driver.http.post(
        driver.url + PATHS["mcn"],
        content=iter([pieces[:10], pieces[10:]]),
        headers={"Authorization": "Bearer sandbox-mcn-token", "Content-Type": "application/json"},
    )
    assert answer.request.headers["transfer-encoding"] == "chunked"
    assert answer.json()["ok"] is True


@pytest.mark.parametrize(
    ("head", "status"),
    [
        (b"Content-Length: x", 400),
        (b"Content-Length: -1", 400),
        (b"Content-Length: 10", 400),
        (b"Content-Length: 99999999999", 413),
        (b"Transfer-Encoding: gzip", 501),
        (b"Transfer-Encoding: chunked", 400),
    ],
)
def test_a_body_that_cannot_be_read(driver: Driver, head: bytes, status: int) -> None:
    path = PATHS["mcn"].encode()
    answer = _send(driver, b"POST " + path + b" HTTP/1.1\r\nHost: x\r\n" + head + b"\r\n\r\nx")
    assert answer.startswith(b"HTTP/1.1 %d " % status)
    assert b"Connection: close" in answer
    assert driver.requests() == []


def test_head_has_no_body(driver: Driver) -> None:
    answer = _send(
        driver, b"HEAD /_sandbox/health HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
    )
    assert answer.endswith(b"\r\n\r\n")
