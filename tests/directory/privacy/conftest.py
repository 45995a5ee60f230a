"""Somebody's data may come from a directory, too."""

from __future__ import annotations

from tests.directory.provisioning.conftest import directory, provision, strategies

__all__ = ["directory", "provision", "strategies"]
