"""What an agent's browser gets who opens a call's link, or its QR code.

Zalo's link leaves in the redirection only, which nobody may keep or name as where a visitor came
from. A picture that is no good any more is a picture all the same: whatever shows it can show it.
"""

from html import escape
from typing import Final

from ringpass.errors import ApiError, LinkEnded, NotFound
from ringpass.http.pagination import Parameters
from ringpass.http.router import Request, Response
from ringpass.oa.blockers import Blocker
from ringpass.oa.calls.open_link import LinkOpener
from ringpass.oa.calls.qr_codes import Form, blurred, qr

BLURRED: Final = "Blurred-Because"
"""The header of a picture that holds nothing; the codes of the checks, with commas."""

_PRIVATE: Final = {
    "Referrer-Policy": "no-referrer",
    "X-Robots-Tag": "noindex",
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; "
    "frame-ancestors 'none'; base-uri 'none'; form-action 'none'",
    "X-Frame-Options": "DENY",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}
_HTML: Final = "text/html; charset=utf-8"
_PAGE: Final = (
    '<!doctype html><html lang="en"><head><meta charset="utf-8">'
    '<meta name="viewport" content="width=device-width"><title>{title}</title>'
    "<style>body{{font-family:sans-serif;max-width:34em;margin:3em auto;padding:0 1em}}</style>"
    "</head><body><h1>{title}</h1>{text}</body></html>"
)


def to_zalo(openings: LinkOpener, request: Request) -> Response:
    """Lead an agent on to Zalo, where the call is made; or say why not.

    Raises:
        NotFound: There is no such link.
        LinkEnded: It cannot be used; a browser gets both as a page.
    """
    try:
        opened = openings.open(request.path["token"])
        if opened.checks:
            raise _ended(opened.checks)
    except (NotFound, LinkEnded) as refusal:
        if "text/html" not in request.headers.get("accept", ""):
            raise
        return _page(refusal)
    return Response({}, 302, {**_PRIVATE, "Location": opened.link.url}, text="")


def picture(openings: LinkOpener, request: Request, public_url: str) -> Response:
    """The QR code that holds our link; a grey picture once it cannot be used.

    Raises:
        NotFound: There is no such link.
        ValidationFailed: There is no such form of a picture.
    """
    form, token = _form(request), request.path["token"]
    opened = openings.open(token)
    headers = {**_PRIVATE, "Content-Type": form.content_type}
    if opened.checks:
        headers[BLURRED] = ",".join(check.code for check in opened.checks)
        return _drawn(blurred(form), form, headers)
    return _drawn(qr(f"{public_url}/o/{token}", form), form, headers)


def _drawn(drawing: bytes, form: Form, headers: dict[str, str]) -> Response:
    if form is Form.SVG:
        return Response({}, 200, headers, text=drawing.decode())
    return Response({}, 200, headers, binary=drawing)


def _form(request: Request) -> Form:
    """SVG, unless the query or else the header ``Accept`` says PNG."""
    given = Parameters(request.query, frozenset({"format"}))
    accepted = request.headers.get("accept", "")
    is_png = "image/png" in accepted and "image/svg" not in accepted
    form = given.read("format", Form.PNG if is_png else Form.SVG, Form, "svg or png")
    given.check()
    return form


def _ended(checks: tuple[Blocker, ...]) -> LinkEnded:
    told = [{"code": check.code, "detail": check.detail} for check in checks]
    return LinkEnded("The call cannot be made with this link.", checks=told)


def _page(refusal: ApiError) -> Response:
    """A refusal as people read it."""
    checks = refusal.members.get("checks", ())
    sentences = [check["detail"] for check in checks] or [refusal.detail]
    text = "".join(f"<p>{escape(sentence)}</p>" for sentence in sentences)
    page = _PAGE.format(title=escape(refusal.title), text=text)
    return Response({}, refusal.status, {**_PRIVATE, "Content-Type": _HTML}, text=page)
