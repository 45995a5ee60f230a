"""What a handler answers, converted to what its signature declares: an undeclared member never leaves (decision 0021).

While somebody develops or tests, one that is not declared is a failure. In production it is logged as the defect it is
and dropped: a caller is served, and nothing leaves that no document promises.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any, TypeVar

import msgspec
import structlog

from idp.foundation.apikit.schema import OpenView

T = TypeVar("T", bound=msgspec.Struct)
JSON_TYPE = "application/json; charset=utf-8"
_encoder = msgspec.json.Encoder()
log = structlog.get_logger("idp.apikit")
_strict: list[bool] = []


class UndeclaredAnswerError(AssertionError):
    """A handler answered something else than it declares."""


@dataclass(frozen=True)
class Answer:
    """A finished answer; ``body`` is empty where the status has none, ``document`` is what was encoded into it."""

    status: int
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)
    document: Any = None


@dataclass(frozen=True)
class File:
    """What a handler answers that is no JSON: a file to keep. ``name`` is plain ASCII."""

    name: str
    media_type: str
    content: bytes


def file_answer(status: int, file: File) -> Answer:
    """``file``, as something to save."""
    headers = {"Content-Type": file.media_type, "Content-Disposition": f'attachment; filename="{file.name}"'}
    return Answer(status, file.content, headers, {})


def json_answer(status: int, document: Any, headers: dict[str, str] | None = None) -> Answer:
    """``document`` (plain data) as an answer."""
    return Answer(status, _encoder.encode(document), {"Content-Type": JSON_TYPE, **(headers or {})}, document)


def encode(document: object) -> bytes:
    """``document`` as JSON."""
    return _encoder.encode(document)


def be_strict() -> None:
    """From now on an answer that is not what was declared fails: for tests and development."""
    _strict[:] = [True]


def as_view(type_: type[T], members: Mapping[str, Any]) -> T:
    """``members``, under their names in JSON, as a ``type_``: for answers that are made from stored documents.

    :raises UndeclaredAnswerError: ``type_`` knows no such member, and answers are strict.
    """
    try:
        return msgspec.convert(members, type_)
    except msgspec.ValidationError as error:
        _report(error, type_)
        names = dict(zip(type_.__struct_encode_fields__, type_.__struct_fields__, strict=True))
        return type_(**{names[name]: value for name, value in members.items() if name in names})


def plain(value: object, declared: Any) -> Any:
    """``value`` as plain data with nothing in it but what ``declared`` has.

    :raises UndeclaredAnswerError: there is more, or something else, and answers are strict.
    """
    data = msgspec.to_builtins(value, str_keys=True)
    if _strict or not _is_declared(value, declared):
        try:
            msgspec.convert(data, declared)
        except msgspec.ValidationError as error:
            _report(error, declared)
            data = _only_declared(data, _info(declared))
    return _opened(value, data)


def expect_nothing(result: object, handler: Callable[..., object]) -> None:
    """A handler that declares no answer gave none.

    :raises UndeclaredAnswerError: it did, and answers are strict.
    """
    if result is not None:
        _report(msgspec.ValidationError("an answer where none is declared"), handler)


def _is_declared(value: object, declared: Any) -> bool:
    """Whether ``value`` can hold nothing else by itself: the structs that handlers answer."""
    if isinstance(value, list):
        (row,) = getattr(declared, "__args__", None) or (None,)
        return all(type(each) is row for each in value)
    return type(value) is declared


def _opened(value: object, data: Any) -> Any:
    """With the additional members of open views beside the declared ones."""
    if isinstance(value, list):
        return [_opened(each, part) for each, part in zip(value, data, strict=True)]
    return {**data.pop("additional", {}), **data} if isinstance(value, OpenView) else data


def _report(error: msgspec.ValidationError, declared: Any) -> None:
    if _strict:
        raise UndeclaredAnswerError(f"{getattr(declared, '__name__', declared)}: {error}") from error
    log.error("undeclared answer", declared=str(declared), problem=str(error))


def _only_declared(data: Any, info: msgspec.inspect.Type) -> Any:
    match info:
        case msgspec.inspect.Metadata(type=inner):
            return _only_declared(data, inner)
        case msgspec.inspect.StructType(fields=fields) if isinstance(data, dict):
            known = {field.encode_name: field.type for field in fields}
            return {name: _only_declared(value, known[name]) for name, value in data.items() if name in known}
        case msgspec.inspect.ListType(item_type=item) if isinstance(data, list):
            return [_only_declared(each, item) for each in data]
        case msgspec.inspect.UnionType(types=types) if isinstance(data, dict | list):
            kind = msgspec.inspect.ListType if isinstance(data, list) else msgspec.inspect.StructType
            option = next((each for each in types if isinstance(each, kind)), None)
            return data if option is None else _only_declared(data, option)
        case _:
            return data


@cache
def _info(declared: Any) -> msgspec.inspect.Type:
    return msgspec.inspect.type_info(declared)
