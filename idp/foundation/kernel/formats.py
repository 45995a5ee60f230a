"""What addresses, ids and names that come in must look like: a type each, used wherever one is declared.

``logo_uri: WebUrl | UnsetType = UNSET`` in a body or query is all it takes, also deep inside lists and structs: whoever
converts what was sent to the declared type asks :func:`misfit` about the result (decision 0020). What a URL must be is
:mod:`.registered_urls`' to say.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Annotated, Any

import msgspec
from msgspec import Meta

from idp.foundation.kernel import networks, registered_urls
from idp.foundation.kernel.email_addresses import valid_email

_EXTRA = "format"
_END = r"\Z"


@dataclass(frozen=True)
class Format:
    """A rule that a whole text keeps or not.

    ``name`` is the word in the message, which repeats the first ``quoted`` characters of the text (0: none).
    ``in_development`` accepts more on the machine of somebody who develops; ``blank`` lets the empty text pass, which
    Auth0's dashboards and tools send for "none".
    """

    name: str
    accepts: Callable[[str], object]
    quoted: int = 200
    in_development: Callable[[str], object] | None = None
    blank: bool = False
    pattern: str | None = None

    def problem(self, text: str, *, development: bool = False) -> str | None:
        """The words for what is wrong with ``text``, or None."""
        if (self.blank and not text) or self.accepts(text):
            return None
        if development and self.in_development is not None and self.in_development(text):
            return None
        value = f": {text[: self.quoted]}" if self.quoted else ""
        return f"Object didn't pass validation for format {self.name}{value}"


def text(format_: Format, json_format: str, **limits: Any) -> Meta:
    """What to annotate a ``str`` with: the rule, its name in JSON Schema, and msgspec's own limits."""
    return Meta(extra={_EXTRA: format_}, extra_json_schema={"format": json_format}, **limits)


def whole(pattern: str, **limits: Any) -> Meta:
    """What to annotate a ``str`` with that keeps ``pattern`` from its first to its last character.

    msgspec searches, and ``$`` lets a line break pass at the end of a text; JSON Schema and people are shown the ``$``.
    """
    return Meta(pattern=rf"^{pattern}{_END}", extra_json_schema={"pattern": f"^{pattern}$"}, **limits)


def shown(pattern: str) -> str:
    """A pattern of :func:`whole` as people and JSON Schema know it."""
    return pattern.removesuffix(_END) + "$" if pattern.endswith(_END) else pattern


def identifier(name: str, pattern: str, description: str) -> Meta:
    """What to annotate an id with whose shape is known."""
    matches = re.compile(pattern).fullmatch
    format_ = Format(name, matches, quoted=80, pattern=pattern)
    return Meta(extra={_EXTRA: format_}, extra_json_schema={"pattern": f"^(?:{pattern})$"}, description=description)


def _moment(value: str) -> bool:
    try:
        datetime.fromisoformat(value)
    except ValueError:
        return False
    return True


def _secure_page(url: str) -> bool:
    return registered_urls.login_page(url, development=False)


def _page_in_development(url: str) -> bool:
    return registered_urls.login_page(url, development=True)


_MAX_URL = 2048
WebUrl = Annotated[str, text(Format("url", registered_urls.web), "uri", max_length=_MAX_URL)]
"""An http(s) address."""
WebUrlOrBlank = Annotated[str, text(Format("url", registered_urls.web, blank=True), "uri", max_length=_MAX_URL)]
Callback = Annotated[str, text(Format("url", registered_urls.callback), "uri", max_length=_MAX_URL)]
"""A redirect target, or a pattern of them."""
LogoutUrl = Annotated[str, text(Format("url", registered_urls.redirect), "uri", max_length=_MAX_URL)]
"""Where a browser may be sent after signing out."""
LogoutUrlOrBlank = Annotated[str, text(Format("url", registered_urls.redirect, blank=True), "uri", max_length=_MAX_URL)]
Origin = Annotated[str, text(Format("url", registered_urls.origin), "uri", max_length=_MAX_URL)]
"""``scheme://host[:port]``."""
LoginPage = Annotated[
    str,
    text(
        Format("https-url", _secure_page, in_development=_page_in_development, blank=True), "uri", max_length=_MAX_URL
    ),
]
"""Where people begin: https, in development also plain http on this machine."""
LandingPage = Annotated[
    str, text(Format("url", _secure_page, in_development=_page_in_development, blank=True), "uri", max_length=_MAX_URL)
]
"""Where people without a destination are sent; the rules of :data:`LoginPage`."""
ResultPage = Annotated[
    str, text(Format("url", registered_urls.result_page, quoted=0, blank=True), "uri", max_length=_MAX_URL)
]
"""Where a link that was mailed leads on to; a fragment may stay."""
PictureUrl = Annotated[
    str, whole(r"https?://[^\s]+", max_length=_MAX_URL, description="A URI pointing to the user's picture")
]
DateTime = Annotated[str, text(Format("date-time", _moment, quoted=0, blank=True), "date-time")]
"""ISO 8601; the empty text is no moment."""
Email = Annotated[
    str,
    text(
        Format("email", valid_email, quoted=120), "email", min_length=3, max_length=254, description="The user's email"
    ),
]
EmailOrBlank = Annotated[str, text(Format("email", valid_email, quoted=120, blank=True), "email", max_length=254)]
PhoneNumber = Annotated[
    str, whole(r"\+[0-9]{1,15}", description="The user's phone number (following the E.164 recommendation)")
]
UserId = Annotated[str, Meta(min_length=1, max_length=300)]
PrefixedUserId = Annotated[str, identifier("user-id", r"[^|\s]+\|.+", "The id of the user")]
"""A user's id that no address, username or phone number can be taken for."""
ClientId = Annotated[str, Meta(min_length=1, max_length=64)]
SessionId = Annotated[str, Meta(min_length=1, max_length=64)]
Reference = Annotated[str, Meta(max_length=64)]
"""An id of ours that is only looked up: an unknown one is said to be unknown, whatever it looks like."""
ConnectionId = Annotated[
    str, identifier("connection-id-with-prefix-con", "con_[A-Za-z0-9]{16}", "The id of the connection")
]
ConnectionName = Annotated[
    str,
    whole(
        "[a-zA-Z0-9](-[a-zA-Z0-9]|[a-zA-Z0-9])*",
        min_length=1,
        max_length=128,
        description="The name of the connection",
    ),
]
IpAddress = Annotated[
    str, text(Format("ipv4-or-ipv6", networks.is_address, quoted=80), "ip", description="IP address to check")
]
"""An IPv4 or IPv6 address."""
IpOrNetwork = Annotated[str, text(Format("ipv4-ipv6-or-cidr", networks.is_address_or_network, quoted=80), "ip-or-cidr")]
"""An IP address, or a network as CIDR writes it."""
Audience = Annotated[str, Meta(min_length=1, max_length=600)]
"""The identifier of an API."""


@dataclass(frozen=True)
class Misfit:
    """A text that does not keep its format: where it stands (``callbacks[0]``, empty for the value itself), and the
    words.
    """

    where: str
    why: str


def of(type_: Any) -> Format | None:
    """The format of a text type, or None."""
    return _format(_info(type_))


def misfit(value: object, type_: Any, *, development: bool = False) -> Misfit | None:
    """The first text in ``value`` (already a ``type_`` to msgspec) that does not keep its format, or None."""
    info = _info(type_)
    return next(_misfits(value, info, "", development=development), None) if _holds_format(info) else None


@cache
def _info(type_: Any) -> msgspec.inspect.Type:
    return msgspec.inspect.type_info(type_)


def _format(info: msgspec.inspect.Type) -> Format | None:
    return (info.extra or {}).get(_EXTRA) if isinstance(info, msgspec.inspect.Metadata) else None


def _holds_format(info: msgspec.inspect.Type) -> bool:
    """Whether anything below has a format: what has none is not walked through."""
    match info:
        case msgspec.inspect.Metadata(type=inner):
            return _format(info) is not None or _holds_format(inner)
        case msgspec.inspect.UnionType(types=types):
            return any(map(_holds_format, types))
        case msgspec.inspect.ListType(item_type=item) | msgspec.inspect.DictType(value_type=item):
            return _holds_format(item)
        case msgspec.inspect.StructType(cls=cls):
            return bool(_members(cls))
        case _:
            return False


@cache
def _members(cls: type[msgspec.Struct]) -> tuple[msgspec.inspect.Field, ...]:
    info = _info(cls)
    return (
        tuple(field for field in info.fields if _holds_format(field.type))
        if isinstance(info, msgspec.inspect.StructType)
        else ()
    )


def _misfits(value: object, info: msgspec.inspect.Type, where: str, *, development: bool) -> Iterator[Misfit]:
    for part, part_info, part_where in _parts(value, info, where):
        format_ = _format(part_info)
        if format_ is None:
            yield from _misfits(part, part_info, part_where, development=development)
        elif isinstance(part, str) and (why := format_.problem(part, development=development)) is not None:
            yield Misfit(part_where, why)


def _parts(value: Any, info: msgspec.inspect.Type, where: str) -> Iterator[tuple[Any, msgspec.inspect.Type, str]]:
    """What ``value`` is made of and may hold a format, with the type and the place of each."""
    match info:
        case msgspec.inspect.Metadata(type=inner):
            yield value, info if _format(info) else inner, where
        case msgspec.inspect.UnionType(types=types):
            yield from ((value, option, where) for option in types if _holds_format(option))
        case msgspec.inspect.ListType(item_type=item) if isinstance(value, list):
            yield from ((each, item, f"{where}[{index}]") for index, each in enumerate(value))
        case msgspec.inspect.DictType(value_type=item) if isinstance(value, dict):
            yield from ((each, item, f"{where}[...]") for each in value.values())
        case msgspec.inspect.StructType(cls=cls) if isinstance(value, cls):
            for field in _members(cls):
                place = f"{where}.{field.encode_name}" if where else field.encode_name
                yield getattr(value, field.name), field.type, place
        case _:
            pass
