"""Opens the link of a call for an agent, or shows its QR code; the link is the permission."""

from ringpass.http.router import Api, Request, Response
from ringpass.oa.calls import link_views as views
from ringpass.wiring import oa

api = Api()


@api.route("GET /o/{token}")
def open_oa_call(request: Request) -> Response:
    """Lead an agent on to Zalo, where the call is made."""
    return views.redirect(oa.link_opener(), request)


@api.route("GET /o/{token}/qr")
def show_oa_call_qr(request: Request) -> Response:
    """The QR code of a call's link; a grey picture once the call cannot be made with it."""
    return views.picture(oa.link_opener(), request, oa.public_url(request.domain))


handler = api.handle
