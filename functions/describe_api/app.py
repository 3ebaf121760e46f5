"""Describes the API to programs: ``GET /v1/openapi.json``."""

import hashlib
from functools import cache
from pathlib import Path

import ringpass
from ringpass.api import Api, Request, Response

api = Api()
CACHE = "public, max-age=300"


@cache
def document() -> tuple[str, str]:
    """The document as JSON, and its ETag."""
    text = Path(ringpass.__file__).with_name("openapi.json").read_text(encoding="utf-8")
    return text, f'"{hashlib.sha256(text.encode()).hexdigest()[:32]}"'


@api.route("GET /v1/openapi.json")
def describe_api(request: Request) -> Response:
    """This document: the API in OpenAPI 3.1."""
    text, etag = document()
    headers = {"Cache-Control": CACHE, "ETag": etag}
    if etag in request.headers.get("if-none-match", ""):
        return Response({}, 304, headers, text="")
    return Response({}, 200, headers, text=text)


handler = api.handle
