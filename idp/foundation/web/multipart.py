"""Bodies of several parts (RFC 7578)."""

from __future__ import annotations

from io import BytesIO
from typing import Any

from werkzeug.exceptions import RequestEntityTooLarge
from werkzeug.formparser import FormDataParser
from werkzeug.http import parse_options_header

from idp.foundation.kernel import strict_json
from idp.foundation.kernel.faults import BODY, fault
from idp.foundation.kernel.strict_json import InvalidJson

KIND = "multipart/form-data"
MOST_PARTS = 50


def parse(content_type: str, body: bytes) -> dict[str, Any] | None:
    """The parts of a body by their names: files as bytes, other values as text; None for a body of another kind.

    :raises BadRequest: ``invalid_body`` for parts that cannot be told apart, too many of them, one name twice, and text
        that no store can keep.
    """
    kind, options = parse_options_header(content_type)
    if kind.lower() != KIND:
        return None
    parser = FormDataParser(_in_memory, max_form_memory_size=len(body), max_form_parts=MOST_PARTS, silent=False)
    try:
        _, form, files = parser.parse(BytesIO(body), KIND, len(body), options)
    except (ValueError, RequestEntityTooLarge) as error:
        raise fault(BODY, "Body is not valid multipart/form-data") from error
    found: dict[str, Any] = {}
    for name, value in [*form.items(multi=True), *((name, file.read()) for name, file in files.items(multi=True))]:
        if name in found:
            raise fault(BODY, "A part of the body is there twice")
        found[name] = value
    try:
        strict_json.check({name: value for name, value in found.items() if isinstance(value, str)})
    except InvalidJson as error:
        raise fault(BODY, str(error)) from error
    return found


def _in_memory(*_arguments: Any, **_named: Any) -> BytesIO:
    """Where the parser puts a file: the whole body is in memory anyway, and bounded."""
    return BytesIO()
