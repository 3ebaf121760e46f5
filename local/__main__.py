"""``python -m local up | down | logs | ... | deploy``: the Makefile calls it."""

import argparse
import os
import shlex
import signal
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import boto3

from local.background import Background
from local.build import build
from local.copy_table import copy_table
from local.demo import demo
from local.environment import reach_loopback_directly, reach_the_layer
from local.failures import (
    NO_REGION,
    DeploymentError,
    LocalStackError,
    file_sentence,
    program_sentence,
)
from local.gate import Tests, gate
from local.invoke import find_event, invoke, stack_in_use
from local.logs import follow, write_line
from local.mutation import mutate
from local.new_provider.write import new_provider
from local.package_picture import write_picture
from local.paths import ROOT, STACK_FILE, STATE
from local.progress import Progress
from local.release import write_version
from local.shell_variables import shell_variables
from local.template_check import check_templates
from local.warmup import warm_up

if TYPE_CHECKING:
    from collections.abc import Callable

INTERRUPTED = 130


def main(arguments: list[str] | None = None) -> int:
    """Run one command. Gives the exit code."""
    parser = argparse.ArgumentParser(prog="python -m local", description=__doc__)
    commands = parser.add_subparsers(required=True, metavar="command")
    _command(commands, "up", "start a local stack in the background, or keep the one that is up")
    _command(commands, "down", "stop it; port, keys and data are kept for the next `up`")
    _command(commands, "env", "its addresses and keys, as variables of a shell (`make -s env`)")
    _command(commands, "reset", "stop it, and forget port, keys and data")
    _command(commands, "first-requests", "call every function of the stack once (`up` does that)")
    _command(commands, "logs", "what its functions log (goes on until Ctrl-C in a terminal)")
    one = _command(commands, "invoke", "one event into one function, and what comes of it")
    one.add_argument("function", nargs="?", default="", help="its folder's name")
    one.add_argument("event", nargs="?", default="", help="a case in events/<function>, or a file")
    _command(commands, "demo", "the main job from end to end, on a stack of its own")
    _command(commands, "build", "build functions and layers, as `up` does before it starts")
    checks = _command(commands, "gate", "all checks and tests (`make test`)")
    checks.add_argument(
        "--tests",
        choices=[name.lower() for name in Tests.__members__],
        default="all",
        help="none (`make lint`), quick (`make check`) or all",
    )
    mutation = _command(commands, "mutation", "put faults into the code (`make mutation`)")
    mutation.add_argument("modules", nargs="*", help="such as verification; none: all of them")
    provider = _command(commands, "new-provider", "write a provider's skeleton")
    provider.add_argument("name", nargs="?", default="", help="such as acme_voice")
    provider.add_argument("channel", nargs="?", default="", help="voice_otp, password_call or zns")
    _command(commands, "openapi", "write anew what documents take from the code (`make openapi`)")
    version = _command(commands, "release", "write a version into every place (`make release`)")
    version.add_argument("version", help="such as 0.3.0")
    _command(commands, "clients", "make the clients in clients/ anew (`make clients`)")
    to_aws = _command(commands, "deploy", "build and deploy to AWS (`make deploy`)")
    to_aws.add_argument("--env", default="default", help="an environment of samconfig.toml")
    to_aws.add_argument("--arguments", default="", help="what else `sam deploy` takes, in one text")
    copies = _command(commands, "copy-table", "copy a table's items into another, overwriting none")
    copies.add_argument("--from", dest="source", required=True, help="a restored table")
    copies.add_argument("--to", dest="target", required=True, help="the stack's table")
    copies.add_argument("--keys", nargs="*", default=[], help="beginnings of keys, such as DLV#")
    chosen = parser.parse_args(arguments)

    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _interrupt)
    reach_loopback_directly()
    runs: dict[str, Callable[[argparse.Namespace], int]] = {
        "up": _up,
        "down": _down,
        "env": _env,
        "reset": _reset,
        "first-requests": _first_requests,
        "logs": _logs,
        "invoke": _invoke,
        "demo": _demo,
        "build": _build,
        "gate": _gate,
        "mutation": _mutation,
        "new-provider": _new_provider,
        "openapi": _openapi,
        "release": _release,
        "clients": _clients,
        "deploy": _deploy,
        "copy-table": _copy_table,
    }
    try:
        return runs[chosen.command](chosen)
    except (LocalStackError, DeploymentError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    except BrokenPipeError:
        return 1
    except OSError as error:
        if not (sentence := _sentence(error)):
            raise
        print(f"error: {sentence}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("stopped", file=sys.stderr)
        return INTERRUPTED


def _sentence(error: OSError) -> str:
    """What to tell a person of an error, if it is about a program or a file of the local stack."""
    if not isinstance(error.filename, str):
        return ""
    path = Path(error.filename)
    if isinstance(error, FileNotFoundError) and (
        path.parent.name == "bin" or path.name == error.filename
    ):
        return program_sentence(error.filename, ROOT)
    return file_sentence(error, ROOT) if path.is_relative_to(STATE) else ""


def _command(
    commands: "argparse._SubParsersAction[argparse.ArgumentParser]", name: str, what: str
) -> argparse.ArgumentParser:
    parser = commands.add_parser(name, help=what, description=what)
    parser.set_defaults(command=name)
    return parser


def _interrupt(_number: int, _frame: object) -> None:
    raise KeyboardInterrupt


def _up(_: argparse.Namespace) -> int:
    progress = Progress()
    background = Background()
    stack = background.up(progress)
    if wrong := background.first_requests():
        progress.say(f"  !! {wrong.removeprefix('error: ')}")
    print(
        f"The local stack is up ({progress.total()}).\n"
        f"  API        {stack.api_url}\n"
        f"  sandbox    {stack.sandbox_url}\n"
        f"  local AWS  {stack.aws_endpoint_url}\n"
        f"  all of it, keys too: {STACK_FILE.relative_to(ROOT)}\n"
        "Edits of functions/ and layers/ringpass/ are live; `make up` deploys the template.\n"
        "Next: docs/quickstart.md; `make logs` shows logs, `make down` stops it."
    )
    return 0


def _down(_: argparse.Namespace) -> int:
    was_up = Background().down(Progress())
    rest = "it again with the same data; `make reset` forgets them" if was_up else "one"
    print(f"Next: `make up` starts {rest}.")
    return 0


def _reset(_: argparse.Namespace) -> int:
    Background().reset(Progress())
    print("Next: `make up` starts a fresh stack, with other keys and another port.")
    return 0


def _first_requests(_: argparse.Namespace) -> int:
    stack = Background().current()
    try:
        warm_up(stack)
    except LocalStackError as error:
        say = f"not every function works: {error}"
        write_line(stack.aws_endpoint_url, "ERROR", say)
        raise LocalStackError(say) from error
    return 0


def _env(_: argparse.Namespace) -> int:
    print(shell_variables(Background().current()), end="")
    return 0


def _logs(_: argparse.Namespace) -> int:
    follow(Background().current().aws_endpoint_url, sys.stdout, keep_on=sys.stdout.isatty())
    return 0


def _invoke(chosen: argparse.Namespace) -> int:
    event = find_event(chosen.function, chosen.event)
    return invoke(stack_in_use(), chosen.function, event, sys.stdout)


def _demo(_: argparse.Namespace) -> int:
    return demo(Progress(sys.stdout))


def _build(_: argparse.Namespace) -> int:
    build(Progress())
    return 0


def _gate(chosen: argparse.Namespace) -> int:
    return gate(Progress(sys.stdout), Tests[chosen.tests.upper()])


def _mutation(chosen: argparse.Namespace) -> int:
    return mutate(Progress(sys.stdout), chosen.modules)


def _new_provider(chosen: argparse.Namespace) -> int:
    new_provider(ROOT, chosen.name, chosen.channel, sys.stdout)
    return 0


def _clients(_: argparse.Namespace) -> int:
    reach_the_layer()
    from local import client_libraries  # noqa: PLC0415

    for path in client_libraries.write():
        print(f"{'written' if path.exists() else 'removed'}: {path.relative_to(ROOT)}")
    return 0


def _openapi(_: argparse.Namespace) -> int:
    check_templates()
    reach_the_layer()
    from local import openapi  # noqa: PLC0415

    for path in openapi.write():
        print(f"written: {path.relative_to(ROOT)}")
    print(f"written: {write_picture().relative_to(ROOT)}")
    return 0


def _release(chosen: argparse.Namespace) -> int:
    write_version(chosen.version, datetime.now(UTC).date())
    # It has the version that was there when this process began.
    return subprocess.run(
        [sys.executable, "-m", "local", "openapi"], cwd=ROOT, check=False
    ).returncode


def _deploy(chosen: argparse.Namespace) -> int:
    reach_the_layer()
    from local.aws_deployment.deployment import deploy  # noqa: PLC0415
    from local.aws_deployment.settings import read_settings  # noqa: PLC0415

    settings = read_settings(chosen.env, shlex.split(chosen.arguments))
    deploy(settings, Progress(sys.stdout))
    return 0


def _copy_table(chosen: argparse.Namespace) -> int:
    region = os.environ.get("AWS_REGION") or os.environ.get("AWS_DEFAULT_REGION")
    if region is None:
        raise DeploymentError(NO_REGION)
    client = boto3.client("dynamodb", region_name=region)
    copied = copy_table(client, chosen.source, chosen.target, chosen.keys)
    print(f"copied: {copied.new}; there already: {copied.there}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
