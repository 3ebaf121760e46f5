"""Makes virtual environments from pinned requirements, unless they are there already.

Run with the standard library alone, before there is any environment:
``python3.13 local/venv.py .venv=requirements/dev.txt .venv-cloud=requirements/cloud.txt``
"""

import fcntl
import hashlib
import shutil
import subprocess
import sys
import threading
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
STATE = ROOT / ".local"
STAMP = "ringpass-requirements"


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

    threads = [threading.Thread(target=make, args=one, daemon=True) for one in missing]
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
    title = f"Installing {count} packages into {folder.name}"
    print(f"  .. {title} (once; a minute or two)", flush=True)
    shutil.rmtree(folder, ignore_errors=True)
    python = folder / "bin" / "python"
    pip: list[str | Path] = [python, "-m", "pip", "--disable-pip-version-check", "--no-input"]
    steps: list[list[str | Path]] = [
        [sys.executable, "-m", "venv", folder],
        # Most modules are never imported; the others are compiled once, at their first import.
        [*pip, "install", "--no-compile", "--require-hashes", "--requirement", requirements],
    ]
    with log.open("wb") as out:
        for step in steps:
            process = subprocess.Popen(
                step, cwd=ROOT, stdin=subprocess.DEVNULL, stdout=out, stderr=subprocess.STDOUT
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


def _is_made(folder: Path, requirements: Path) -> bool:
    try:
        stamp = (folder / STAMP).read_text(encoding="ascii")
    except OSError:
        return False
    return stamp == _mark(folder, requirements) and (folder / "bin" / "python").exists()


def _mark(folder: Path, requirements: Path) -> str:
    """Changes with the pinned packages, with Python, and when the folder has been moved."""
    digest = hashlib.sha256(requirements.read_bytes())
    digest.update(f"{sys.version_info[:2]}\n{folder}".encode())
    return digest.hexdigest()


def _reason(log: Path) -> str:
    lines = [line.strip() for line in log.read_text("utf-8", "replace").splitlines()]
    errors = [line for line in lines if "error" in line.lower()]
    return (errors or lines or ["it said nothing"])[-1]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
