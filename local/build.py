"""`sam build`, once for each state of the sources."""

import fcntl
import hashlib
import json
import platform
import shutil
import subprocess
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from local.environment import for_sam
from local.failures import LocalStackError
from local.paths import BUILDS, ROOT, SAM, SAM_CONFIG, SAM_HOME, TEMPLATE
from local.progress import Progress
from local.template_check import check_templates

KEPT_BUILDS = 4


def processor() -> str:
    """Lambda's word for this machine's processor: the functions run on it."""
    return "arm64" if platform.machine().lower() in ("arm64", "aarch64") else "x86_64"


def build(progress: Progress) -> Path:
    """Build the functions and layers, unless that was done before. Gives the built template.

    Raises:
        LocalStackError: something cannot be built.
    """
    BUILDS.mkdir(parents=True, exist_ok=True)
    with _alone(progress):
        folder = BUILDS / fingerprint(processor())
        template = folder / "template.yaml"
        if template.exists():
            folder.touch()
            progress.say("  ok Functions and layers are built already")
            return template
        check_templates()
        unfinished = BUILDS / "unfinished"
        shutil.rmtree(unfinished, ignore_errors=True)
        with progress.step("Building functions and layers"):
            _sam_build(unfinished)
        unfinished.rename(folder)
        _forget_old_builds()
        return template


def fingerprint(architecture: str, root: Path = ROOT) -> str:
    """Tells apart what is built from other sources, or for another processor."""
    names = ("template.yaml", "samconfig.toml", "requirements/cloud.txt", "local/build.py")
    folders = ("functions", "layers", "observability")
    return digest_of([*names, *folders], root, beginning=architecture)


def digest_of(names: Iterable[str], root: Path = ROOT, *, beginning: str = "") -> str:
    """Tells apart states of files, and of all files below folders."""
    digest = hashlib.sha256(beginning.encode())
    paths = [root / name for name in names]
    trees = [path for folder in paths if folder.is_dir() for path in folder.rglob("*")]
    for path in sorted([*paths, *trees]):
        if path.is_file() and "__pycache__" not in path.parts:
            digest.update(f"\n{path.relative_to(root)}\n".encode())
            digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()[:16]


def _sam_build(folder: Path) -> None:
    remember_no_news()
    log = BUILDS / "sam-build.log"
    command: list[str | Path] = [
        *SAM,
        *("build", "--template-file", TEMPLATE, "--build-dir", folder),
        *("--config-file", SAM_CONFIG, "--config-env", "local"),
        *("--cached", "--cache-dir", BUILDS / "cache"),
        *("--parameter-overrides", f"Architecture={processor()}"),
    ]
    with log.open("wb") as out:
        process = subprocess.run(
            command,
            cwd=ROOT,
            env=for_sam(),
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=subprocess.STDOUT,
            check=False,
        )
    if process.returncode != 0:
        raise LocalStackError(f"the build failed: {reason_in(log)}", log=log)


def reason_in(log: Path) -> str:
    """The line of a tool's log that says best what went wrong."""
    lines = [line.strip() for line in log.read_text("utf-8", "replace").splitlines()]
    error_lines = [
        line for line in lines if "error" in line.lower() or line.startswith("Build Failed")
    ]
    candidates = error_lines or [line for line in lines if line]
    return candidates[-1] if candidates else "it said nothing"


def remember_no_news() -> None:
    """Keep SAM CLI from asking the internet for newer versions of itself."""
    SAM_HOME.mkdir(parents=True, exist_ok=True)
    news = {"lastVersionCheck": time.time(), "telemetryEnabled": False}
    (SAM_HOME / "metadata.json").write_text(json.dumps(news), encoding="utf-8")


def _forget_old_builds() -> None:
    others = ("cache", "unfinished")
    builds = [path for path in BUILDS.iterdir() if path.is_dir() and path.name not in others]
    newest_first = sorted(builds, key=lambda path: path.stat().st_mtime, reverse=True)
    for old in newest_first[KEPT_BUILDS:]:
        shutil.rmtree(old, ignore_errors=True)


@contextmanager
def _alone(progress: Progress) -> Iterator[None]:
    """One build at a time in this clone; the next finds it done."""
    with (BUILDS / "lock").open("w", encoding="ascii") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            with progress.step("Waiting for another build in this clone"):
                fcntl.flock(lock, fcntl.LOCK_EX)
        yield
