"""Fixtures of the flows."""

from tests.world.fixtures import browser, clock, installed_postgres, installed_sqlite, jane, store, world

__all__ = ["browser", "clock", "installed_postgres", "installed_sqlite", "jane", "store", "world"]
