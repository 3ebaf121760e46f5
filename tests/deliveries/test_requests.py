"""Bodies: what is taken, and refusals that name the field and never its value."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ringpass.deliveries.requests import (
    PasswordCall,
    RecordFeedback,
    SendCommand,
    VoiceOtp,
    Zns,
)
from ringpass.errors import ApiError, InvalidJson, ValidationFailed

VOICE = {"phone": "+84389801371", "otp": "12345"}
CALL = {"phone": "+79777777777", "code": "1234"}
MESSAGE = {"phone": "+84389801371", "template": 366}


def refused(model: type[SendCommand], fields: dict[str, object]) -> list[tuple[str, str]]:
    with pytest.raises(ValidationFailed) as error:
        model.from_json(json.dumps(fields).encode())
    return [(".".join(map(str, e["loc"])), e["type"]) for e in error.value.errors]


@pytest.mark.parametrize(
    ("model", "fields"), [(VoiceOtp, VOICE), (PasswordCall, CALL), (Zns, MESSAGE)]
)
def test_json_and_a_direct_invocation_give_the_same(
    model: type[SendCommand], fields: dict[str, object]
) -> None:
    assert model.from_json(json.dumps(fields).encode()) == model.from_mapping(fields)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("model", "fields", "errors"),
    [
        (VoiceOtp, {}, [("phone", "missing"), ("otp", "missing")]),
        (VoiceOtp, VOICE | {"phone": 84389801371}, [("phone", "string_type")]),
        (VoiceOtp, VOICE | {"phone": None}, [("phone", "string_type")]),
        (VoiceOtp, VOICE | {"phone": "0389801371"}, [("phone", "region_required")]),
        (VoiceOtp, VOICE | {"region": "vn"}, [("region", "string_pattern_mismatch")]),
        (VoiceOtp, VOICE | {"region": "XX"}, [("region", "region_unknown")]),
        (VoiceOtp, VOICE | {"phone": "0389801371", "region": "XX"}, [("region", "region_unknown")]),
        (VoiceOtp, VOICE | {"region": "RU"}, [("phone", "region_mismatch")]),
        (VoiceOtp, VOICE | {"otp": 12345}, [("otp", "string_type")]),
        (VoiceOtp, VOICE | {"otp": "123"}, [("otp", "code_format")]),
        (VoiceOtp, VOICE | {"otp": "12345678901"}, [("otp", "code_format")]),
        (VoiceOtp, VOICE | {"otp": "12a45"}, [("otp", "code_format")]),
        (VoiceOtp, VOICE | {"otp": "١٢٣٤"}, [("otp", "code_format")]),
        (VoiceOtp, VOICE | {"ring_timeout": "25"}, [("ring_timeout", "int_type")]),
        (VoiceOtp, VOICE | {"ring_timeout": 9}, [("ring_timeout", "greater_than_equal")]),
        (VoiceOtp, VOICE | {"ring_timeout": 121}, [("ring_timeout", "less_than_equal")]),
        (VoiceOtp, VOICE | {"scenario": ""}, [("scenario", "string_too_short")]),
        (VoiceOtp, VOICE | {"code": "1234"}, [("code", "extra_forbidden")]),
        (PasswordCall, CALL | {"code": "12345"}, [("code", "code_format")]),
        (PasswordCall, CALL | {"code": 1234}, [("code", "string_type")]),
        (PasswordCall, CALL | {"detect_redirect": "yes"}, [("detect_redirect", "bool_type")]),
        (Zns, MESSAGE | {"template": ""}, [("template", "template_format")]),
        (Zns, MESSAGE | {"template": True}, [("template", "template_format")]),
        (Zns, MESSAGE | {"template": 0}, [("template", "template_format")]),
        (Zns, MESSAGE | {"template": 1.5}, [("template", "template_format")]),
        (Zns, MESSAGE | {"ticket_id": "297005"}, [("ticket_id", "int_type")]),
        (Zns, MESSAGE | {"ticket_id": 0}, [("ticket_id", "greater_than_equal")]),
        (Zns, MESSAGE | {"params": {"a": 1}}, [("params.a", "string_type")]),
        (Zns, MESSAGE | {"params": {"a": "x" * 501}}, [("params.a", "string_too_long")]),
        (
            Zns,
            MESSAGE | {"params": {f"p{n}": "" for n in range(51)}},
            [("params", "too_long")],
        ),
        (VoiceOtp, VOICE | {"metadata": "x"}, [("metadata", "dict_type")]),
        (VoiceOtp, VOICE | {"metadata": {"a": 1}}, [("metadata.a", "string_type")]),
        (VoiceOtp, VOICE | {"metadata": {"a": "x" * 257}}, [("metadata.a", "string_too_long")]),
        (
            VoiceOtp,
            VOICE | {"metadata": {f"k{n}": "" for n in range(17)}},
            [("metadata", "too_long")],
        ),
    ],
)
def test_a_refusal_names_the_field(
    model: type[SendCommand], fields: dict[str, object], errors: list[tuple[str, str]]
) -> None:
    assert refused(model, fields) == errors


@pytest.mark.parametrize(
    "reference",
    ["1", "x" * 128, "CRM-2026-11-30/4711", "Договор № 15 от 01.11.2026", "Đồng ý số 7", "合同 15"],
)
def test_a_consent_reference_is_kept_as_it_is(reference: str) -> None:
    for model, fields in ((VoiceOtp, VOICE), (PasswordCall, CALL), (Zns, MESSAGE)):
        command = model.from_mapping(fields | {"consent_reference": reference})
        assert command.consent_reference == reference
        assert reference not in repr(command) or len(reference) == 1


@pytest.mark.parametrize(
    ("reference", "type_"),
    [
        ("", "string_too_short"),
        ("x" * 129, "string_too_long"),
        (4711, "string_type"),
        *(
            (text, "consent_reference_format")
            for text in (
                " ",
                " 15",
                "15 ",
                "15\n",
                "a\tb",
                "a\x00b",
                "a\u200bb",
                "a\u202eb",
                "a\u2028b",
            )
        ),
    ],
)
def test_a_consent_reference_that_cannot_be_seen_is_refused(reference: object, type_: str) -> None:
    for model, fields in ((VoiceOtp, VOICE), (PasswordCall, CALL), (Zns, MESSAGE)):
        errors = refused(model, fields | {"consent_reference": reference})
        assert errors == [("consent_reference", type_)]


def test_feedback_is_true_or_false() -> None:
    assert RecordFeedback.from_json(b'{"verified": true}').verified
    for body in (b"{}", b'{"verified": null}', b'{"verified": "true"}', b'{"verified": 1}'):
        with pytest.raises(ValidationFailed) as refusal:
            RecordFeedback.from_json(body)
        assert [error["loc"] for error in refusal.value.errors] == [["verified"]]


@pytest.mark.parametrize("body", [b"", b"{", b"\xff", b"nul", b"{'a': 1}", b'{"a":1}x'])
def test_what_is_not_json_is_said_to_be_so(body: bytes) -> None:
    with pytest.raises(InvalidJson):
        VoiceOtp.from_json(body)


@pytest.mark.parametrize(
    "member", [b'"otp": "54321"', b'"phone": "+84389801372"', b'"metadata": {"a": "1", "a": "2"}']
)
def test_a_name_that_stands_twice_is_refused(member: bytes) -> None:
    VoiceOtp.from_json(b'{"phone": "+84389801371", "otp": "12345"}')
    with pytest.raises(InvalidJson):
        VoiceOtp.from_json(b'{"phone": "+84389801371", "otp": "12345", ' + member + b"}")


@pytest.mark.parametrize("body", [b"null", b"[]", b'"x"', b"5"])
def test_json_that_is_no_object_is_refused(body: bytes) -> None:
    with pytest.raises(ValidationFailed):
        VoiceOtp.from_json(body)


def test_an_unknown_field_s_name_is_repeated_without_digits() -> None:
    assert refused(VoiceOtp, VOICE | {"+84389801371": 1}) == [("+***********", "extra_forbidden")]


@pytest.mark.slow
@given(st.dictionaries(st.text(max_size=8), st.text(max_size=8) | st.integers() | st.none()))
def test_no_refusal_repeats_a_value(fields: dict[str, object]) -> None:
    secret = "98765432"
    body = json.dumps(fields | {"phone": secret, "otp": f"x{secret}"}).encode()
    with pytest.raises(ApiError) as error:
        VoiceOtp.from_json(body)
    assert secret not in str(error.value)


def test_the_same_command_has_the_same_canonical_bytes() -> None:
    one = VoiceOtp.from_mapping(VOICE | {"metadata": {"a": "1", "b": "2"}, "ring_timeout": 25})
    other = VoiceOtp.from_mapping(
        {
            "metadata": {"b": "2", "a": "1"},
            "otp": "12345",
            "phone": "0389801371",
            "region": "VN",
        }
    )
    assert one.canonical() == other.canonical()


@pytest.mark.parametrize(
    "change", [{"otp": "12346"}, {"phone": "+84389801372"}, {"ring_timeout": 26}]
)
def test_another_command_has_other_canonical_bytes(change: dict[str, object]) -> None:
    assert (
        VoiceOtp.from_mapping(VOICE | change).canonical()
        != VoiceOtp.from_mapping(VOICE).canonical()
    )


def test_a_template_s_id_may_be_text_and_is_the_same() -> None:
    as_text = Zns.from_mapping(MESSAGE | {"template": "366"})
    assert as_text.canonical() == Zns.from_mapping(MESSAGE).canonical()


def test_a_command_does_not_print_what_is_secret() -> None:
    fields = MESSAGE | {"params": {"otp": "778899"}, "metadata": {"note": "private"}}
    printed = repr(Zns.from_mapping(fields)) + repr(VoiceOtp.from_mapping(VOICE))
    assert "778899" not in printed
    assert "12345" not in printed
    assert "private" not in printed
    assert "84389801371" not in printed


@pytest.mark.parametrize(
    ("model", "fields", "loc"),
    [
        (VoiceOtp, VOICE | {"metadata": {"a": "\udc00"}}, ["metadata", "a"]),
        (VoiceOtp, VOICE | {"metadata": {"\udc00": "a"}}, ["metadata", "?"]),
        (VoiceOtp, VOICE | {"scenario": "x\ud800"}, ["scenario"]),
        (VoiceOtp, VOICE | {"phone": "\udfff"}, ["phone"]),
        (VoiceOtp, VOICE | {"otp": "\ud800"}, ["otp"]),
        (VoiceOtp, VOICE | {"\udc00": [1]}, ["?"]),
        (Zns, MESSAGE | {"template": "\udc00"}, ["template"]),
        (Zns, MESSAGE | {"params": {"a": "\udc00"}}, ["params", "a"]),
        (Zns, MESSAGE | {"params": {"x": ["\udc00"]}}, ["params", "x", 0]),
    ],
)
def test_half_a_surrogate_pair_is_refused_and_the_field_named(
    model: type[SendCommand], fields: dict[str, object], loc: list[str | int]
) -> None:
    with pytest.raises(ValidationFailed) as over_http:
        model.from_json(json.dumps(fields).encode())
    with pytest.raises(ValidationFailed) as directly:
        model.from_mapping(fields)
    for error in (over_http, directly):
        assert error.value.errors[0]["loc"] == loc
        assert error.value.errors[0]["type"] == "string_unicode"
