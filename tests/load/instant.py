"""AWS and the providers on loopback, answering at once and counting.

Reads of a client's settings are counted apart (``settings``), and so are those of its scenarios
(``scenarios``): a function's instance makes one of each a minute at the most, whatever it is asked
for.
"""

import hashlib
import json
import socketserver
import threading
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count
from typing import Any

from local.seeding import EVENTS_TOKEN
from tests.load.capacity import Units
from tests.load.instant_table import ConditionRefused, InstantTable

LAST = "/last"
"""Path under which what was asked since the last time can be had, to ask the same again."""
_SECRET = json.dumps({"key": "k" * 64, "api_key": "bench", "token": EVENTS_TOKEN})
_PEPPERS = json.dumps({"0": "p" * 64})
_REFERENCE = "verification_uuid"
_APART = {"CLI#": "settings", "SCN#": "scenarios"}


@dataclass(frozen=True, slots=True)
class Asked:
    """One request.

    Attributes:
        service: ``dynamodb``, ``settings``, ``scenarios``, ``secrets``, ``queue`` or ``provider``.
        units: What it cost at DynamoDB.
        body: What it said.
    """

    service: str
    units: Units
    body: dict[str, Any]


def tally(requests: Iterable[Asked]) -> Counter[str]:
    """Requests by service, and ``transactions`` among those to DynamoDB."""
    counts: Counter[str] = Counter()
    for each in requests:
        counts[each.service] += 1
        if "TransactItems" in each.body:
            counts["transactions"] += 1
    return counts


class Instant:
    """The server's state. Only one function is at work at a time, so nothing is locked."""

    def __init__(self) -> None:
        self.table = InstantTable()
        self.log: list[Asked] = []
        """Every request since ``take``."""
        self.references: list[str] = []
        """Of the Password Calls placed, oldest first."""
        self.url = ""
        self._provider_log: list[dict[str, Any]] = []
        self._numbers = count(1)

    def take(self) -> list[Asked]:
        """What was asked since the last time."""
        earlier, self.log = self.log, []
        return earlier

    def answer(
        self, path: str, headers: dict[str, str], body: dict[str, Any]
    ) -> tuple[int, dict[str, Any] | list[Any]]:
        """Status and body of the answer to one request."""
        if path == LAST:
            provider_requests, self._provider_log = self._provider_log, []
            return 200, provider_requests
        service, _, operation = headers.get("x-amz-target", "").partition(".")
        if service.startswith("DynamoDB"):
            return self._dynamodb(operation, body)
        if service == "secretsmanager":
            self.log.append(Asked("secrets", Units(), body))
            peppers = body["SecretId"].startswith("CodePeppers")
            text = _PEPPERS if peppers else _SECRET
            return 200, {"ARN": body["SecretId"], "Name": "bench", "SecretString": text}
        if service == "AmazonSQS":
            self.log.append(Asked("queue", Units(), body))
            digest = hashlib.md5(body["MessageBody"].encode(), usedforsecurity=False).hexdigest()
            return 200, {"MessageId": "bench", "MD5OfMessageBody": digest}
        self.log.append(Asked("provider", Units(), body))
        some_headers = {name: headers[name] for name in ("authorization", "content-type", "accept")}
        self._provider_log.append({"path": path, "headers": some_headers, "body": body})
        return 200, self._provider(path)

    def _dynamodb(self, operation: str, body: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        self._provider_log.append({"operation": operation, "body": body})
        self.table.used = Units()
        try:
            return 200, self.table.answer(operation, body)
        except ConditionRefused as refused:
            return 400, _refusal(operation, refused)
        finally:
            self.log.append(Asked(_service(body), self.table.used, body))

    def _provider(self, path: str) -> dict[str, Any]:
        match path.split("/")[1]:
            case "bizfly":
                return {"status": True, "message": "thành công"}
            case "caresoft":
                return {"status": "OK", "ticket": {"ticketId": "297002"}}
            case "mcn":
                self.references.append(f"{next(self._numbers):012x}_117793")
                return {
                    "ok": True,
                    "caller_number": "74951091251",
                    "is_redirect": False,
                    _REFERENCE: self.references[-1],
                }
        raise NotImplementedError(path)


def _service(body: dict[str, Any]) -> str:
    """What a request to DynamoDB is counted as: its first key or a hash key says what it reads."""
    batches = [batch["Keys"][0] for batch in body.get("RequestItems", {}).values()]
    first: dict[str, Any] = body.get("Key") or next(iter(batches), {})
    key = first.get("PK") or body.get("ExpressionAttributeValues", {}).get(":value")
    return _APART.get((key or {}).get("S", "")[:4], "dynamodb")


def _refusal(operation: str, refusal: ConditionRefused) -> dict[str, Any]:
    """DynamoDB's error for a condition that does not hold."""
    kind = "ConditionalCheckFailed"
    if operation == "TransactWriteItems":
        reasons = [
            {"Code": "None"} if item is None else {"Code": kind, "Item": item}
            for item in refusal.items
        ]
        members: dict[str, Any] = {"CancellationReasons": reasons}
        kind = "TransactionCanceled"
    else:
        members = {"Item": refusal.items[0]}
    return {
        "__type": f"com.amazonaws.dynamodb.v20120810#{kind}Exception",
        "message": kind,
        **members,
    }


@contextmanager
def instant() -> Iterator[Instant]:
    """A server for as long as the block runs."""
    state = Instant()

    class Connection(socketserver.StreamRequestHandler):
        disable_nagle_algorithm = True

        def handle(self) -> None:
            while line := self.rfile.readline():
                path = line.split()[1].decode()
                headers: dict[str, str] = {}
                while header := self.rfile.readline().strip():
                    name, _, value = header.decode("latin-1").partition(":")
                    headers[name.lower()] = value.strip()
                body = self.rfile.read(int(headers.get("content-length", "0")))
                status, reply = state.answer(path, headers, json.loads(body or "{}"))
                content = json.dumps(reply).encode()
                self.wfile.write(
                    b"HTTP/1.1 %d .\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n"
                    % (status, len(content))
                    + content
                )

    class Server(socketserver.ThreadingTCPServer):
        daemon_threads = True
        request_queue_size = 64

    with Server(("127.0.0.1", 0), Connection) as server:
        state.url = f"http://127.0.0.1:{server.server_address[1]}"
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            yield state
        finally:
            server.shutdown()
            thread.join()
