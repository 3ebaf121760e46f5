"""Stands in for Lambda's runtime: imports a handler and gives it events, one a line.

``python -I -B runtime.py <fd of answers> <folder>:<folder>...``

Run by the bench in a process of its own, with the standard library alone. What a handler prints
goes where standard output goes; answers, one a line, have a pipe of their own.
"""

import importlib
import json
import os
import sys
from types import SimpleNamespace


def main() -> None:
    answers, folders = int(sys.argv[1]), sys.argv[2]
    sys.path[:0] = folders.split(os.pathsep)
    handler = importlib.import_module("app").handler
    context = SimpleNamespace(
        aws_request_id="00000000-0000-4000-8000-000000000000",
        function_name="bench",
        function_version="$LATEST",
        invoked_function_arn="arn:aws:lambda:us-east-1:000000000000:function:bench",
        memory_limit_in_mb="1024",
    )
    for line in sys.stdin:
        event = json.loads(line)
        if event == "modules":
            answer = sorted({name.partition(".")[0] for name in sys.modules})
        else:
            answer = handler(event, context)
        os.write(answers, json.dumps(answer).encode() + b"\n")


main()
