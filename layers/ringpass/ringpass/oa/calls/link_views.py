"""Responses to an agent's browser that opens a call's link, or its QR code.

Zalo's link is in the redirection only, which nobody may cache or send as a referrer. The answer for
an expired QR code is a picture, too: every viewer can show it.
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
"""The header of the grey picture: the codes of the blockers, separated by commas."""

PRIVATE_HEADERS: Final = {
    "Referrer-Policy": "no-referrer",
    "X-Robots-Tag": "noindex",
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; "
    "frame-ancestors 'none'; base-uri 'none'; form-action 'none'",
    "X-Frame-Options": "DENY",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}
"""Headers of every answer but problem documents."""
_HTML: Final = "text/html; charset=utf-8"
_PAGE: Final = (
    '<!doctype html><html lang="en"><head><meta charset="utf-8">'
    '<meta name="viewport" content="width=device-width"><title>{title}</title>'
    "<style>body{{font-family:sans-serif;max-width:34em;margin:3em auto;padding:0 1em}}</style>"
    "</head><body><h1>{title}</h1>{text}</body></html>"
)


def redirect(opener: LinkOpener, request: Request) -> Response:
    """Redirect an agent to Zalo, where the call is made, or refuse.

    Raises:
        NotFound: There is no such link.
        LinkEnded: It cannot be used. A browser gets both errors as a page.
    """
    try:
        result = opener.open(request.path["token"])
        if result.blockers:
            raise _link_ended(result.blockers)
    except (NotFound, LinkEnded) as refusal:
        if "text/html" not in request.headers.get("accept", ""):
            raise
        return _html_response(refusal)
    return Response({}, 302, {**PRIVATE_HEADERS, "Location": result.link.url}, text="")


def picture(opener: LinkOpener, request: Request, public_url: str) -> Response:
    """Returns the QR code of our link; a grey picture if the link cannot be used.

    Raises:
        NotFound: There is no such link.
        ValidationFailed: There is no such picture format.
    """
    form, token = _form(request), request.path["token"]
    result = opener.open(token)
    headers = {**PRIVATE_HEADERS, "Content-Type": form.content_type}
    if result.blockers:
        headers[BLURRED] = ",".join(blocker.code for blocker in result.blockers)
        return _image_response(blurred(form), form, headers)
    return _image_response(qr(f"{public_url}/o/{token}", form), form, headers)


def _image_response(image: bytes, form: Form, headers: dict[str, str]) -> Response:
    if form is Form.SVG:
        return Response({}, 200, headers, text=image.decode())
    return Response({}, 200, headers, binary=image)


def _form(request: Request) -> Form:
    """Returns the picture format: SVG, unless the query or the header ``Accept`` asks for PNG."""
    params = Parameters(request.query, frozenset({"format"}))
    accept = request.headers.get("accept", "")
    is_png = "image/png" in accept and "image/svg" not in accept
    form = params.read("format", Form.PNG if is_png else Form.SVG, Form, "svg or png")
    params.check()
    return form


def _link_ended(blockers: tuple[Blocker, ...]) -> LinkEnded:
    items = [{"code": blocker.code, "detail": blocker.detail} for blocker in blockers]
    return LinkEnded("The call cannot be made with this link.", checks=items)


def _html_response(refusal: ApiError) -> Response:
    """Returns an error as an HTML page."""
    checks = refusal.members.get("checks", ())
    sentences = [check["detail"] for check in checks] or [refusal.detail]
    text = "".join(f"<p>{escape(sentence)}</p>" for sentence in sentences)
    html = _PAGE.format(title=escape(refusal.title), text=text)
    return Response({}, refusal.status, {**PRIVATE_HEADERS, "Content-Type": _HTML}, text=html)
