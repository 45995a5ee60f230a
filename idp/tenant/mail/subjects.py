"""Whom a mail is about, for templates that say more than its address: a port, since mail stands below people, clients
and connections. :mod:`idp.wiring` fills it.
"""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from typing import Any

from idp.foundation.tenancy.work import Work

describe = ""
"""``module:function`` that answers ``user``, ``application`` and ``connection`` for (work, ids)."""


def register(where: str) -> None:
    """Say who knows."""
    global describe  # noqa: PLW0603 - filled once, when the process is wired
    describe = where


def find(work: Work, about: Mapping[str, str]) -> dict[str, dict[str, Any]]:
    """What is known of them; asked only where a template may say it."""
    if not describe:
        return {}
    module, _, name = describe.partition(":")
    found: dict[str, dict[str, Any]] = getattr(import_module(module), name)(work, about)
    return found
