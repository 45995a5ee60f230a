"""What the commands of processes that stay begin with; imports nothing of the features."""

from __future__ import annotations

import sys

from idp.foundation import logging
from idp.foundation.settings import Settings


def server_settings() -> Settings:
    """Settings for a process that stays: its log goes to stdout, readable on a developer's terminal. Raises
    SettingsError.
    """
    settings = Settings.from_env()
    logging.configure(settings.log_level, readable=settings.development and sys.stdout.isatty())
    return settings
