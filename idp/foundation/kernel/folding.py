"""One way to compare texts regardless of case, in whatever script, whatever the database's collation can do."""

from __future__ import annotations

import unicodedata


def fold(text: str) -> str:
    """What two spellings of one text share: Unicode's full case folding of composed characters (Unicode 3.13, D145).

    For searching only: identifiers that sign somebody in are compared by
    :func:`idp.foundation.kernel.email_addresses.email_key`, which takes no look-alikes together.
    """
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", text).casefold())
