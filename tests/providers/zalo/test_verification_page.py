"""The page by which Zalo knows whose a domain is."""

from html.parser import HTMLParser

import pytest

from ringpass.errors import NotFound
from ringpass.providers.zalo.verification_page import HEADERS, verification_page


class Tags(HTMLParser):
    """The meta tags of a page."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.metas: dict[str | None, str | None] = {}
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note a meta tag."""
        attributes = dict(attrs)
        if tag == "meta" and "name" in attributes:
            self.metas[attributes["name"]] = attributes["content"]


@pytest.mark.parametrize("content", ["HVAV9eNi1G9wpOnV_les-VJptX", '"><script>alert(1)</script>'])
def test_the_tag_holds_what_zalo_gave(content: str) -> None:
    page = verification_page(content)
    assert Tags(page).metas == {"zalo-platform-site-verification": content}
    assert "<script" not in page


def test_the_page_may_do_nothing_and_be_framed_by_nobody() -> None:
    assert HEADERS["Content-Security-Policy"] == (
        "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"
    )
    assert HEADERS["X-Content-Type-Options"] == "nosniff"


def test_without_a_value_there_is_no_page() -> None:
    with pytest.raises(NotFound):
        verification_page("")
