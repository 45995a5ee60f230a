"""Every table of the product, for migrations and for tests that walk all models."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path

from sqlalchemy import MetaData

import idp
from idp.foundation.db.base import Base


def metadata() -> MetaData:
    """Import every module called ``models`` below ``idp`` and answer the metadata that holds all their tables."""
    package = Path(idp.__file__).parent
    for file in sorted(package.rglob("models.py")):
        import_module(".".join(file.relative_to(package.parent).with_suffix("").parts))
    return Base.metadata
