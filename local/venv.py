"""Makes virtual environments from pinned requirements, unless they are there already.

pip installs uv, and uv all else, in a tenth of the time.

Run with the standard library alone, before there is any environment:
``python3.13 local/venv.py .venv=requirements/dev.txt .venv-cloud=requirements/cloud.txt``
"""

import ast
import fcntl
import hashlib
import math
import os
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
if not __package__:  # Run as a file: our modules are found from the repository.
    sys.path[0] = str(ROOT)

from local.failures import file_sentence  # noqa: E402
from local.progress import Progress  # noqa: E402

STATE = ROOT / ".local"
STAMP = "ringpass-requirements"
INTERRUPTED = 130
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
        _make_missing(arguments)
    except SetUpError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    except OSError as error:
        print(f"error: {file_sentence(error, ROOT)}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("stopped", file=sys.stderr)
        return INTERRUPTED
    return 0


def _make_missing(arguments: list[str]) -> None:
    STATE.mkdir(exist_ok=True)
    folders = [
        (ROOT / folder, ROOT / path)
        for folder, _, path in (argument.partition("=") for argument in arguments)
    ]
    if all(_is_made(folder, requirements) for folder, requirements in folders):
        return
    progress = Progress()
    with (STATE / "venv.lock").open("w", encoding="ascii") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            with progress.step("Waiting for another set-up in this clone"):
                fcntl.flock(lock, fcntl.LOCK_EX)
        missing = [one for one in folders if not _is_made(*one)]
        if missing:
            _make_all(missing, progress)


def _make_all(missing: list[tuple[Path, Path]], progress: Progress) -> None:
    others = [one for one in missing if one[0] != _UV]
    packages = sum(package_count(requirements) for _, requirements in others)
    names = " and ".join(str(folder.relative_to(ROOT)) for folder, _ in missing)
    needs_uv = not _is_made(_UV, _UV_REQUIREMENTS)
    estimate = Estimate(packages, needs_uv=needs_uv)
    logs = Logs([STATE / f"venv-{requirements.stem}.log" for _, requirements in others])
    count = f"{packages} package{'' if packages == 1 else 's'}, " if packages else ""

    def detail() -> str:
        """How long it takes in all, and what is done now."""
        return f"of {estimate.text()}  {logs.last_line()}".rstrip()

    with progress.step(f"Setting up {names} (once: {count}{estimate.text()})", detail):
        if needs_uv:
            _make(_UV, _UV_REQUIREMENTS)
            estimate.uv_is_there()
        failures: list[SetUpError | OSError] = []

        def make(folder: Path, requirements: Path) -> None:
            try:
                _make(folder, requirements)
            except (SetUpError, OSError) as error:
                failures.append(error)

        threads = [threading.Thread(target=make, args=one, daemon=True) for one in others]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        if failures:
            raise failures[0]


def package_count(requirements: Path) -> int:
    """How many packages are pinned."""
    return sum(1 for line in requirements.read_text("utf-8").splitlines() if "==" in line)


class Estimate:
    """How long a set-up takes: corrected once uv is there, whose own download tells the network.

    Measured on 2 cores with a fast network: 5 s for uv, and 0.04 s for each other package. uv is
    a sixth of what 196 packages are to download.
    """

    _UV_SECONDS = 5.0
    _PACKAGE_SECONDS = 0.04
    _PACKAGES_LIKE_UV = 35

    def __init__(
        self,
        packages: int,
        *,
        needs_uv: bool,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._packages = packages
        self._clock = clock
        self._started = clock()
        self._seconds = packages * self._PACKAGE_SECONDS + (self._UV_SECONDS if needs_uv else 0)

    def uv_is_there(self) -> None:
        """Reckon anew, from how long uv took."""
        took = self._clock() - self._started
        late = max(0.0, took - self._UV_SECONDS)
        rest = self._packages * self._PACKAGE_SECONDS
        self._seconds = took + rest + late * self._packages / self._PACKAGES_LIKE_UV

    def text(self) -> str:
        """Such as `about 15 s`; whole fives."""
        return f"about {max(1, math.ceil(self._seconds / 5)) * 5} s"


class Logs:
    """What the installers write."""

    def __init__(self, paths: Sequence[Path]) -> None:
        self._paths = paths

    def last_line(self) -> str:
        """The last line of the log that was written last."""
        latest = max(self._paths, key=_changed_at, default=None)
        if latest is None or not latest.exists():
            return ""
        lines = latest.read_text("utf-8", "replace").splitlines()
        return next((line.strip() for line in reversed(lines) if line.strip()), "")


def _changed_at(path: Path) -> float:
    return path.stat().st_mtime if path.exists() else 0.0


def _make(folder: Path, requirements: Path) -> None:
    log = STATE / f"venv-{requirements.stem}.log"
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
            process = subprocess.run(
                command,
                cwd=ROOT,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=subprocess.STDOUT,
                check=False,
            )
            if process.returncode != 0:
                raise SetUpError(
                    f"{folder.name} could not be made: {_reason(log)} (all of it: {log})"
                )
    (folder / STAMP).write_text(_mark(folder, requirements), encoding="ascii")


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
