"""Makes virtual environments from pinned requirements, unless they are there already.

pip installs uv, and uv all else, in a tenth of the time.

Run with the standard library alone, before there is any environment:
``python3.13 local/venv.py .venv=requirements/dev.txt .venv-cloud=requirements/cloud.txt``
"""

import ast
import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
import threading
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
STATE = ROOT / ".local"
STAMP = "ringpass-requirements"
_UV = STATE / "uv"
_UV_REQUIREMENTS = ROOT / "requirements" / "uv.txt"
_UV_VARIABLES = {
    "index-url": "UV_DEFAULT_INDEX",
    "extra-index-url": "UV_INDEX",
    "find-links": "UV_FIND_LINKS",
    "cert": "SSL_CERT_FILE",
}
"""uv's environment variables, by pip's setting."""


class SetUpError(Exception):
    """An environment cannot be made; its text is the line to show."""


def main(arguments: list[str]) -> int:
    """Make the environments named by ``folder=requirements`` arguments. Gives the exit code."""
    try:
        return _make_missing(arguments)
    except OSError as error:
        print(
            f"error: {error.filename or ROOT}: {error.strerror}: make it writable", file=sys.stderr
        )
        return 1


def _make_missing(arguments: list[str]) -> int:
    STATE.mkdir(exist_ok=True)
    folders = [
        (ROOT / folder, ROOT / path)
        for folder, _, path in (argument.partition("=") for argument in arguments)
    ]
    if all(_is_made(folder, requirements) for folder, requirements in folders):
        return 0
    with (STATE / "venv.lock").open("w", encoding="ascii") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            print("  .. Waiting for another set-up in this clone", flush=True)
            fcntl.flock(lock, fcntl.LOCK_EX)
        missing = [one for one in folders if not _is_made(*one)]
        return _make_all(missing)


def _make_all(missing: list[tuple[Path, Path]]) -> int:
    failures: list[str] = []

    def make(folder: Path, requirements: Path) -> None:
        try:
            _make(folder, requirements)
        except SetUpError as error:
            failures.append(str(error))

    if not _is_made(_UV, _UV_REQUIREMENTS):
        make(_UV, _UV_REQUIREMENTS)
    if not failures:
        others = [one for one in missing if one[0] != _UV]
        threads = [threading.Thread(target=make, args=one, daemon=True) for one in others]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    for failure in failures:
        print(f"error: {failure}", file=sys.stderr)
    return 1 if failures else 0


def _make(folder: Path, requirements: Path) -> None:
    started = time.monotonic()
    log = STATE / f"venv-{requirements.stem}.log"
    count = sum(1 for line in requirements.read_text("utf-8").splitlines() if "==" in line)
    title = f"Installing {count} package{'s' if count > 1 else ''} into {folder.relative_to(ROOT)}"
    print(f"  .. {title} (once)", flush=True)
    shutil.rmtree(folder, ignore_errors=True)
    python, uv = folder / "bin" / "python", _UV / "bin" / "uv"
    if folder == _UV:
        commands: list[list[str | Path]] = [
            [sys.executable, "-m", "venv", folder],
            [python, "-m", "pip", "install", "--require-hashes", "-r", requirements],
        ]
    else:
        # Most modules are never imported: uv compiles none, the first import does.
        commands = [
            [uv, "venv", "--no-project", "--python", sys.executable, folder],
            [uv, "pip", "install", "--python", python, "--require-hashes", "-r", requirements],
        ]
    environment = _environment(_UV / "bin" / "python") if folder != _UV else None
    with log.open("wb") as out:
        for command in commands:
            process = subprocess.Popen(
                command,
                cwd=ROOT,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=subprocess.STDOUT,
            )
            while True:
                try:
                    code = process.wait(15)
                    break
                except subprocess.TimeoutExpired:
                    elapsed = time.monotonic() - started
                    print(f"  .. {title}: still at it, {elapsed:.0f} s", flush=True)
            if code != 0:
                raise SetUpError(
                    f"{folder.name} could not be made: {_reason(log)} (all of it: {log})"
                )
    (folder / STAMP).write_text(_mark(folder, requirements), encoding="ascii")
    print(f"  ok {title} ({time.monotonic() - started:.0f} s)", flush=True)


def _environment(python: Path) -> dict[str, str]:
    """Environment variables with pip's settings, for uv: who has a mirror has told pip.

    uv's own variables win. As pip does, it takes the best version of all indexes; hashes say what
    may be installed.
    """
    pip: list[str | Path] = [python, "-m", "pip", "config", "list"]
    lines = subprocess.run(pip, capture_output=True, text=True, check=False).stdout.splitlines()
    settings = {"UV_INDEX_STRATEGY": "unsafe-best-match", "PIP_DISABLE_PIP_VERSION_CHECK": "1"}
    for line in lines:
        name, _, value = line.partition("=")
        variable = _UV_VARIABLES.get(name.rpartition(".")[2])
        if variable is not None:
            settings[variable] = " ".join(ast.literal_eval(value).split())
    return settings | os.environ


def _is_made(folder: Path, requirements: Path) -> bool:
    try:
        stamp = (folder / STAMP).read_text(encoding="ascii")
    except OSError:
        return False
    return stamp == _mark(folder, requirements) and (folder / "bin" / "python").exists()


def _mark(folder: Path, requirements: Path) -> str:
    """Changes with the pinned packages, with Python, and when the folder has been moved."""
    digest = hashlib.sha256(requirements.read_bytes())
    digest.update(f"{sys.version_info[:2]}\n{folder.resolve()}".encode())
    return digest.hexdigest()


def _reason(log: Path) -> str:
    lines = [line.strip() for line in log.read_text("utf-8", "replace").splitlines()]
    errors = [line for line in lines if "error" in line.lower()]
    return (errors or lines or ["it said nothing"])[-1]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
