"""How scripts are run in these tests."""

from __future__ import annotations

from collections.abc import Callable

from idp.foundation.scripts import Outcome

Run = Callable[..., Outcome]
