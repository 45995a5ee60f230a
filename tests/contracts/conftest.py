"""Fixtures of the port contracts."""

from tests.flows.harness.fixtures import browser, clock, installed_postgres, installed_sqlite, jane, store, world

__all__ = ["browser", "clock", "installed_postgres", "installed_sqlite", "jane", "store", "world"]
