"""A request before anything is believed about it; its body as plain data: JSON or a form, bounded and free of what no
store can keep.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any
from urllib.parse import parse_qsl

from idp.foundation.kernel import strict_json
from idp.foundation.kernel.faults import BODY, fault
from idp.foundation.kernel.strict_json import MAX_DEPTH, InvalidJson

MAX_BYTES = 1024 * 1024
FORM = "application/x-www-form-urlencoded"
HTML = "text/html"
"""A body that is a text as it stands: a template."""
MULTIPART = "multipart/form-data"
_FORM_KEY = re.compile(r"([^\[\]]+)((?:\[[^\[\]]*\])*)")


@dataclass(frozen=True)
class RawRequest:
    """What the web adapter saw: decoded path parameters, query pairs in order, and the body as bytes.

    ``parts`` are those of a body that takes files, by their names: files are bytes, other values are text.
    ``development``: the process is somebody's who develops, whose own machine may be named where others need https.
    """

    params: Mapping[str, str] = field(default_factory=dict)
    query: Sequence[tuple[str, str]] = ()
    content_type: str = ""
    body: bytes = b""
    development: bool = False
    parts: Mapping[str, Any] | None = None

    @cached_property
    def document(self) -> Any:
        """The body as plain data, decoded once however many look at it.

        :raises BadRequest: see :func:`parse`.
        """
        return parse(self.content_type, self.body) if self.parts is None else self.parts

    @property
    def is_form(self) -> bool:
        """Whether values arrive as text and need converting."""
        return is_form(self.content_type)


def parse(content_type: str, body: bytes) -> Any:
    """The body as plain data; an empty one is an empty object.

    :raises BadRequest: ``invalid_body`` for more than 1 MB, broken UTF-8 or JSON, more than 64 levels, a member named
    twice,
        NaN, infinity, integers beyond 64 bits, NUL and lone surrogates (security.md W6, X1).
    """
    if len(body) > MAX_BYTES:
        raise fault(BODY, f"Body is larger than {MAX_BYTES} bytes")
    if not body.strip():
        return {}
    if content_type.partition(";")[0].strip().lower() == HTML:
        return _html(body)
    return _form(body) if is_form(content_type) else _json(body)


def is_form(content_type: str) -> bool:
    """Whether values arrive as text and need converting."""
    return _kind(content_type) == FORM


def _kind(content_type: str) -> str:
    return content_type.partition(";")[0].strip().lower()


def _json(body: bytes) -> Any:
    try:
        return strict_json.decode(body)
    except InvalidJson as error:
        raise fault(BODY, str(error)) from error


def _html(body: bytes) -> str:
    try:
        text = body.decode("utf-8")
        strict_json.check(text)
    except (UnicodeDecodeError, InvalidJson) as error:
        raise fault(BODY, "Body is not text in UTF-8") from error
    return text


def _form(body: bytes) -> dict[str, Any]:
    """``a=1&b[]=2&c[d]=3`` as ``{"a": "1", "b": ["2"], "c": {"d": "3"}}``, the way Auth0 reads forms."""
    try:
        pairs = parse_qsl(
            body.decode("utf-8"), keep_blank_values=True, strict_parsing=True, errors="strict", max_num_fields=1000
        )
    except ValueError as error:
        raise fault(BODY, "Body is not a valid form") from error
    tree: dict[str, Any] = {}
    for key, value in pairs:
        _place(tree, key, value)
    try:
        strict_json.check(tree)
    except InvalidJson as error:
        raise fault(BODY, str(error)) from error
    return tree


def _place(tree: dict[str, Any], key: str, value: str) -> None:
    match = _FORM_KEY.fullmatch(key)
    if match is None:
        raise fault(BODY, "A form field has a malformed name")
    steps = re.findall(r"\[([^\[\]]*)\]", match[2])
    listed = bool(steps) and steps[-1] == ""
    names = [match[1], *(steps[:-1] if listed else steps)]
    if len(names) > MAX_DEPTH or "" in names:
        raise fault(BODY, "A form field has a malformed name")
    for name in names[:-1]:
        tree = tree.setdefault(name, {})
        if not isinstance(tree, dict):
            raise fault(BODY, "A form field is both a value and an object")
    last = names[-1]
    if listed or last in tree:
        _append(tree, last, value)
    else:
        tree[last] = value


def _append(tree: dict[str, Any], name: str, value: str) -> None:
    present = tree.get(name)
    if isinstance(present, dict):
        raise fault(BODY, "A form field is both a value and an object")
    earlier = present if isinstance(present, list) else [] if present is None else [present]
    tree[name] = [*earlier, value]
