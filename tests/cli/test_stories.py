"""The texts of ``ringpass why`` are complete in three languages."""

import re
import string
from collections.abc import Iterator
from typing import Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ringpass.outcomes import Status
from ringpass.verifications import timeline
from ringpass.verifications.model import TimelineEvent, VerificationStatus
from ringpass_cli.stories.language import PLURAL_FORMS, Lang, language, plural_form
from tests.template import ROOT

LANGUAGES: Final = sorted(Lang)
CYRILLIC: Final = re.compile(r"[\u0430-\u044f\u0451]", re.IGNORECASE)
VIETNAMESE: Final = re.compile(
    r"[ăâđêôơưàáảãạằắẳẵặầấẩẫậèéẻẽẹềếểễệìíỉĩịòóỏõọồốổỗộờớởỡợùúủũụừứửữựỳýỷỹỵ]", re.IGNORECASE
)


def _texts(lang: Lang) -> Iterator[tuple[str, str, str]]:
    """Section, key and text; each plural form is one."""
    for section, texts in language(lang).texts.items():
        for key, text in texts.items():
            for form in [text] if isinstance(text, str) else text.values():
                yield section, key, form


def _fields(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


@pytest.mark.parametrize("lang", LANGUAGES)
def test_each_language_has_the_same_keys(lang: Lang) -> None:
    def keys(lang: Lang) -> dict[str, set[str]]:
        return {section: set(texts) for section, texts in language(lang).texts.items()}

    assert keys(lang) == keys(Lang.EN)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_each_text_has_the_same_fields(lang: Lang) -> None:
    english = {(section, key): _fields(text) for section, key, text in _texts(Lang.EN)}
    for section, key, text in _texts(lang):
        assert _fields(text) == english[section, key], f"{section}.{key}"


@pytest.mark.parametrize("lang", LANGUAGES)
def test_each_language_has_its_own_plural_forms(lang: Lang) -> None:
    for section, texts in language(lang).texts.items():
        for key, text in texts.items():
            if not isinstance(text, str):
                assert set(text) == set(PLURAL_FORMS[lang]), f"{section}.{key}"
            assert isinstance(text, str) == isinstance(language(Lang.EN).texts[section][key], str)


@pytest.mark.parametrize(("lang", "letters"), [(Lang.RU, CYRILLIC), (Lang.VI, VIETNAMESE)])
def test_each_text_is_translated(lang: Lang, letters: re.Pattern[str]) -> None:
    for section, key, text in _texts(lang):
        words = re.sub(r"\{\w+\}", "", text)
        if re.search(r"\w", words):
            assert letters.search(words), f"{section}.{key}: {text}"


@pytest.mark.parametrize(
    ("lang", "number", "form"),
    [
        *((Lang.EN, number, "other") for number in (0, 2, 11, 21)),
        (Lang.EN, 1, "one"),
        *((Lang.RU, number, "one") for number in (1, 21, 101)),
        *((Lang.RU, number, "few") for number in (2, 3, 4, 22, 104)),
        *((Lang.RU, number, "many") for number in (0, 5, 11, 12, 14, 20, 111, 112)),
        *((Lang.VI, number, "other") for number in (0, 1, 2, 5)),
    ],
)
def test_a_number_chooses_its_form(lang: Lang, number: int, form: str) -> None:
    assert plural_form(lang, number) == form


@given(st.sampled_from(LANGUAGES), st.integers(min_value=0, max_value=10_000))
def test_each_number_has_a_form_that_the_texts_have(lang: Lang, number: int) -> None:
    text = language(lang).plural("refusals", "minutes", number)
    assert str(number) in text


def _keys(section: str) -> set[str]:
    return set(language(Lang.EN).texts[section])


def test_each_word_of_a_verification_has_a_text() -> None:
    assert set(timeline._SKIP_REASONS) <= _keys("skips")
    assert {str(reason) for reason in timeline._NEXT_REASONS} <= _keys("causes")
    assert {str(status) for status in timeline._OUTCOME_SENTENCES} <= _keys("outcomes")
    assert {reason.replace(":", "_") for reason in timeline._END_SENTENCES} <= _keys("ends")
    # An outcome is an event of a delivery; the end has texts of its own.
    assert {str(event) for event in TimelineEvent} - {"ended"} <= _keys("events")
    assert {str(status) for status in (*VerificationStatus, *Status)} <= _keys("statuses")
    ends = {str(status) for status in VerificationStatus} - {"pending", "expired"}
    assert ends <= _keys("verdicts")


def test_each_limit_has_a_text() -> None:
    page = (ROOT / "docs" / "limits.md").read_text("utf-8")
    table = page.split("| `limit` |")[1].split("\n\n")[0]
    limits = set(re.findall(r"^\| `(\w+)` \|", table, re.MULTILINE))
    assert "phone" in limits
    assert limits <= _keys("limits")
