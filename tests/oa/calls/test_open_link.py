"""Opening a call's link and its QR code: two minutes, all checks again, and nothing beside it."""

import json
from base64 import b64decode
from datetime import timedelta
from types import SimpleNamespace
from typing import Any, Final

import pytest

from ringpass.errors import LinkEnded, NotFound, ValidationFailed
from ringpass.http.router import Api, Request, Response
from ringpass.oa.calls.link_views import BLURRED, picture, redirect
from ringpass.oa.calls.model import Call, Customer
from ringpass.oa.calls.qr_codes import Form, blurred, qr
from ringpass.oa.consents.model import ConsentState
from ringpass.oa.desk.settings import Suspension
from ringpass.providers.zalo.call_type import CallType
from tests.moto_table import table
from tests.oa.call_office import NIGHT, PHONE, USER, ZALO_LINK, Office, office

__all__ = ["office", "table"]

URL: Final = "https://api.example.test"
HTML: Final = {"accept": "text/html,application/xhtml+xml,*/*;q=0.8"}


def a_request(token: str, query: str = "", **headers: str) -> Request:
    parameters = dict(pair.split("=") for pair in query.split("&") if pair)
    return Request({"token": token}, parameters, query, headers, b"", None)


def link(office: Office, call: Call, **headers: str) -> Response:
    return redirect(office.openings, a_request(office.token(call), **headers))


def drawn(office: Office, call: Call, query: str = "", **headers: str) -> Response:
    return picture(office.openings, a_request(office.token(call), query, **headers), URL)


def codes(office: Office, call: Call) -> list[str]:
    return [check.code for check in office.openings.open(office.token(call)).blockers]


def test_the_link_leads_on_to_zalo(office: Office) -> None:
    office.consent()
    response = link(office, office.place(opened=False))
    assert (response.status, response.headers["Location"]) == (302, ZALO_LINK)
    assert response.headers["Referrer-Policy"] == "no-referrer"
    assert response.text == ""


@pytest.mark.parametrize(("seconds", "good"), [(0, True), (119, True), (120, False), (121, False)])
def test_two_minutes_from_the_first_opening(office: Office, seconds: int, good: bool) -> None:
    office.consent()
    call = office.place(opened=False)
    # Unopened, it waits.
    office.clock.turn(hours=3)
    assert drawn(office, call).headers.get(BLURRED) is None
    office.clock.turn(seconds=seconds)
    if good:
        assert link(office, call).status == 302
    else:
        with pytest.raises(LinkEnded) as refusal:
            link(office, call)
        assert [check["code"] for check in refusal.value.members["checks"]] == ["link_expired"]


def test_link_and_qr_code_share_one_clock(office: Office) -> None:
    office.consent()
    call = office.place(opened=False)
    assert link(office, call).status == 302
    office.clock.turn(seconds=119)
    assert BLURRED not in drawn(office, call).headers
    office.clock.turn(seconds=1)
    assert drawn(office, call).headers[BLURRED] == "link_expired"


def test_nobody_opens_it_while_zalo_keeps_it(office: Office) -> None:
    office.consent(lasts=None)
    call = office.place(opened=False)
    office.clock.turn(hours=48)
    assert codes(office, call) == ["link_too_old"]


def test_every_check_is_made_again(office: Office) -> None:
    office.consent(ConsentState.BLOCKED)
    call = office.place(opened=False)
    suspended = Suspension("complaints")
    office.set(enabled=False, verified_enterprise=False, suspended=suspended, hours=NIGHT)
    office.remove_agent()
    assert codes(office, call) == [
        "feature_off",
        "oa_not_verified",
        "oa_suspended",
        "outside_hours",
        "agent_unknown",
        "consent_blocked",
    ]


def test_a_permission_that_has_ended_since_ends_the_link(office: Office) -> None:
    office.consent(lasts=timedelta(seconds=60))
    call = office.place(opened=False)
    assert link(office, call).status == 302
    office.clock.turn(seconds=59)
    assert codes(office, call) == []
    office.clock.turn(seconds=1)
    assert codes(office, call) == ["consent_expired"]


def test_a_permission_of_another_kind(office: Office) -> None:
    office.consent(call_type=CallType.VIDEO)
    assert codes(office, office.place(opened=False)) == ["consent_other_call_type"]


def test_what_fails_a_check_does_not_begin_the_two_minutes(office: Office) -> None:
    office.consent()
    office.set(enabled=False)
    call = office.place(opened=False)
    assert drawn(office, call).headers[BLURRED] == "feature_off"
    office.clock.turn(minutes=10)
    office.set(enabled=True)
    assert BLURRED not in drawn(office, call).headers


@pytest.mark.slow
def test_the_qr_code_holds_our_link(office: Office) -> None:
    office.consent()
    call = office.place(opened=False)
    ours = f"{URL}/o/{office.token(call)}"
    svg = drawn(office, call)
    assert svg.text == qr(ours, Form.SVG).decode()
    assert svg.headers["Content-Type"] == "image/svg+xml"
    png = drawn(office, call, "format=png")
    assert (png.binary, png.headers["Content-Type"]) == (qr(ours, Form.PNG), "image/png")
    assert drawn(office, call, accept="image/png").binary == png.binary
    # What a browser accepts for a picture has both.
    assert drawn(office, call, accept="image/png,image/svg+xml,*/*").text == svg.text


@pytest.mark.slow
def test_a_blurred_picture_has_nothing_of_the_call(office: Office) -> None:
    office.consent(ConsentState.REFUSED)
    one, other = office.place(0, opened=False), office.place(1, opened=False)
    for query, form in (("", Form.SVG), ("format=png", Form.PNG)):
        response = drawn(office, one, query)
        assert response.status == 200
        assert response.headers[BLURRED] == "consent_refused"
        body = (response.text or "").encode() or response.binary
        assert body == blurred(form)
        same = drawn(office, other, query)
        assert ((same.text or "").encode() or same.binary) == body


def test_an_unknown_form_of_a_picture(office: Office) -> None:
    call = office.place(opened=False)
    with pytest.raises(ValidationFailed):
        drawn(office, call, "format=gif")


@pytest.mark.parametrize("token", ["x" * 32, "", "../" * 10, "x" * 400])
def test_an_unknown_link(office: Office, token: str) -> None:
    with pytest.raises(NotFound):
        redirect(office.openings, a_request(token))
    with pytest.raises(NotFound):
        picture(office.openings, a_request(token), URL)
    page = redirect(office.openings, a_request(token, **HTML))
    assert (page.status, page.headers["Content-Type"]) == (404, "text/html; charset=utf-8")


def test_a_browser_gets_the_reasons_as_a_page(office: Office) -> None:
    office.consent(ConsentState.REFUSED)
    page = link(office, office.place(opened=False), **HTML)
    assert (page.status, page.headers["Content-Type"]) == (410, "text/html; charset=utf-8")
    assert page.text is not None
    assert "The customer does not want to be called." in page.text
    assert ZALO_LINK not in page.text
    policy = page.headers["Content-Security-Policy"].split("; ")
    assert {"default-src 'none'", "frame-ancestors 'none'", "base-uri 'none'"} < set(policy)
    assert "form-action 'none'" in policy
    assert page.headers["X-Frame-Options"] == "DENY"
    assert page.headers["Referrer-Policy"] == "no-referrer"


@pytest.mark.slow
def test_a_reason_is_text_in_a_page(office: Office) -> None:
    office.consent()
    office.set(suspended=Suspension("<script>alert(1)</script>"))
    page = link(office, office.place(opened=False), **HTML)
    assert page.text is not None
    assert "<script>" not in page.text


def test_over_http_a_program_gets_a_problem_and_a_camera_gets_bytes(office: Office) -> None:
    office.consent()
    call = office.place(opened=False)
    api = Api()
    api.route("GET /o/{token}")(lambda request: redirect(office.openings, request))
    api.route("GET /o/{token}/qr")(lambda request: picture(office.openings, request, URL))
    context: Any = SimpleNamespace(aws_request_id="r")

    def get(route: str, query: str = "") -> dict[str, Any]:
        event = {
            "routeKey": route,
            "rawQueryString": query,
            "headers": {"Accept": "*/*"},
            "pathParameters": {"token": office.token(call)},
            "requestContext": {},
        }
        return dict(api.handle(event, context))

    assert get("GET /o/{token}")["headers"]["Cache-Control"] == "no-store"
    png = get("GET /o/{token}/qr", "format=png")
    assert b64decode(png["body"]).startswith(b"\x89PNG")
    office.clock.turn(minutes=2)
    problem = get("GET /o/{token}")
    assert problem["statusCode"] == 410
    body = json.loads(problem["body"])
    assert (body["code"], body["checks"][0]["code"]) == ("link_ended", "link_expired")
    assert ZALO_LINK not in problem["body"]


def test_another_oa_s_link_is_none(office: Office) -> None:
    office.consent()
    with pytest.raises(NotFound):
        link(office, office.place(opened=False, oa_id="1"))


def test_a_link_is_no_good_once_its_customer_is_denied(office: Office) -> None:
    office.consent()
    call = office.place(opened=False)
    office.deny(PHONE)
    assert codes(office, call) == ["not_allowed"]
    assert drawn(office, call).headers[BLURRED] == "not_allowed"
    # The two minutes have not begun.
    office.deny()
    office.clock.turn(minutes=5)
    assert link(office, call).status == 302


def test_a_link_is_no_good_once_its_user_id_is_another_number_s(office: Office) -> None:
    office.consent()
    call = office.place(opened=False)
    office.consent(phone="+84389801372")
    assert codes(office, call) == ["consent_missing"]


def test_a_call_whose_customer_is_only_known_to_zalo(office: Office) -> None:
    office.consent()
    by_user = office.place(opened=False, customer=Customer(user_id=USER))
    assert link(office, by_user).status == 302
