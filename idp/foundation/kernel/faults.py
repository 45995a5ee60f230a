"""What is wrong with something that was sent, in Auth0's words: the 400 of an edge, raised by whoever notices."""

from __future__ import annotations

import re
from dataclasses import dataclass

from idp.foundation.kernel.errors import BadRequest


@dataclass(frozen=True)
class Place:
    """Where a value stands: ``kind`` is the word in the message, ``error_code`` Auth0's code for a fault there."""

    kind: str
    error_code: str


BODY = Place("Payload", "invalid_body")
QUERY = Place("Query", "invalid_query_string")
PATH = Place("Path", "invalid_uri")
_MISSING = re.compile(r"Missing required property: ([A-Za-z0-9_-]+)")


def fault(place: Place, why: str, where: str = "", description: str = "") -> BadRequest:
    """400 in Auth0's words: ``Payload validation error: '<why>' on property <path> (<description>).``

    The error names ``where``, too; of a property that is missing, whose name is in ``why``, that one.
    """
    tail = f" on property {where}" if where else ""
    tail += f" ({description.rstrip('.')})" if where and description else ""
    missing = _MISSING.fullmatch(why)
    at = f"{where}.{missing[1]}".lstrip(".") if missing and where != missing[1] else where
    return BadRequest(f"{place.kind} validation error: '{why}'{tail}.", place.error_code, where=at)
