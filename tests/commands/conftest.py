"""A small stack whose commands come from a queue, both in moto."""

from tests.moto_table import table
from tests.world import open_world, world

__all__ = ["open_world", "table", "world"]
