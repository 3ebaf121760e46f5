"""How to reach a local stack, as variables of a shell: `eval "$(make -s env)"`."""

import shlex

from local.stack import Stack

_FIELD = """\
field() { python3 -c 'import json, sys; print(json.load(sys.stdin)[sys.argv[1]])' "$1"; }
"""
"""Documented commands read one field of a response with it: not everybody has a tool for JSON."""


def shell_variables(stack: Stack) -> str:
    """Text for the shell's `eval`: addresses, keys, and the function `field`."""
    values = {
        "API": stack.api_url,
        "KEY": stack.api_key,
        "ADMIN_KEY": stack.admin_key,
        "SANDBOX": stack.sandbox_url,
    }
    assignments = (f"{name}={shlex.quote(value)}\n" for name, value in values.items())
    return "".join(assignments) + _FIELD
