from tests.moto_table import table
from tests.world import world

__all__ = ["table", "world"]
