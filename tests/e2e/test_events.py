"""Every file of events/ is given to its function, as ``sam local invoke`` would."""

import json
import re
from pathlib import Path
from typing import Any, Final

import pytest

from local.stack import Stack
from tests.described import expect_described
from tests.e2e.conftest import invoke
from tests.template import ROOT

# What each file ends in: an HTTP status, a delivery's status, an error's code, or the answer.
EXPECTED: Final[dict[str, object]] = {
    "authorizer/not_a_key": {"isAuthorized": False},
    "authorizer/unknown_key": {"isAuthorized": False},
    "send_voice_otp/post": 202,
    "send_voice_otp/post_base64": 202,
    "send_voice_otp/post_national_number": 202,
    "send_voice_otp/post_wrong_country": 422,
    "send_voice_otp/post_not_json": 400,
    "send_voice_otp/direct": "accepted",
    "send_voice_otp/direct_without_key": "validation_failed",
    "send_password_call/post": 202,
    "send_password_call/post_without_code": 202,
    "send_password_call/post_code_as_number": 422,
    "send_password_call/post_without_scope": 403,
    "send_password_call/direct": "accepted",
    "send_zns/post": 202,
    "send_zns/post_new_ticket": 202,
    "send_zns/post_unknown_field": 422,
    "send_zns/direct": "accepted",
    "start_verification/post": 201,
    "start_verification/post_workflow": 201,
    "start_verification/post_code_too_long_for_a_call": 422,
    "start_verification/post_without_scope": 403,
    "start_verification/direct": "pending",
    "start_verification/next": 404,
    "check_verification/check": 404,
    "check_verification/check_no_code": 422,
    "check_verification/cancel": 404,
    "check_verification/feedback": 404,
    "check_verification/feedback_no_boolean": 422,
    "read_verifications/one": 404,
    "read_verifications/list": 200,
    "read_verifications/list_wrong_status": 422,
    "read_deliveries/list": 200,
    "read_deliveries/list_by_phone": 200,
    "read_deliveries/list_wrong_limit": 422,
    "read_deliveries/one": 404,
    "read_events/one": 404,
    "read_events/list": 200,
    "read_events/list_by_subject": 200,
    "read_events/list_wrong_type": 422,
    "read_figures/statistics": 200,
    "read_figures/statistics_by_something_else": 422,
    "read_figures/statistics_without_scope": 403,
    "read_figures/costs": 200,
    "read_figures/costs_of_too_many_days": 422,
    "read_figures/decisions": 200,
    "manage_keys/create": 201,
    "manage_keys/create_unknown_scope": 422,
    "manage_keys/create_without_scope": 403,
    "manage_keys/list": 200,
    "manage_keys/revoke": 404,
    "manage_keys/rotate": 404,
    "manage_keys/rotate_too_long": 422,
    "manage_settings/get": 200,
    "manage_settings/put": 200,
    "manage_settings/put_another_version": 409,
    "manage_settings/put_template_on_a_call": 422,
    "manage_settings/put_without_scope": 403,
    "manage_settings/get_cause_table": 200,
    "manage_settings/put_cause_table": 200,
    "manage_settings/put_cause_table_retry_of_unknown": 422,
    "manage_templates/register": 201,
    "manage_templates/register_without_an_id": 422,
    "manage_templates/register_without_scope": 403,
    "manage_templates/list": 200,
    "manage_templates/list_wrong_cursor": 422,
    "manage_templates/one": 404,
    "manage_templates/replace": 404,
    "manage_templates/replace_code_twice": 422,
    "manage_templates/delete": 404,
    "manage_oa/settings": 200,
    "manage_oa/settings_of_another_oa": 404,
    "manage_oa/put_settings": 200,
    "manage_oa/put_settings_empty_span": 422,
    "manage_oa/put_settings_without_scope": 403,
    "manage_oa/versions": 200,
    "manage_oa/preview": 200,
    "manage_oa/agents": 200,
    "manage_oa/add_agent": 201,
    "manage_oa/add_agent_unknown_role": 422,
    "manage_oa/history": 200,
    "manage_oa/history_wrong_cursor": 422,
    "manage_oa/remove_agent": 404,
    "manage_consents/ask": 202,
    "manage_consents/ask_a_russian_number": 422,
    "manage_consents/ask_unknown_reason": 422,
    "manage_consents/ask_without_scope": 403,
    "manage_consents/list": 200,
    "manage_consents/list_unknown_state": 422,
    "manage_consents/one": 404,
    "manage_consents/check": 404,
    "manage_consents/export": 200,
    "manage_consents/export_csv": 200,
    "manage_consents/export_without_scope": 403,
    "manage_consents/delete": 404,
    "manage_consents/delete_number": 404,
    "manage_consents/delete_no_number": 422,
    "manage_calls/place": 409,
    "manage_calls/place_phone_and_user": 422,
    "manage_calls/place_without_scope": 403,
    "manage_calls/list": 200,
    "manage_calls/list_unknown_result": 422,
    "manage_calls/one": 404,
    "open_call/link": 404,
    "open_call/link_in_a_browser": 404,
    "open_call/qr": 404,
    "open_call/qr_unknown_form": 422,
    "manage_scenarios/create": 201,
    "manage_scenarios/create_by_hotline_and_group": 422,
    "manage_scenarios/create_without_scope": 403,
    "manage_scenarios/replace": 404,
    "manage_scenarios/replace_played_once": 422,
    "manage_scenarios/delete": 404,
    "manage_scenarios/activate": 404,
    "manage_scenarios/deactivate": 404,
    "manage_scenarios/copy": 404,
    "read_scenarios/list": 200,
    "read_scenarios/list_wrong_status": 422,
    "read_scenarios/one": 404,
    "read_scenarios/preview": 404,
    "read_scenarios/preview_post": 404,
    "read_scenarios/preview_wrong_code": 422,
    "read_scenarios/guide": 404,
    "receive_zalo/post_arrived": 200,
    "receive_zalo/post_base64": 200,
    "receive_zalo/post_altered": 401,
    "receive_zalo/post_without_signature": 401,
    "receive_zalo/post_wrong_signature": 401,
    "receive_zalo/post_another_key": 401,
    "receive_zalo/post_without_ids": 200,
    "receive_zalo/post_other_sender": 200,
    "receive_zalo/post_other_event": 200,
    "receive_zalo/post_unicode": 200,
    "receive_zalo/post_escapes": 200,
    "receive_zalo/post_number_as_time": 200,
    "receive_zalo/post_not_json": 401,
    "receive_zalo/post_consent_sent": 200,
    "receive_zalo/post_consent_expired": 200,
    "receive_zalo/post_customer_allows": 200,
    "receive_zalo/post_customer_allows_for_good": 200,
    "receive_zalo/post_customer_refuses": 200,
    "receive_zalo/post_customer_blocks": 200,
    "receive_zalo/post_consent_of_another_oa": 200,
    "receive_zalo/post_consent_of_nobody": 200,
    "rotate_zalo_token/daily": None,
    "rotate_zalo_token/set_secret": None,
    "rotate_zalo_token/create_secret": "this version of the secret is not pending",
    "rotate_zalo_token/test_secret": "this version of the secret is not pending",
    "rotate_zalo_token/finish_secret": "this version of the secret is not pending",
    "receive_caresoft/post": 200,
    "receive_caresoft/post_altered": 401,
    "receive_caresoft/post_array": 200,
    "receive_caresoft/post_base64": 200,
    "receive_caresoft/post_delivered": 200,
    "receive_caresoft/post_escapes": 200,
    "receive_caresoft/post_lower_case": 200,
    "receive_caresoft/post_other_event": 200,
    "receive_caresoft/post_unicode": 200,
    "receive_caresoft/post_unreadable": 200,
    "receive_caresoft/post_without_signature": 401,
    "receive_caresoft/post_wrong_signature": 401,
    "receive_cdr/get": 200,
    "receive_cdr/post_answered": 200,
    "receive_cdr/post_base64": 200,
    "receive_cdr/post_billing": 200,
    "receive_cdr/post_busy": 200,
    "receive_cdr/post_form": 200,
    # Refused only where McnSourceRanges names other networks (test_sources.py).
    "receive_cdr/post_from_elsewhere": 200,
    "receive_cdr/post_not_answered": 200,
    "receive_cdr/post_numbers_as_text": 200,
    "receive_cdr/post_object": 200,
    "receive_cdr/post_pairs": 200,
    "receive_cdr/post_refused_by_operator": 200,
    "receive_cdr/post_text": 200,
    "receive_cdr/post_token_in_header": 200,
    "receive_cdr/post_unavailable": 200,
    "receive_cdr/post_unreadable": 200,
    "receive_cdr/post_without_token": 401,
    "receive_cdr/post_wrong_token": 401,
    "receive_bizfly/post_answered": 200,
    "receive_bizfly/post_busy_in_an_envelope": 200,
    "receive_bizfly/post_form": 200,
    "receive_bizfly/post_inbound": 200,
    "receive_bizfly/post_unknown_state": 200,
    "receive_bizfly/post_unreadable": 200,
    "receive_bizfly/post_bearer": 401,
    "receive_bizfly/post_without_token": 401,
    "receive_bizfly/post_wrong_token": 401,
    "reconcile/every_five_minutes": None,
    "manage_providers/list": 200,
    "manage_providers/end_suspension": 200,
    "manage_providers/end_suspension_without_scope": 403,
    "manage_providers/end_suspension_of_nobody": 404,
    "rotate_pepper/set_secret": None,
    "rotate_pepper/create_secret": "this version of the secret is not pending",
    "rotate_pepper/test_secret": "this version of the secret is not pending",
    "rotate_pepper/finish_secret": "this version of the secret is not pending",
    "sweep/hourly": {"overdue": 0},
    "schedule/every_five_minutes": {"queued": 0},
    "describe_api/get": 200,
    "describe_api/get_first_page": 200,
    "health/get": 200,
    "outbox/call_result": None,
    "outbox/cdr_without_delivery": None,
    "outbox/rejected_delivery": None,
    "outbox/reply_and_cdr": None,
    "outbox/reserved_delivery": None,
    "outbox/consent_request": None,
    "outbox/oa_event": None,
    "advance/give_up_reserved": {"batchItemFailures": []},
    "advance/move": {"batchItemFailures": []},
    "advance/oa_event": {"batchItemFailures": []},
    "advance/join_cdr": {"batchItemFailures": []},
    "advance/play_arrival": {"batchItemFailures": []},
    "advance/play_result": {"batchItemFailures": []},
    "advance/one_of_two_unreadable": {
        "batchItemFailures": [{"itemIdentifier": "059f36b4-87a3-44ab-83d2-661970000001"}]
    },
}
EVENTS: Final = ROOT / "events"
FILES: Final = sorted(EVENTS.glob("*/*.json"))
_ID: Final = re.compile("ver_a{32}")


def name_of(file: Path) -> str:
    return f"{file.parent.name}/{file.stem}"


def test_every_file_is_expected_to_do_something() -> None:
    assert sorted(EXPECTED) == [name_of(file) for file in FILES]


def cancel(stack: Stack, answer: Any) -> None:  # noqa: ANN401 - an answer
    """End a verification, if one was started: its next steps would come in others' tests."""
    verification = json.loads(answer["body"]) if "body" in answer else answer
    if str(verification.get("id", "")).startswith("ver_"):
        event = (EVENTS / "check_verification" / "cancel.json").read_text("utf-8")
        result = invoke(stack, "CheckVerificationFunction", _ID.sub(verification["id"], event))
        assert (result[0], result[1]["statusCode"]) == (False, 200)


@pytest.mark.parametrize("file", FILES, ids=name_of)
def test_event(stack: Stack, file: Path) -> None:
    event = json.loads(file.read_bytes())
    output = "".join(word.title() for word in file.parent.name.split("_")) + "Function"
    failed, answer = invoke(stack, output, file.read_bytes())
    if file.parent.name == "start_verification" and not failed:
        cancel(stack, answer)
    expected = EXPECTED[name_of(file)]
    if isinstance(expected, int):
        assert answer["statusCode"] == expected, answer
        expect_described(event["routeKey"], expected, answer["headers"], answer["body"])
    elif failed and file.parent.name.startswith("rotate_"):
        assert answer["errorMessage"] == expected
    elif failed:
        assert json.loads(answer["errorMessage"])["code"] == expected
    elif isinstance(expected, str):
        assert answer["status"] == expected
    else:
        assert answer == expected
