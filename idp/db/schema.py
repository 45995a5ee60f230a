"""The list of every module that declares tables, for migrations and for tests that walk all models."""

from __future__ import annotations

from importlib import import_module

from sqlalchemy import MetaData

from idp.db.base import Base

FEATURES_WITH_MODELS = (
    "tenants", "keys", "resource_servers", "connections", "clients", "users", "sessions", "tokens", "user_grants",
    "audit", "ephemeral", "queue", "attack_protection", "mail",
)  # fmt: skip


def metadata() -> MetaData:
    """Import every model by name and answer the metadata that holds them all."""
    for feature in FEATURES_WITH_MODELS:
        import_module(f"idp.{feature}.models")
    return Base.metadata
