"""The sentences of a language."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from importlib.resources import files
from typing import Final

import yaml

type Texts = Mapping[str, Mapping[str, str | Mapping[str, str]]]


class Lang(StrEnum):
    """Languages of ``ringpass why``."""

    EN = "en"
    VI = "vi"
    RU = "ru"


PLURAL_FORMS: Final[Mapping[Lang, tuple[str, ...]]] = {
    Lang.EN: ("one", "other"),
    Lang.VI: ("other",),
    Lang.RU: ("one", "few", "many"),
}
"""Forms of whole numbers in each language, by the names of the Unicode CLDR."""


def plural_form(lang: Lang, number: int) -> str:
    """The form that a whole number needs (Unicode CLDR, "Language Plural Rules")."""
    match lang:
        case Lang.EN:
            return "one" if number == 1 else "other"
        case Lang.VI:
            return "other"
        case Lang.RU:
            if number % 10 == 1 and number % 100 != 11:  # noqa: PLR2004 - 11 is "many"
                return "one"
            is_few = number % 10 in (2, 3, 4) and number % 100 not in (12, 13, 14)
            return "few" if is_few else "many"


@dataclass(frozen=True)
class Language:
    """A language with its texts."""

    lang: Lang
    texts: Texts

    def text(self, section: str, key: str, **values: object) -> str:
        """The text with this key, filled in; that of ``other`` if the key is a new word."""
        texts = self.texts[section]
        text = texts[key] if key in texts else texts["other"]
        if not isinstance(text, str):
            raise TypeError(f"{section}.{key} has plural forms")
        return text.format(**{"word": key, **values})

    def plural(self, section: str, key: str, number: int, **values: object) -> str:
        """The text with this key in the form that the number needs."""
        forms = self.texts[section][key]
        if isinstance(forms, str):
            raise TypeError(f"{section}.{key} has no plural forms")
        return forms[plural_form(self.lang, number)].format(n=number, **values)

    def knows(self, section: str, key: str) -> bool:
        """Whether there is a text of its own for this key."""
        return key in self.texts[section]


@cache
def language(lang: Lang) -> Language:
    """The language's texts."""
    path = files("ringpass_cli.stories").joinpath(f"{lang}.yaml")
    return Language(lang, yaml.safe_load(path.read_text(encoding="utf-8")))
