"""Schema migrations (Alembic). ``HEAD`` names the newest revision, so that a start-up at head need not import Alembic.

Every revision keeps the code before it running: add first, remove a release later (security.md RL15).
:mod:`idp.foundation.db.migrate` runs them.
"""

from __future__ import annotations

HEAD = "0086"
"""Revision this code expects; a test compares it with the scripts in ``versions/``."""
