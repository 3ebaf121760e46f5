"""Names as they are searched by: the same with and without accents, in capitals or not."""

import unicodedata

# A letter of its own, of which Unicode makes no d with an accent.
_BARRED: dict[int, str] = str.maketrans({"đ": "d", "Đ": "d"})


def fold_name(name: str) -> str:
    """A name without accents and capitals: ``Nguyễn Văn Đức`` is ``nguyen van duc``."""
    decomposed = unicodedata.normalize("NFKD", name.translate(_BARRED))
    plain = "".join(part for part in decomposed if not unicodedata.combining(part))
    return " ".join(plain.casefold().split())
