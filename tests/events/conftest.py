"""A table in moto, and the parts of a small stack on it."""

from tests.moto_table import table
from tests.world import open_world, world

__all__ = ["open_world", "table", "world"]
