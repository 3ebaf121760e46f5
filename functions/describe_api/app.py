"""Serves the documents of the API and of its events, and proves the domain to Zalo."""

import hashlib
from functools import cache
from pathlib import Path

import ringpass
from ringpass.http.router import Api, Request, Response
from ringpass.providers.zalo.verification_page import HEADERS, verification_page
from ringpass.wiring import stack

api = Api()
CACHE = "public, max-age=300"


@cache
def document(name: str) -> tuple[str, str]:
    """Returns a document as JSON, and its ETag."""
    text = Path(ringpass.__file__).with_name(name).read_text(encoding="utf-8")
    return text, f'"{hashlib.sha256(text.encode()).hexdigest()[:32]}"'


def serve(name: str, request: Request) -> Response:
    """Returns a document, or 304 to a client that has it."""
    text, etag = document(name)
    headers = {"Cache-Control": CACHE, "ETag": etag}
    if etag in request.headers.get("if-none-match", ""):
        return Response({}, 304, headers, text="")
    return Response({}, 200, headers, text=text)


@api.route("GET /v1/openapi.json")
def describe_api(request: Request) -> Response:
    """This document: the API in OpenAPI 3.1."""
    return serve("openapi.json", request)


@api.route("GET /v1/asyncapi.json")
def describe_events(request: Request) -> Response:
    """The events in AsyncAPI 3.0: as webhooks, and on the event bus."""
    return serve("asyncapi.json", request)


@api.route("GET /")
def prove_domain(_request: Request) -> Response:
    """The first page: Zalo's meta tag, by which Zalo knows whose the domain is."""
    page = verification_page(stack.settings().zalo_verification)
    return Response({}, 200, HEADERS, text=page)


handler = api.handle
