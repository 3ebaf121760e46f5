"""A table in moto, and a post office on it."""

from tests.moto_table import table
from tests.webhook_endpoints.post_office import office

__all__ = ["office", "table"]
