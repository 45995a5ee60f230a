"""What is missing or unsafe in the installation: a port, since what knows stands above whoever shows it.
:mod:`idp.wiring` fills it.
"""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module

from idp.foundation.settings import Settings

_known: list[str] = []


def register(where: str) -> None:
    """Say who knows: ``module:function``, which is given the settings and answers sentences."""
    _known[:] = [where]


def found(settings: Settings) -> list[str]:
    """Everything that is wrong, most fundamental first, without secrets. Asks stores and servers, which takes seconds
    where one does not answer: nothing for a page that is only looked at.
    """
    module, _, name = _known[0].partition(":")
    look: Callable[[Settings], list[str]] = getattr(import_module(module), name)
    return look(settings)
