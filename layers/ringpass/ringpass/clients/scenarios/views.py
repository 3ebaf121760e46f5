"""Responses about scenarios."""

from typing import TYPE_CHECKING

from ringpass.clients.scenarios.model import Scenario
from ringpass.clients.scenarios.preview import Line, as_text
from ringpass.http.idempotency import replay_headers
from ringpass.http.router import Response

if TYPE_CHECKING:
    from ringpass.clients.scenarios import responses
    from ringpass.clients.scenarios.api_guide import ApiGuide
    from ringpass.http.idempotency import Result
    from ringpass.http.pagination import Page


def scenario_view(scenario: Scenario) -> "responses.Scenario":
    """Return the view of a scenario, with the field of its key but not the key."""
    script, repeat = scenario.script, scenario.script.repeat
    return {
        "id": scenario.id,
        "status": scenario.status,
        "name": script.name,
        "description": script.description,
        "hotline": script.hotline,
        "hotline_group": script.hotline_group,
        "greeting": script.greeting,
        "voice": script.voice,
        "speed": float(script.speed),
        "repeat": repeat is not None,
        "repeat_count": repeat.count if repeat else None,
        "repeat_pause_seconds": repeat.pause_seconds if repeat else None,
        "repeat_announcement": repeat.announcement if repeat else None,
        "closing": script.closing is not None,
        "closing_text": script.closing,
        "otp_id": script.otp_id,
        "api_key": script.key_field,
        "version": scenario.version,
        "copy_of": scenario.copy_of,
        "created_at": scenario.created_at,
        "updated_at": scenario.updated_at,
        "activated_at": scenario.activated_at,
        "deactivated_at": scenario.deactivated_at,
    }


def page_view(page: "Page[Scenario]") -> "responses.ScenarioPage":
    """Return the view of a page of scenarios."""
    return {"items": list(map(scenario_view, page.items)), "next_cursor": page.next_cursor}


def scenario_response(scenario: Scenario) -> Response:
    """Return the response with a scenario."""
    return Response(scenario_view(scenario))


def created_response(result: "Result[Scenario]") -> Response:
    """Return the response to a new scenario."""
    return Response(scenario_view(result.value), 201, replay_headers(replayed=result.replayed))


def preview_response(scenario: Scenario, lines: tuple[Line, ...], accept: str) -> Response:
    """Return the preview: as text for a caller that accepts text and no JSON.

    It has the sample code in words only.
    """
    view: responses.ScenarioPreview = {
        "scenario_id": scenario.id,
        "seconds": lines[-1].ends_at,
        "items": [
            {
                "at_seconds": line.at_seconds,
                "seconds": line.seconds,
                "kind": line.kind,
                "text": line.text,
            }
            for line in lines
        ],
    }
    kinds = {part.partition(";")[0].strip().lower() for part in accept.split(",")}
    if "text/plain" in kinds and not kinds & {"application/json", "application/*"}:
        return Response(
            view, headers={"Content-Type": "text/plain; charset=utf-8"}, text=as_text(lines)
        )
    return Response(view)


def guide_view(guide: "ApiGuide") -> "responses.ScenarioGuide":
    """Return the view of a guide."""
    return {
        "otp_id": guide.otp_id,
        "api_key": guide.api_key,
        "endpoint": guide.endpoint,
        "headers": dict(guide.headers),
        "request_data": dict(guide.request_data),
        "curl": guide.curl,
    }
