"""What of JSON that nobody declared may stand in a log entry: the words of names decide (:mod:`.secret_words`), and the
user part of URLs goes (security.md LOG1).
"""

from __future__ import annotations

import re
from typing import Any

from idp.foundation.kernel import secret_words

HIDDEN = "***"
"""Stands for a secret."""
_USERINFO = re.compile(r"(?<=://)[^/?#\s@]*@")
_MAX_TEXT = 2000


def foreign(name: str, value: Any) -> Any:
    """``value``, which stands under ``name``, without what its names call a secret."""
    if name and not isinstance(value, bool | int | None) and secret_words.in_document(name, value):
        return HIDDEN
    if isinstance(value, dict):
        return {each: foreign(each, item) for each, item in value.items()}
    return [foreign("", item) for item in value] if isinstance(value, list) else printable(value)


def printable(value: Any) -> Any:
    """A text without the user part of URLs, cut; anything else as it is."""
    return _USERINFO.sub(f"{HIDDEN}@", value)[:_MAX_TEXT] if isinstance(value, str) else value
