"""Folds names for the search: without accents and capitals."""

import unicodedata

# Unicode does not decompose this letter into d and an accent.
_BARRED: dict[int, str] = str.maketrans({"đ": "d", "Đ": "d"})


def fold_name(name: str) -> str:
    """Returns a name without accents and capitals: ``Nguyễn Văn Đức`` is ``nguyen van duc``."""
    decomposed = unicodedata.normalize("NFKD", name.translate(_BARRED))
    plain = "".join(part for part in decomposed if not unicodedata.combining(part))
    return " ".join(plain.casefold().split())
