"""The page that proves to Zalo that a domain belongs to an app.

developers.zalo.me shows a meta tag ``zalo-platform-site-verification`` under "Xác thực domain"
(domain verification), and looks for it on the domain's first page before it accepts a webhook
address there.
"""

from html import escape
from typing import Final

from ringpass.errors import NotFound

HEADERS: Final = {
    "Content-Type": "text/html; charset=utf-8",
    "Content-Security-Policy": (
        "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"
    ),
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Robots-Tag": "noindex",
}
_PAGE: Final = (
    '<!doctype html><html lang="en"><head><meta charset="utf-8">'
    '<meta name="zalo-platform-site-verification" content="{content}">'
    "<title>Ringpass</title></head><body></body></html>"
)


def verification_page(content: str) -> str:
    """Returns HTML with the tag; ``content`` is Zalo's value for the domain.

    Raises:
        NotFound: There is no value: the domain needs no page.
    """
    if not content:
        raise NotFound("There is no page here: the API's paths begin with /v1.")
    return _PAGE.format(content=escape(content))
