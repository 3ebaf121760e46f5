"""Draws QR codes, and the grey picture that replaces an expired one.

Only ``functions/open_call`` needs segno, and only this module imports it.
"""

import hashlib
import struct
import zlib
from collections.abc import Iterator
from enum import StrEnum
from io import BytesIO
from typing import Final

import segno

_SCALE: Final = 8
_QUIET_ZONE: Final = 4
# The grey picture: squares in a row, and pixels in a square's side.
_SQUARES: Final = 12
_PIXELS: Final = 16
_LIGHTEST: Final = 0xE6
_DARKEST: Final = 0x78


class Form(StrEnum):
    """Format of a picture."""

    SVG = "svg"
    PNG = "png"

    @property
    def content_type(self) -> str:
        """Its media type."""
        return "image/png" if self is Form.PNG else "image/svg+xml"


def qr(text: str, form: Form) -> bytes:
    """Returns the QR code of a text; it can be read with up to 15 % of it damaged."""
    code = segno.make_qr(text, error="m")
    out = BytesIO()
    # Dark on light on dark pages, too: not every camera reads an inverted code.
    code.save(
        out,
        kind=str(form),
        scale=_SCALE,
        border=_QUIET_ZONE,
        dark="#000",
        light="#fff",
        **({"nl": False} if form is Form.SVG else {}),
    )
    return out.getvalue()


def blurred(form: Form) -> bytes:
    """Returns a grey picture, the same for every call, which holds no data.

    It looks like a blurred QR code but is none: a blurred code can be restored.
    """
    return _png() if form is Form.PNG else _svg()


def _shades() -> list[list[int]]:
    """Returns the shade of each square, 0 (black) to 255; it depends on the position only."""
    digest = b"".join(hashlib.sha256(bytes([row])).digest() for row in range(_SQUARES))
    span = _LIGHTEST - _DARKEST
    return [
        [_DARKEST + digest[32 * row + column] * span // 255 for column in range(_SQUARES)]
        for row in range(_SQUARES)
    ]


def _svg() -> bytes:
    side = _SQUARES + 2
    squares = "".join(
        f'<rect x="{column + 1}" y="{row + 1}" width="1" height="1" fill="#{shade:02x}{shade:02x}'
        f'{shade:02x}"/>'
        for row, shades in enumerate(_shades())
        for column, shade in enumerate(shades)
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{_PIXELS * _SQUARES}" '
        f'height="{_PIXELS * _SQUARES}" viewBox="0 0 {side} {side}">'
        '<filter id="b"><feGaussianBlur stdDeviation="0.5"/></filter>'
        f'<rect width="{side}" height="{side}" fill="#fff"/><g filter="url(#b)">{squares}</g></svg>'
    ).encode()


def _png() -> bytes:
    """Returns a grey PNG, eight bits a pixel (RFC 2083), interpolated between the squares."""
    side = _SQUARES * _PIXELS
    rows = b"".join(b"\x00" + bytes(row) for row in _pixels(side))
    header = struct.pack(">IIBBBBB", side, side, 8, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        _chunk(kind, data)
        for kind, data in (
            (b"IHDR", header),
            (b"IDAT", zlib.compress(rows, 9)),
            (b"IEND", b""),
        )
    )


def _pixels(side: int) -> Iterator[list[int]]:
    shades = _shades()
    for y in range(side):
        above, down = divmod(y * (_SQUARES - 1), side)
        yield [
            _between(shades[above], shades[above + 1], x * (_SQUARES - 1), side, down)
            for x in range(side)
        ]


def _between(above: list[int], below: list[int], x: int, side: int, down: int) -> int:
    column, right = divmod(x, side)
    upper = above[column] * (side - right) + above[column + 1] * right
    lower = below[column] * (side - right) + below[column + 1] * right
    return (upper * (side - down) + lower * down) // (side * side)


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
