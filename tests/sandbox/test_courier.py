"""What becomes of letters that are on their way when everything is forgotten."""

import socket
import threading
from dataclasses import replace

import pytest

from sandbox.cdr import Message
from sandbox.courier import Courier, Letter
from sandbox.ledger import Ledger
from sandbox.settings import Settings

ANSWER = b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"


@pytest.fixture
def ledger() -> Ledger:
    return Ledger()


@pytest.fixture
def courier(ledger: Ledger) -> Courier:
    return Courier(ledger)


def use(courier: Courier, webhook: socket.socket) -> None:
    """Have letters sent to this socket."""
    url = f"http://127.0.0.1:{webhook.getsockname()[1]}/"
    courier.use(replace(Settings(), mcn_webhook_url=url))


def letter_of(ledger: Ledger) -> Letter:
    return Letter(Message("POST", "application/json", "{}"), None, ledger.epoch)


def reset(ledger: Ledger, courier: Courier) -> threading.Thread:
    """Forget everything, beside the test."""
    ledger.reset()
    thread = threading.Thread(target=courier.reset, daemon=True)
    thread.start()
    return thread


def test_a_letter_from_before_a_reset_is_not_sent(ledger: Ledger, courier: Courier) -> None:
    with socket.create_server(("127.0.0.1", 0)) as webhook:
        use(courier, webhook)
        letter = letter_of(ledger)
        reset(ledger, courier).join()
        courier.send_until_taken(letter)
    assert (letter.deliveries, courier.sent()) == ([], [])


def test_a_reset_waits_for_a_letter_that_is_being_sent(ledger: Ledger, courier: Courier) -> None:
    with socket.create_server(("127.0.0.1", 0)) as webhook:
        use(courier, webhook)
        letter = letter_of(ledger)
        courier.schedule(letter, 0)
        connection, _ = webhook.accept()
        with connection:
            connection.recv(65_536)
            forgetting = reset(ledger, courier)
            forgetting.join(0.2)
            assert forgetting.is_alive()
            connection.sendall(ANSWER)
            forgetting.join(5)
            assert not forgetting.is_alive()
    assert [delivery.status for delivery in letter.deliveries] == [200]
    assert courier.sent() == []
