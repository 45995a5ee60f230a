"""Outbox: background work committed with the change that asks for it, taken by the worker. No routes."""
