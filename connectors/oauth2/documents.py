"""Documents that a provider answers with: objects of bounded depth (security.md CO11)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal
from urllib.parse import parse_qsl

from connectors.contract import UNAVAILABLE, ConnectorError, HttpAnswer

MOST_DEPTH = 16
MOST_TOKEN = 32_768
"""Characters of a token."""
SICK = 500
_TOO_MANY = 429
NOT_UNDERSTOOD = "The identity provider gave an answer that cannot be understood."


def alive(answer: HttpAnswer, what: str) -> HttpAnswer:
    """The answer of somebody who is well.

    :raises ConnectorError: ``temporarily_unavailable``: a status of 500 and above, or 429.
    """
    if answer.status >= SICK or answer.status == _TOO_MANY:
        raise ConnectorError(
            UNAVAILABLE, "The identity provider does not answer.", detail=f"{what}: status {answer.status}"
        )
    return answer


def value(answer: HttpAnswer, what: str) -> Any:
    """The JSON of the answer.

    :raises ConnectorError: it is none, or too deep.
    """
    try:
        found = answer.json()
    except ValueError as error:
        raise garbage(what, f"status {answer.status}, no JSON") from error
    return bounded(found, what)


def bounded(found: Any, what: str) -> Any:
    """It again. Raises ConnectorError where it is nested too deep."""
    if _deeper(found, MOST_DEPTH):
        raise garbage(what, "nested too deep")
    return found


def document(answer: HttpAnswer, what: str, form: Literal["json", "form", "either"] = "json") -> dict[str, Any]:
    """The object of the answer, as JSON or as a form. Raises ConnectorError."""
    if form == "form" or (form == "either" and _is_form(answer)):
        try:
            return dict(parse_qsl(answer.body.decode("utf-8"), keep_blank_values=True, max_num_fields=100))
        except ValueError as error:  # UnicodeDecodeError is one
            raise garbage(what, f"status {answer.status}, no form") from error
    found = value(answer, what)
    if not isinstance(found, dict):
        raise garbage(what, f"status {answer.status}, no object")
    return found


def garbage(what: str, why: str) -> ConnectorError:
    """The error for an answer that makes no sense."""
    return ConnectorError("access_denied", NOT_UNDERSTOOD, detail=f"{what}: {why}")


def _is_form(answer: HttpAnswer) -> bool:
    kind = answer.headers.get("content-type", "").partition(";")[0].strip().lower()
    return kind == "application/x-www-form-urlencoded" or (
        "json" not in kind and not answer.body.lstrip().startswith((b"{", b"[")) and b"=" in answer.body
    )


def _deeper(found: Any, most: int) -> bool:
    level = [found]
    for _ in range(most):
        level = [
            member
            for each in level
            if isinstance(each, Mapping | list)
            for member in (each.values() if isinstance(each, Mapping) else each)
        ]
        if not level:
            return False
    return True
