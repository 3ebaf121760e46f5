"""Names as they are searched by: the same with and without accents, in capitals or not."""

import unicodedata

# A letter of its own, of which Unicode makes no d with an accent.
_BARRED: dict[int, str] = str.maketrans({"đ": "d", "Đ": "d"})


def folded(name: str) -> str:
    """A name without accents and capitals: ``Nguyễn Văn Đức`` is ``nguyen van duc``."""
    parts = unicodedata.normalize("NFKD", name.translate(_BARRED))
    bare = "".join(part for part in parts if not unicodedata.combining(part))
    return " ".join(bare.casefold().split())
