"""DynamoDB, Secrets Manager and the providers on loopback, answering at once and counting."""

import json
import socketserver
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from typing import Any

from local.seeding import EVENTS_TOKEN
from tests.load.instant_table import ConditionRefused, InstantTable

LAST = "/last"
"""Path under which what was asked since the last time can be had, to ask the same again."""
_SECRET = json.dumps({"key": "k" * 64, "api_key": "bench", "token": EVENTS_TOKEN})
_REFERENCE = "verification_uuid"


class Instant:
    """The server's state. Only one function is at work at a time, so nothing is locked."""

    def __init__(self) -> None:
        self.table = InstantTable()
        self.counted: Counter[str] = Counter()
        self.references: list[str] = []
        """Of the Password Calls placed, oldest first."""
        self.url = ""
        self._asked: list[dict[str, Any]] = []
        self._numbers = count(1)

    def answer(
        self, path: str, headers: dict[str, str], body: dict[str, Any]
    ) -> tuple[int, dict[str, Any] | list[Any]]:
        """Status and body of the answer to one request."""
        if path == LAST:
            asked, self._asked = self._asked, []
            return 200, asked
        service, _, operation = headers.get("x-amz-target", "").partition(".")
        if service.startswith("DynamoDB"):
            self.counted["dynamodb"] += 1
            self._asked.append({"operation": operation, "body": body})
            try:
                return 200, self.table.answer(operation, body)
            except ConditionRefused as refused:
                return 400, _refusal(operation, refused)
        if service == "secretsmanager":
            self.counted["secrets"] += 1
            return 200, {"ARN": body["SecretId"], "Name": "bench", "SecretString": _SECRET}
        self.counted["provider"] += 1
        kept = {name: headers[name] for name in ("authorization", "content-type", "accept")}
        self._asked.append({"path": path, "headers": kept, "body": body})
        return 200, self._provider(path)

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


def _refusal(operation: str, refused: ConditionRefused) -> dict[str, Any]:
    """DynamoDB's error for a condition that does not hold."""
    kind = "ConditionalCheckFailed"
    if operation == "TransactWriteItems":
        reasons = [
            {"Code": "None"} if found is None else {"Code": kind, "Item": found}
            for found in refused.found
        ]
        told: dict[str, Any] = {"CancellationReasons": reasons}
        kind = "TransactionCanceled"
    else:
        told = {"Item": refused.found[0]}
    return {"__type": f"com.amazonaws.dynamodb.v20120810#{kind}Exception", "message": kind, **told}


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
                status, told = state.answer(path, headers, json.loads(body or "{}"))
                content = json.dumps(told).encode()
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
