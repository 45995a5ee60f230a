"""What is wrong with something that was sent, in Auth0's words: the 400 of an edge, raised by whoever notices."""

from __future__ import annotations

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


def fault(place: Place, why: str, where: str = "", description: str = "") -> BadRequest:
    """400 in Auth0's words: ``Payload validation error: '<why>' on property <path> (<description>).``

    The error names ``where``, too.
    """
    tail = f" on property {where}" if where else ""
    tail += f" ({description.rstrip('.')})" if where and description else ""
    return BadRequest(f"{place.kind} validation error: '{why}'{tail}.", place.error_code, where=where)
