"""Stacks of one clone, used by several processes at once: whose folder is whose."""

import os
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from local.stack import claim, forget_old_stacks

TWO_DAYS_AGO = time.time() - 2 * 24 * 3600


def folder_of(state: Path, number: int, owner: str | None = None) -> Path:
    folder = state / f"stack-{number}"
    folder.mkdir()
    if owner is None:
        claim(folder)
    else:
        (folder / "owner.json").write_text(owner)
    return folder


def test_only_what_a_process_left_behind_more_than_a_day_ago_is_removed(tmp_path: Path) -> None:
    used, recent, old = (
        folder_of(tmp_path, 1),
        folder_of(tmp_path, 2, '{"pid": 1, "born": "another time"}'),
        folder_of(tmp_path, 3, '{"pid": 1, "born": "another time"}'),
    )
    for folder in (used, old):
        os.utime(folder / "owner.json", (TWO_DAYS_AGO, TWO_DAYS_AGO))
    forget_old_stacks(tmp_path)
    assert sorted(tmp_path.iterdir()) == [used, recent]


def test_processes_that_start_at_once_do_not_trip_over_each_other(tmp_path: Path) -> None:
    def start(number: int) -> None:
        folder = folder_of(tmp_path, number)
        forget_old_stacks(tmp_path)
        stale = folder / "stale"
        stale.write_text('{"pid": 1, "born": "another time"}')
        os.utime(stale, (TWO_DAYS_AGO, TWO_DAYS_AGO))
        stale.rename(folder / "owner.json")
        forget_old_stacks(tmp_path)

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(start, range(200)))
    forget_old_stacks(tmp_path)
    assert list(tmp_path.iterdir()) == []
