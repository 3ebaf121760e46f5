"""Measures what requests cost and prints it beside the budgets. ``make bench``.

``python -m tests.load.bench``: builds the layers, starts servers on loopback that answer for AWS
and the providers at once, and the functions in processes of their own, in an environment that
holds boto3 alone. Exits with 1 if a budget is broken; a missed aim is only said.
"""

import argparse
import os
import platform
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from local.build import build
from local.failures import LocalStackError
from local.paths import ROOT
from local.progress import Progress
from tests.load import budgets, cold, counting, lives, usage, warm
from tests.load.budgets import Budget
from tests.load.counting import Counted
from tests.load.functions import CHECK, SENDERS, START, WEBHOOK, Runtime, cdr, event
from tests.load.instant import Instant, instant

PYTHON = ROOT / ".venv-runtime" / "bin" / "python"
"""Of an environment that holds what Lambda's runtime brings."""
MEGABYTE = 1_000_000


@dataclass(frozen=True, slots=True)
class Row:
    """A line of the table."""

    of: str
    measured: float
    budget: Budget
    note: str = ""

    @property
    def verdict(self) -> str:
        """What the reader wants to know."""
        if not self.budget.holds(self.measured):
            return "OVER"
        missed = self.budget.aim is not None and self.measured > self.budget.aim
        return "ok, over its aim" if missed else "ok"


def main(arguments: list[str] | None = None) -> int:
    """Run the bench. Gives the exit code."""
    parser = argparse.ArgumentParser(prog="python -m tests.load.bench", description=__doc__)
    parser.add_argument("--cold", type=int, default=30, metavar="ROUNDS")
    parser.add_argument("--warm", type=int, default=300, metavar="ROUNDS")
    parser.add_argument("--lives", type=int, default=11, metavar="ROUNDS", help="at least 2")
    parser.add_argument("--python", type=Path, default=PYTHON, help="with boto3 and no more")
    parser.add_argument("--layers", type=Path, nargs="+", help="instead of those that are built")
    chosen = parser.parse_args(arguments)
    progress = Progress(sys.stdout)
    try:
        layers = chosen.layers or built_layers(progress)
    except LocalStackError as error:
        progress.say(f"error: {error}")
        return 1
    runtime = Runtime(chosen.python, tuple(layers))
    with instant() as aws:
        with progress.step(f"Playing whole verifications, {chosen.lives} rounds"):
            rounds = lives.play(runtime, aws, chosen.lives)
        rows = _rows(runtime, aws, chosen.cold, chosen.warm, progress)
    rows += _steps(counting.count_lives(rounds))
    used = usage.operations(rounds[-1])
    lived = [usage.measured(what, rounds[1:]) for what in rounds[-1]]
    progress.say(f"\n{_table(rows)}\n\n{_used(used, lived)}\n\n{_machine(runtime)}")
    broken = sum(not row.budget.holds(row.measured) for row in rows)
    broken += tuple(used) != budgets.OPERATIONS
    broken += tuple(each.life for each in lived) != budgets.LIVES
    progress.say(f"{broken} budgets are broken." if broken else "Every budget holds.")
    return 1 if broken else 0


def built_layers(progress: Progress) -> list[Path]:
    """The folders of the layers that hold packages, third-party ones first."""
    folder = build(progress).parent
    return [folder / name / "python" for name in ("DependenciesLayer", "RingpassLayer")]


def _rows(
    runtime: Runtime, aws: Instant, cold_rounds: int, warm_rounds: int, progress: Progress
) -> list[Row]:
    with progress.step("Counting requests"):
        counts = counting.count_all(runtime, aws)
        rows = [*_requests(counts), *_imports(runtime, aws)]
    rows.append(Row("", _megabytes(runtime.layers[0]), budgets.DEPENDENCIES))
    with progress.step(f"Starting functions cold, {cold_rounds} rounds"):
        starts = cold.measure(runtime, aws, cold_rounds)
    bare = median(starts[cold.BARE])
    colds = {WEBHOOK: budgets.COLD_WEBHOOK, CHECK: budgets.COLD_CHECK}
    for name in (*SENDERS, START, CHECK, WEBHOOK):
        budget = colds.get(name, budgets.COLD_SENDER)
        note = f"{median(starts[name]):.0f} ms; one boto3 put {bare:.0f} ms"
        rows.append(Row(name, cold.ratio(starts, name), budget, note))
    for name in SENDERS:
        with progress.step(f"Warm requests of {name}, {warm_rounds} rounds"):
            warm_counts = counts[name].warm
            requests = warm_counts["dynamodb"] + warm_counts["provider"]
            pairs = warm.measure(runtime, aws, name, warm_rounds, requests)
        ours, theirs = (median(times) for times in zip(*pairs, strict=True))
        note = f"{ours:.1f} ms; bare requests {theirs:.1f} ms"
        rows.append(Row(name, warm.ratio(pairs), budgets.WARM_SENDER, note))
    return rows


def _requests(counted: dict[str, Counted]) -> list[Row]:
    rows = []
    for name in SENDERS:
        is_joined = name == "send_password_call"
        rows += [
            _row(
                name, counted[name], "dynamodb", budgets.SEND_JOINED if is_joined else budgets.SEND
            ),
            _row(name, counted[name], "provider", budgets.PLACED),
        ]
    rows += [
        _row("replay", counted["replay"], "dynamodb", budgets.REPLAY),
        _row(WEBHOOK, counted[WEBHOOK], "dynamodb", budgets.CDR),
        _row("one delivery", counted["read"], "dynamodb", budgets.READ),
        _row("deliveries", counted["list"], "dynamodb", budgets.LIST),
        _row("authorizer", counted["authorizer"], "dynamodb", budgets.AUTHORIZE),
    ]
    most = Counted(
        cold=max((each.cold for each in counted.values()), key=lambda one: one["secrets"]),
        warm=max((each.warm for each in counted.values()), key=lambda one: one["secrets"]),
    )
    rows.append(Row("any function", most.cold["secrets"], budgets.SECRETS_COLD))
    rows.append(Row("any function", most.warm["secrets"], budgets.SECRETS_WARM))
    sender = counted[SENDERS[0]]
    rows.append(Row(SENDERS[0], sender.cold["settings"], budgets.SETTINGS_COLD))
    rows.append(Row(SENDERS[0], sender.warm["settings"], budgets.SETTINGS_WARM))
    calls = counted["send_voice_otp"]
    rows.append(Row("send_voice_otp", calls.cold["scenarios"], budgets.SCENARIOS_COLD))
    rows.append(Row("send_voice_otp", calls.warm["scenarios"], budgets.SCENARIOS_WARM))
    return rows


def _steps(counted: dict[str, Counted]) -> list[Row]:
    """Requests of what is done with verifications."""
    rows = [_row("", counted[name], "dynamodb", budget) for name, budget in budgets.STEPS.items()]
    for name in budgets.PLACING:
        rows.append(_row(name, counted[name], "transactions", budgets.STEP_TRANSACTIONS))
        rows.append(_row(name, counted[name], "provider", budgets.STEP_PLACED))
    secrets = max(counted[name].cold["secrets"] for name in budgets.PLACING)
    return [*rows, Row("", secrets, budgets.SECRETS_STEP)]


def _used(used: list[budgets.Operation], lived: list[usage.Measured]) -> str:
    """The tables of docs/performance.md, as they stand there."""
    tables = (
        (usage.OPERATION_HEAD, [usage.operation_row(each) for each in used]),
        (usage.LIFE_HEAD, [usage.life_row(each.life) for each in lived]),
        (usage.COST_HEAD, [usage.cost_row(each) for each in lived]),
    )
    return "\n\n".join("\n".join(_markdown(head, rows)) for head, rows in tables)


def _markdown(head: tuple[str, ...], rows: list[tuple[str, ...]]) -> list[str]:
    return [f"| {' | '.join(row)} |" for row in (head, ("---",) * len(head), *rows)]


def _row(of: str, counted: Counted, service: str, budget: Budget) -> Row:
    return Row(of, max(counted.cold[service], counted.warm[service]), budget)


def _imports(runtime: Runtime, aws: Instant) -> list[Row]:
    rows = []
    for name in (*SENDERS, START, WEBHOOK):
        payload = cdr(aws.references[-1]) if name == WEBHOOK else event(name)
        modules = counting.imported(runtime, aws, name, payload)
        never = budgets.NEVER_IN_A_WEBHOOK if name == WEBHOOK else budgets.NEVER_IMPORTED
        rows.append(Row(name, len(modules & never), budgets.BALLAST, ", ".join(modules & never)))
    return rows


def _megabytes(folder: Path) -> float:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file()) / MEGABYTE


def _table(rows: list[Row]) -> str:
    head = ("what", "measured", "budget", "aim", "")
    lines = [head] + [
        (
            f"{row.budget.what}{row.of and ': '}{row.of}",
            row.budget.text(row.measured),
            row.budget.text(row.budget.most),
            "" if row.budget.aim is None else row.budget.text(row.budget.aim),
            f"{row.verdict}{row.note and '; '}{row.note}",
        )
        for row in rows
    ]
    widths = [max(len(line[column]) for line in lines) for column in range(len(head))]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip()
        for line in lines
    )


def _machine(runtime: Runtime) -> str:
    process = subprocess.run(  # noqa: S603 - our own program
        [
            *(runtime.python, "-I", "-c"),
            "import boto3, platform; print(platform.python_version(), 'boto3', boto3.__version__)",
        ],
        capture_output=True,
        text=True,
        check=True,
    )
    return f"{os.cpu_count()} cores, {platform.machine()}, Python {process.stdout.strip()}"


if __name__ == "__main__":
    sys.exit(main())
