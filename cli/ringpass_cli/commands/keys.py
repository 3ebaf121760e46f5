"""``ringpass keys``: the client's API keys."""

from typing import Annotated, Any

import typer

from ringpass_cli.commands.arguments import IdempotencyKeyOption, without_none
from ringpass_cli.output import local_time, say, write, write_table
from ringpass_cli.run import Run, command, group

app = group("Manage the API keys of the client.")

KeyArgument = Annotated[str, typer.Argument(metavar="ID", help="The key's id, not the key.")]


@command(app, "list")
def list_keys(run: Run) -> None:
    """List all keys, ended ones too. A key itself is stored nowhere."""
    items = list(run.api.items("/v1/keys"))
    titles = ("id", "label", "scopes", "created", "valid until", "revoked", "replaced by")
    run.show(
        {"items": items},
        lambda: write_table(
            titles,
            (
                (
                    item["id"],
                    item["label"],
                    ",".join(item["scopes"]),
                    *(local_time(item[n]) for n in ("created_at", "valid_until", "revoked_at")),
                    item["replaced_by"],
                )
                for item in items
            ),
        ),
    )


@command(app)
def create(
    run: Run,
    scope: Annotated[
        list[str], typer.Option(help="send, read, phones:read or admin. May be repeated.")
    ],
    label: Annotated[str | None, typer.Option(help="The purpose of the key.")] = None,
    idempotency_key: IdempotencyKeyOption = None,
) -> None:
    """Make a key. It is written once, alone on stdout."""
    run.idempotency_key = idempotency_key
    body = without_none({"scopes": scope, "label": label})
    _show_new(run, run.api.post("/v1/keys", body))


@command(app)
def rotate(
    run: Run,
    key_id: KeyArgument,
    overlap: Annotated[
        int, typer.Option(help="Seconds for which the old key stays valid, up to 86400.")
    ] = 0,
    idempotency_key: IdempotencyKeyOption = None,
) -> None:
    """Replace a key with a new one. It is written once, alone on stdout."""
    run.idempotency_key = idempotency_key
    _show_new(run, run.api.post(f"/v1/keys/{key_id}/rotate", {"overlap_seconds": overlap}))


@command(app)
def revoke(run: Run, key_id: KeyArgument) -> None:
    """End a key. It works for 60 more seconds at most."""
    key = run.api.delete(f"/v1/keys/{key_id}")
    run.show(key, lambda: write(f"{key['id']} is revoked."))


def _show_new(run: Run, key: dict[str, Any]) -> None:
    def show() -> None:
        say(f"{key['id']} ({', '.join(key['scopes'])}); it is not shown again:")
        if "key" in key:
            write(key["key"])
        else:
            say("It was shown before, to the first request with this idempotency key.")

    run.show(key, show)
