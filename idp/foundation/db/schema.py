"""Every table of the product, for migrations and for tests that walk all models."""

from __future__ import annotations

import re
from importlib import import_module
from pathlib import Path
from typing import Any

from sqlalchemy import MetaData

import idp
from idp.foundation.db.base import Base

_BESIDE = re.compile(
    r"(users_text|users_members)(_\w+)?|user_numbers|sqlite_\w+|ix_users_(text|user_metadata|app_metadata)"
)
"""What only one store has, to search in: no model stands for it (docs/decisions/0125, 0127)."""


def is_modelled(_item: Any, name: str | None, _kind: str, _reflected: bool, _beside: Any) -> bool:
    """Alembic's ``include_object``: whether models say what such a thing should be like."""
    return name is None or _BESIDE.fullmatch(name) is None


def metadata() -> MetaData:
    """Import every module called ``models`` below ``idp`` and answer the metadata that holds all their tables."""
    package = Path(idp.__file__).parent
    for file in sorted(package.rglob("models.py")):
        import_module(".".join(file.relative_to(package.parent).with_suffix("").parts))
    return Base.metadata
