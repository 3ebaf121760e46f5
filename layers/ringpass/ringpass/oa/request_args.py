"""Reads the arguments of an OA's routes from the request."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ringpass.http.actor import Actor
    from ringpass.http.fields import Command
    from ringpass.http.router import Request


def oa_args(request: "Request") -> "tuple[str, Actor]":
    """Returns the id of the OA in the path, and the actor."""
    return request.path["oa_id"], request.actor


def command_args[C: Command](request: "Request", command: type[C]) -> "tuple[str, Actor, C]":
    """Returns the same and the command in the body.

    Raises:
        ApiError: The body is not such a command.
    """
    return *oa_args(request), command.from_json(request.bounded_body())
