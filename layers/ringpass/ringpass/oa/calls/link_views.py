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


def redirect(opener: LinkOpener, request: Request) -> Response:
    """Lead an agent on to Zalo, where the call is made; or say why not.

    Raises:
        NotFound: There is no such link.
        LinkEnded: It cannot be used; a browser gets both as a page.
    """
    try:
        result = opener.open(request.path["token"])
        if result.blockers:
            raise _link_ended(result.blockers)
    except (NotFound, LinkEnded) as refusal:
        if "text/html" not in request.headers.get("accept", ""):
            raise
        return _html_response(refusal)
    return Response({}, 302, {**_PRIVATE, "Location": result.link.url}, text="")


def picture(opener: LinkOpener, request: Request, public_url: str) -> Response:
    """The QR code that holds our link; a grey picture once it cannot be used.

    Raises:
        NotFound: There is no such link.
        ValidationFailed: There is no such form of a picture.
    """
    form, token = _form(request), request.path["token"]
    result = opener.open(token)
    headers = {**_PRIVATE, "Content-Type": form.content_type}
    if result.blockers:
        headers[BLURRED] = ",".join(blocker.code for blocker in result.blockers)
        return _image_response(blurred(form), form, headers)
    return _image_response(qr(f"{public_url}/o/{token}", form), form, headers)


def _image_response(image: bytes, form: Form, headers: dict[str, str]) -> Response:
    if form is Form.SVG:
        return Response({}, 200, headers, text=image.decode())
    return Response({}, 200, headers, binary=image)


def _form(request: Request) -> Form:
    """SVG, unless the query or else the header ``Accept`` says PNG."""
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
    """A refusal as people read it."""
    checks = refusal.members.get("checks", ())
    sentences = [check["detail"] for check in checks] or [refusal.detail]
    text = "".join(f"<p>{escape(sentence)}</p>" for sentence in sentences)
    html = _PAGE.format(title=escape(refusal.title), text=text)
    return Response({}, refusal.status, {**_PRIVATE, "Content-Type": _HTML}, text=html)
