"""``ringpass why``: the story of a phone number, a verification or a delivery."""

import locale
import os
from itertools import islice
from typing import Annotated, Any, Final

import typer

from ringpass_cli.commands.arguments import LimitOption, RegionOption
from ringpass_cli.errors import ExitCode
from ringpass_cli.output import local_time, write
from ringpass_cli.run import Run
from ringpass_cli.stories.language import Lang, language
from ringpass_cli.stories.story import Sentence, Storyteller

type Records = dict[str, list[dict[str, Any]]]
"""``verifications``, ``deliveries`` (single sends), ``refusals``; each newest first."""

_MOST_DELIVERIES: Final = 200
_TIME_WIDTH: Final = len("2026-11-30 08:00:00")


def why(
    run: Run,
    subject: Annotated[
        str, typer.Argument(metavar="PHONE_OR_ID", help="A number, ver_... or dlv_...")
    ],
    lang: Annotated[
        Lang | None, typer.Option(help="Default: that of LANG, if it is one of these.")
    ] = None,
    region: RegionOption = None,
    limit: LimitOption = 5,
) -> ExitCode:
    """Tell what happened to a number, a verification or a delivery, and what limits refused.

    Exit code 1 if nothing is known of it.
    """
    records = _records(run, subject, region, limit)
    if run.as_json:
        run.show(records, lambda: None)
    else:
        _write(records, Storyteller(language(lang or _usual_language())), subject)
    return ExitCode.DONE if any(records.values()) else ExitCode.NEGATIVE


def _records(run: Run, subject: str, region: str | None, limit: int) -> Records:
    if subject.startswith("ver_"):
        verification = run.api.get(f"/v1/verifications/{subject}")
        refusals = _refusals_of(run, verification)
        return {"verifications": [verification], "deliveries": [], "refusals": refusals}
    if subject.startswith("dlv_"):
        delivery = run.api.get(f"/v1/deliveries/{subject}")
        if owner := delivery["verification_id"]:
            return _records(run, owner, region, limit)
        return {"verifications": [], "deliveries": [delivery], "refusals": []}
    query = {"phone": subject, "region": region}
    # Deliveries of a verification are part of its story.
    deliveries = run.api.items("/v1/deliveries", query, most=_MOST_DELIVERIES)
    single = (one for one in deliveries if one["verification_id"] is None)
    return {
        "verifications": list(run.api.items("/v1/verifications", query, most=limit)),
        "deliveries": list(islice(single, limit)),
        "refusals": _refusals(run, query, limit),
    }


def _refusals(run: Run, query: dict[str, Any], limit: int) -> list[dict[str, Any]]:
    """Sends that were refused, and those that a limit in mode ``record`` would have refused."""
    refusals = [
        refusal
        for refused in ("true", "false")
        for refusal in run.api.items("/v1/decisions", query | {"refused": refused}, most=limit)
    ]
    return sorted(refusals, key=lambda one: str(one["at"]), reverse=True)[:limit]


def _refusals_of(run: Run, verification: dict[str, Any]) -> list[dict[str, Any]]:
    """The refused steps of a verification; a key that sees no phones cannot look them up."""
    if "*" in verification["phone"]:
        return []
    query = {"phone": verification["phone"], "from": verification["created_at"]}
    refusals = _refusals(run, query, _MOST_DELIVERIES)
    return [one for one in refusals if one["verification_id"] == verification["id"]]


def _write(records: Records, storyteller: Storyteller, subject: str) -> None:
    """All stories, the oldest one first, as one reads."""
    stories = [
        (record["created_at"], list(tell(record)))
        for kind, tell in (
            ("verifications", storyteller.verification),
            ("deliveries", storyteller.delivery),
        )
        for record in records[kind]
    ]
    if not any(records.values()):
        write(storyteller.language.text("heads", "nothing", subject=subject))
    for position, (_, sentences) in enumerate(sorted(stories, key=lambda story: str(story[0]))):
        if position:
            write()
        _write_story(sentences)
    if records["refusals"]:
        if stories:
            write()
        head = Sentence(None, storyteller.language.text("heads", "refusals"))
        lines = [storyteller.refusal(refusal) for refusal in reversed(records["refusals"])]
        _write_story([head, *lines])


def _write_story(sentences: list[Sentence]) -> None:
    for position, sentence in enumerate(sentences):
        if sentence.at is not None:
            write(f"  {local_time(sentence.at):<{_TIME_WIDTH}}  {sentence.text}")
        else:
            write(sentence.text, style="" if position else "bold")


def _usual_language() -> Lang:
    """The language of the user's locale, else English."""
    names = (os.environ.get(name) for name in ("LC_ALL", "LC_MESSAGES", "LANG"))
    chosen = next((name for name in names if name), locale.getlocale()[0] or "")
    return next((lang for lang in Lang if chosen.lower().startswith(lang.value)), Lang.EN)
