"""QR codes as pictures; and one that holds nothing, whatever is looked at."""

import zlib
from itertools import pairwise
from xml.etree import ElementTree as ET

import pytest
import segno

from ringpass.oa.calls import qr_codes
from ringpass.oa.calls.qr_codes import Form, blurred, qr

LINK = "https://api.example.test/o/" + "x" * 32
BORDER, SCALE = 4, 8
FINDER = [1, 1, 1, 1, 1, 1, 1]


def grey_rows(png: bytes) -> list[list[int]]:
    """The pixels of a PNG of one channel, whose rows are as they are or like the one above."""
    assert png.startswith(b"\x89PNG\r\n\x1a\n")
    chunks: dict[bytes, bytes] = {}
    rest = png[8:]
    while rest:
        length, kind = int.from_bytes(rest[:4]), rest[4:8]
        data = rest[8 : 8 + length]
        assert int.from_bytes(rest[8 + length : 12 + length]) == zlib.crc32(kind + data)
        chunks[kind] = chunks.get(kind, b"") + data
        rest = rest[12 + length :]
    width, depth = int.from_bytes(chunks[b"IHDR"][:4]), chunks[b"IHDR"][8]
    raw = zlib.decompress(chunks[b"IDAT"])
    stride = (width * depth + 7) // 8 + 1
    rows: list[list[int]] = []
    line = bytes(stride - 1)
    for start in range(0, len(raw), stride):
        pixels = raw[start + 1 : start + stride]
        if raw[start] == 2:
            pixels = bytes((a + b) % 256 for a, b in zip(pixels, line, strict=True))
        assert raw[start] in (0, 2)
        line = pixels
        if depth == 8:
            rows.append(list(line))
        else:
            bits = "".join(f"{byte:08b}" for byte in line)[:width]
            rows.append([255 * int(bit) for bit in bits])
    return rows


def test_a_png_holds_the_link() -> None:
    rows = grey_rows(qr(LINK, Form.PNG))
    modules = [
        [int(pixel == 0) for pixel in row[BORDER * SCALE : -BORDER * SCALE : SCALE]]
        for row in rows[BORDER * SCALE : -BORDER * SCALE : SCALE]
    ]
    assert modules == [list(row) for row in segno.make_qr(LINK, error="m").matrix]
    assert modules[0][:7] == FINDER


def test_an_svg_is_one_that_browsers_draw() -> None:
    root = ET.fromstring(qr(LINK, Form.SVG))  # noqa: S314 - our own
    assert root.tag == "{http://www.w3.org/2000/svg}svg"
    assert LINK.encode() not in qr(LINK, Form.SVG)
    assert qr(LINK, Form.SVG) != qr(LINK[:-1] + "y", Form.SVG)


@pytest.mark.parametrize("form", Form)
def test_the_blurred_picture_knows_of_no_call(form: Form) -> None:
    # It is made of nothing: no argument leads to it but its form.
    assert blurred(form) == blurred(form)
    assert blurred(form) != qr(LINK, form)
    assert b"path" not in blurred(form)


def test_nothing_in_the_blurred_picture_can_be_scanned() -> None:
    rows = grey_rows(blurred(Form.PNG))
    flat = [pixel for row in rows for pixel in row]
    # Neither black nor sharp: a finder pattern has edges, and as much contrast as paper has.
    assert min(flat) >= 0x70
    assert max(abs(a - b) for row in rows for a, b in pairwise(row)) < 16
    assert len(rows) == len(rows[0])


def test_the_blurred_drawing_is_a_picture_of_the_same_shades() -> None:
    root = ET.fromstring(blurred(Form.SVG))  # noqa: S314 - our own
    shades = [rect.attrib["fill"] for rect in root.iter("{http://www.w3.org/2000/svg}rect")]
    drawn = [shade for shade in shades if shade != "#fff"]
    assert len(drawn) == len([shade for row in qr_codes._shades() for shade in row])
    assert not list(root.iter("{http://www.w3.org/2000/svg}text"))


@pytest.mark.parametrize(
    ("form", "content_type"), [(Form.SVG, "image/svg+xml"), (Form.PNG, "image/png")]
)
def test_content_types(form: Form, content_type: str) -> None:
    assert form.content_type == content_type
