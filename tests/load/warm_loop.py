"""Times warm requests of a sender, and beside each its bare requests, in one process.

``python -I -B warm_loop.py <fd of the result> <folder>:<folder>...``; the first line of standard
input is ``{"url", "event", "rounds", "requests"}``. The bare requests are what the sender asked for
a moment ago, with the same bodies: boto3 for DynamoDB, httpx with a connection of its own for the
provider.
"""

import base64
import importlib
import json
import os
import re
import secrets
import sys
import time
import urllib.request
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

WARM_UP = 20
_DELIVERY_ID = re.compile(r"dlv_[a-z2-7]{32}")


def main() -> None:
    result, folders = int(sys.argv[1]), sys.argv[2]
    sys.path[:0] = folders.split(os.pathsep)
    payload = json.loads(sys.stdin.readline())
    handler = importlib.import_module("app").handler
    context = SimpleNamespace(
        aws_request_id="00000000-0000-4000-8000-000000000000",
        function_name="bench",
        function_version="$LATEST",
        invoked_function_arn="arn:aws:lambda:us-east-1:000000000000:function:bench",
        memory_limit_in_mb="1024",
    )

    def send(key: str) -> float:
        headers = payload["event"]["headers"] | {"idempotency-key": key}
        event = payload["event"] | {"headers": headers}
        started = time.perf_counter()
        answer = handler(event, context)
        elapsed = time.perf_counter() - started
        if answer["statusCode"] != 202:
            sys.exit(f"the sender answers {answer}")
        return elapsed

    for number in range(WARM_UP):
        send(f"warm-up {number}")
    _asked_since(payload["url"])
    send("to be repeated")
    bare = _Bare(payload["url"], _asked_since(payload["url"]))
    if bare.requests != payload["requests"]:
        sys.exit(f"the sender made {bare.requests} requests")
    for _ in range(WARM_UP):
        bare.repeat()
    pairs = []
    for number in range(payload["rounds"]):
        # Each goes first as often as the other.
        if number % 2:
            ours = send(f"warm {number}")
            pairs.append((ours, bare.repeat()))
        else:
            theirs = bare.repeat()
            pairs.append((send(f"warm {number}"), theirs))
    os.write(result, json.dumps(pairs).encode() + b"\n")


def _asked_since(url: str) -> Any:  # noqa: ANN401 - JSON
    with urllib.request.urlopen(f"{url}/last") as answer:  # noqa: S310 - our own server
        return json.load(answer)


class _Bare:
    """A sender's requests without the sender: those of one delivery, each time with a new id."""

    def __init__(self, url: str, requests: list[dict[str, Any]]) -> None:
        import boto3
        import httpx
        from botocore import xform_name

        self._table: Any = boto3.client("dynamodb")
        self._method_of = xform_name
        # As the sender's: each request over a connection of its own.
        limits = httpx.Limits(max_keepalive_connections=0)
        self._http = httpx.Client(base_url=url, trust_env=False, timeout=10, limits=limits)
        self._requests_json = json.dumps(requests)
        self._ids = sorted(set(_DELIVERY_ID.findall(self._requests_json)))
        self.requests = len(requests)

    def repeat(self) -> float:
        """Seconds that all of them took, one after the other."""
        calls = self._calls()
        started = time.perf_counter()
        for call in calls:
            call()
        return time.perf_counter() - started

    def _calls(self) -> list[Callable[[], object]]:
        text = self._requests_json
        for delivery_id in self._ids:
            other = base64.b32encode(secrets.token_bytes(20)).decode().lower()
            text = text.replace(delivery_id, f"dlv_{other}")
        return [
            self._by_boto3(one) if "operation" in one else self._by_httpx(one)
            for one in json.loads(text)
        ]

    def _by_boto3(self, one: dict[str, Any]) -> Callable[[], object]:
        method = getattr(self._table, self._method_of(one["operation"]))
        return lambda: method(**one["body"])

    def _by_httpx(self, one: dict[str, Any]) -> Callable[[], object]:
        content = json.dumps(one["body"]).encode()
        return lambda: self._http.post(one["path"], headers=one["headers"], content=content)


main()
