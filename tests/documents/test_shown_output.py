"""The comparison of shown and printed JSON, without a stack."""

import pytest

from tests.documents.shown_output import fits, problems, read_printed, read_shown


@pytest.mark.parametrize(
    ("shown", "printed", "expected"),
    [
        ('{"id": "ver_...", ...}', {"id": "ver_abc", "status": "pending"}, True),
        ('{"id": "ver_...", ...}', {"id": "dlv_abc"}, False),
        ('{"left": 2}', {"left": 3}, False),
        ('{"left": 2}', {"left": "2"}, False),
        ('{"test": true}', {"test": 1}, False),
        ('{"items": [{"status": "busy", ...}], "next": null}', {"items": [], "next": None}, False),
        (
            '{"items": [{"status": "busy"}]}',
            {"items": [{"status": "failed"}, {"status": "busy"}]},
            True,
        ),
        ('{"gone": null}', {}, False),
    ],
)
def test_what_is_shown_is_what_was_printed(shown: str, printed: object, expected: bool) -> None:
    assert fits(read_shown(shown), printed) is expected


def test_json_is_found_in_whatever_is_printed() -> None:
    assert list(read_printed('HTTP/1.1 202\n\n{"a": {"b": 1}}{"c": 2} {no json} ok')) == [
        {"a": {"b": 1}},
        {"c": 2},
    ]


def test_an_error_document_is_found() -> None:
    error = '{"type": "urn:ringpass:problem:not_found", "status": 404}'
    assert problems(f'{{"id": "x"}}{error}') == [
        {"type": "urn:ringpass:problem:not_found", "status": 404}
    ]
