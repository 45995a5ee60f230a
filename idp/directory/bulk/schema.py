"""What a row of an import may say (spec/bulk-import-export.md, "User object schema"): one table of members, and the
walk that compares a row with it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from idp.directory.bulk.faults import Code, Fault
from idp.directory.users.foreign_hashes.imported import ALGORITHMS
from idp.directory.users.identifiers import valid_email

_WORDS: Mapping[type, str] = {str: "string", bool: "boolean", int: "integer", dict: "object", list: "array"}
_ENCODINGS = ("base64", "hex", "utf8")
_PASSWORD_ENCODINGS = ("ascii", "utf8", "utf16le", "ucs2", "latin1", "binary")
LONGEST_HASH = 4096


@dataclass(frozen=True, kw_only=True)
class Member:
    """``type`` of its value, and what it must keep to. ``members`` are those of an object that takes no others;
    ``exactly_one`` of them where it says so. ``items`` is each value of a list.
    """

    type: type
    least: int | None = None
    most: int | None = None
    pattern: re.Pattern[str] | None = None
    format: str = ""
    accepts: Callable[[str], object] | None = None
    words: Sequence[str] = ()
    members: Mapping[str, Member] = field(default_factory=dict)
    required: Sequence[str] = ()
    exactly_one: bool = False
    items: Member | None = None


def _text(most: int, least: int = 1, **more: Any) -> Member:
    return Member(type=str, least=least, most=most, **more)


def _word(*words: str) -> Member:
    return Member(type=str, words=words)


_EMAIL = Member(type=str, most=254, format="email", accepts=valid_email)
_PHONE = Member(type=str, pattern=re.compile(r"\+[0-9]{1,15}"))
_FLAG = Member(type=bool)
_OBJECT = Member(type=dict)
_VALUE = _text(LONGEST_HASH, 0)
_SALT = {"value": _VALUE, "encoding": _word(*_ENCODINGS), "position": _word("prefix", "suffix")}
_KEY = {"value": _VALUE, "encoding": _word(*_ENCODINGS)}
_HASH = {
    "value": _text(LONGEST_HASH),
    "encoding": _word(*_ENCODINGS),
    "digest": _text(32),
    "key": Member(type=dict, members=_KEY, required=("value",)),
}
_CUSTOM = {
    "algorithm": _word(*sorted(ALGORITHMS)),
    "hash": Member(type=dict, members=_HASH, required=("value", "encoding")),
    "salt": Member(type=dict, members=_SALT, required=("value",)),
    "password": Member(type=dict, members={"encoding": _word(*_PASSWORD_ENCODINGS)}),
    "keylen": Member(type=int, least=1, most=1024),
    "cost": Member(type=int, least=2, most=2**20),
    "blockSize": Member(type=int, least=1, most=1024),
    "parallelization": Member(type=int, least=1, most=1024),
    "signer_key": _text(1024),
    "salt_separator": _text(64, 0),
    "rounds": Member(type=int, least=1, most=64),
    "memory_cost": Member(type=int, least=1, most=20),
}
"""The last four are of ``firebase_scrypt``, which is ours."""
_FACTOR = {
    "totp": Member(type=dict, members={"secret": _text(256, pattern=re.compile(r"[A-Z2-7]+"))}, required=("secret",)),
    "phone": Member(type=dict, members={"value": _PHONE}, required=("value",)),
    "email": Member(type=dict, members={"value": _EMAIL}, required=("value",)),
}
USER: Mapping[str, Member] = {
    "email": _EMAIL,
    "email_verified": _FLAG,
    "phone_number": _PHONE,
    "phone_verified": _FLAG,
    "user_id": _text(255, pattern=re.compile(r"[^\s]+")),
    "username": _text(128),
    "given_name": _text(150),
    "family_name": _text(150),
    "name": _text(300),
    "nickname": _text(300),
    "picture": _text(2048, format="strict-uri", accepts=re.compile(r"https?://[^\s]+").fullmatch),
    "blocked": _FLAG,
    "password_hash": _text(60, 60, pattern=re.compile(r"\$2[ab]\$[0-9]{2}\$[./A-Za-z0-9]{53}")),
    "custom_password_hash": Member(type=dict, members=_CUSTOM, required=("algorithm", "hash")),
    "app_metadata": _OBJECT,
    "user_metadata": _OBJECT,
    "mfa_factors": Member(type=list, least=1, most=10, items=Member(type=dict, members=_FACTOR, exactly_one=True)),
}
_ROW = Member(type=dict, members=USER)


def faults(row: object) -> list[Fault]:
    """Everything that keeps ``row`` (JSON, decoded) from being a row of an import; nothing for a good one."""
    return list(_walk(row, _ROW, ""))


def _walk(value: object, of: Member, path: str) -> Iterator[Fault]:
    if not isinstance(value, of.type) or (of.type is int and isinstance(value, bool)):
        found = _WORDS.get(type(value), "null" if value is None else "number")
        yield Fault(Code.INVALID_TYPE, f"Expected type {_WORDS[of.type]} but found type {found}", path)
    elif isinstance(value, str):
        yield from _walk_text(value, of, path)
    elif isinstance(value, bool):
        return
    elif isinstance(value, int):
        yield from _walk_number(value, of, path)
    elif isinstance(value, list):
        yield from _walk_list(value, of, path)
    elif isinstance(value, dict) and of.members:
        yield from _walk_object(value, of, path)


def _walk_text(value: str, of: Member, path: str) -> Iterator[Fault]:
    if of.words and value not in of.words:
        yield Fault(Code.ENUM_MISMATCH, f"No enum match for: {value[:80]}", path)
    elif of.least is not None and len(value) < of.least:
        yield Fault(Code.MIN_LENGTH, f"String is too short ({len(value)} chars), minimum {of.least}", path)
    elif of.most is not None and len(value) > of.most:
        yield Fault(Code.MAX_LENGTH, f"String is too long ({len(value)} chars), maximum {of.most}", path)
    elif of.pattern is not None and of.pattern.fullmatch(value) is None:
        yield Fault(Code.PATTERN, "String does not match pattern", path)
    elif of.accepts is not None and not of.accepts(value):
        yield Fault(Code.FORMAT, f"Object didn't pass validation for format {of.format}", path)


def _walk_number(value: int, of: Member, path: str) -> Iterator[Fault]:
    if of.least is not None and value < of.least:
        yield Fault(Code.MINIMUM, f"Value {value} is less than minimum {of.least}", path)
    elif of.most is not None and value > of.most:
        yield Fault(Code.MAXIMUM, f"Value {value} is greater than maximum {of.most}", path)


def _walk_list(value: list[Any], of: Member, path: str) -> Iterator[Fault]:
    if of.least is not None and len(value) < of.least:
        yield Fault(Code.ARRAY_LENGTH_SHORT, f"Array is too short ({len(value)}), minimum {of.least}", path)
    elif of.most is not None and len(value) > of.most:
        yield Fault(Code.ARRAY_LENGTH_LONG, f"Array is too long ({len(value)}), maximum {of.most}", path)
    elif of.items is not None:
        for number, each in enumerate(value):
            yield from _walk(each, of.items, f"{path}[{number}]")


def _walk_object(value: Mapping[str, Any], of: Member, path: str) -> Iterator[Fault]:
    foreign = [name for name in value if name not in of.members]
    if foreign:
        yield Fault(Code.NOT_PASSED, f"Additional properties not allowed: {', '.join(foreign)[:200]}", path)
    for name in of.required:
        if name not in value:
            yield Fault(Code.OBJECT_REQUIRED, f"Missing required property: {name}", path)
    if of.exactly_one and len(value) != 1:
        yield Fault(Code.NOT_PASSED, f"Exactly one of {', '.join(of.members)} is expected", path)
    for name, member in of.members.items():
        if name in value:
            yield from _walk(value[name], member, f"{path}.{name}" if path else name)
