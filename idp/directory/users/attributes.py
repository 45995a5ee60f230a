"""The one table of profile attributes (spec/user-profile.md, "Attributes"; docs/decisions/0060-one-attribute-table.md).

Creation, update, linking, rendering, claims, the rules of passwords, search and the schemas of the Management API all
read it: a further attribute or claim is one row here (and a column, where it shall be searched).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Annotated, Any

from msgspec import Meta, Struct

from idp.directory.users.models import User
from idp.foundation.kernel.formats import Email, PhoneNumber, PictureUrl
from idp.foundation.kernel.scopes import OIDC_SCOPES

Metadata = dict[str, Any]
ShortName = Annotated[str, Meta(min_length=1, max_length=150)]
LongName = Annotated[str, Meta(min_length=1, max_length=300)]
Username = Annotated[str, Meta(min_length=1, max_length=128, description="The user's username")]
_PageUrl = Annotated[str, Meta(max_length=2048, pattern=r"^https?://[^\s]+\Z")]
_Birthdate = Annotated[str, Meta(pattern=r"^[0-9]{4}(-[0-9]{2}-[0-9]{2})?\Z")]
_ZoneName = Annotated[str, Meta(pattern=r"^[A-Za-z0-9_+/-]{1,64}\Z")]
_LanguageTag = Annotated[str, Meta(pattern=r"^[A-Za-z0-9_-]{1,35}\Z")]


class PostalAddress(Struct, frozen=True, omit_defaults=True):
    """The claim ``address`` (OIDC Core 5.1.1)."""

    formatted: LongName | None = None
    street_address: LongName | None = None
    locality: ShortName | None = None
    region: ShortName | None = None
    postal_code: ShortName | None = None
    country: ShortName | None = None


class Kind(Enum):
    """What the values of an attribute are."""

    TEXT = "text"
    FLAG = "flag"
    NUMBER = "number"
    MOMENT = "moment"
    """Milliseconds in the store, ISO 8601 in answers."""
    DOCUMENT = "document"


class Owner(Enum):
    """Who may set an attribute."""

    ROOT = "root"
    """The source where the connection syncs profiles at each login, else administrators (Auth0's root attributes)."""
    IDENTIFIER = "identifier"
    """Administrators, for users of database and passwordless connections; a change ends the user's sessions."""
    ADMINISTRATOR = "administrator"
    """Administrators, for everybody's users."""
    SOURCE = "source"
    """Only whatever the profile comes from."""
    SYSTEM = "system"
    """Nobody: we count and remember ourselves."""


class Search(Enum):
    """How a searchable attribute compares."""

    TEXT = "text"
    FOLDED = "folded"
    """Case-insensitive."""
    NUMBER = "number"
    FLAG = "flag"
    DATE = "date"
    DOCUMENT = "document"
    """By the path of a member inside."""


@dataclass(frozen=True, kw_only=True)
class Attribute:
    """One row.

    ``accepts`` is the type that requests must bring, limits included. ``claim`` with the ``scopes`` that open it is how
    applications see it; where several rows fill one claim the first that has a value does. ``beside`` names the
    attribute without which this one says nothing (``email_verified`` without an ``email``). ``bare``: words without a
    field are looked for here too. ``personal`` values must not be part of a password. ``linked`` ones move along when
    accounts are linked and unlinked. ``importable`` ones may stand in a bulk import. A moment ``claimed_in_seconds`` is
    a number in tokens (OIDC Core 5.1) unless the tenant's switch asks for text. ``silent_at_rest``: false and 0 are
    left out of answers. ``in_metadata`` is the type of the member of that name in ``user_metadata`` which fills the
    claim where nothing else does; None: such a member is none of the claim's business.
    """

    name: str
    kind: Kind = Kind.TEXT
    owner: Owner = Owner.SYSTEM
    claim: str | None = None
    scopes: tuple[str, ...] = ()
    beside: str | None = None
    search: Search | None = None
    bare: bool = False
    personal: bool = False
    linked: bool = False
    importable: bool = False
    accepts: Any = str
    claimed_in_seconds: bool = False
    silent_at_rest: bool = False
    in_metadata: Any = None

    @property
    def column(self) -> Any:
        """The column of ``users`` that holds it, or None: it stands in the ``profile`` document."""
        return getattr(User, self.name) if self.name in _COLUMNS else None

    @property
    def settable(self) -> bool:
        """Whether ``POST /users`` and ``PATCH /users/{id}`` take it."""
        return self.owner in {Owner.ROOT, Owner.IDENTIFIER, Owner.ADMINISTRATOR}

    @property
    def removable(self) -> bool:
        """Whether a PATCH may say null."""
        return self.settable and self.kind in {Kind.TEXT, Kind.DOCUMENT}


_COLUMNS = frozenset(column.key for column in User.__table__.columns) - {"profile", "version"}
"""The ``profile`` column holds what has none; the claim of that name stands in it like any other."""
_ROOT, _IDENTIFIER, _ADMINISTRATOR = Owner.ROOT, Owner.IDENTIFIER, Owner.ADMINISTRATOR
_FROM_SOURCE: Mapping[str, Any] = {"owner": Owner.SOURCE, "scopes": ("profile",)}

ATTRIBUTES: tuple[Attribute, ...] = (
    Attribute(name="user_id", search=Search.TEXT, bare=True, importable=True),
    Attribute(
        name="email",
        owner=_IDENTIFIER,
        claim="email",
        scopes=("email",),
        search=Search.FOLDED,
        bare=True,
        personal=True,
        linked=True,
        importable=True,
        accepts=Email,
    ),
    Attribute(
        name="email_verified",
        kind=Kind.FLAG,
        accepts=bool,
        owner=_IDENTIFIER,
        claim="email_verified",
        scopes=("email", "email_verified"),
        beside="email",
        search=Search.FLAG,
        importable=True,
    ),
    Attribute(
        name="phone_number",
        owner=_IDENTIFIER,
        claim="phone_number",
        scopes=("phone",),
        search=Search.TEXT,
        bare=True,
        linked=True,
        accepts=PhoneNumber,
    ),
    Attribute(
        name="phone_verified",
        kind=Kind.FLAG,
        accepts=bool,
        owner=_ADMINISTRATOR,
        claim="phone_number_verified",
        scopes=("phone",),
        beside="phone_number",
        search=Search.FLAG,
    ),
    Attribute(
        name="name",
        owner=_ROOT,
        claim="name",
        scopes=("profile", "name"),
        search=Search.FOLDED,
        bare=True,
        personal=True,
        linked=True,
        importable=True,
        accepts=LongName,
    ),
    Attribute(
        name="given_name",
        owner=_ROOT,
        claim="given_name",
        scopes=("profile", "given_name"),
        search=Search.FOLDED,
        bare=True,
        personal=True,
        linked=True,
        importable=True,
        accepts=ShortName,
    ),
    Attribute(
        name="family_name",
        owner=_ROOT,
        claim="family_name",
        scopes=("profile", "family_name"),
        search=Search.FOLDED,
        bare=True,
        personal=True,
        linked=True,
        importable=True,
        accepts=ShortName,
    ),
    Attribute(
        name="nickname",
        owner=_ROOT,
        claim="nickname",
        scopes=("profile", "nickname"),
        search=Search.FOLDED,
        bare=True,
        personal=True,
        linked=True,
        importable=True,
        accepts=LongName,
    ),
    Attribute(
        name="picture",
        owner=_ROOT,
        claim="picture",
        scopes=("profile", "picture"),
        linked=True,
        importable=True,
        accepts=PictureUrl,
    ),
    Attribute(name="middle_name", claim="middle_name", in_metadata=ShortName, **_FROM_SOURCE),
    Attribute(name="preferred_username", claim="preferred_username", in_metadata=ShortName, **_FROM_SOURCE),
    Attribute(
        name="username",
        owner=_IDENTIFIER,
        claim="preferred_username",
        scopes=("profile",),
        search=Search.TEXT,
        bare=True,
        personal=True,
        linked=True,
        importable=True,
        accepts=Username,
    ),
    Attribute(name="profile", claim="profile", in_metadata=_PageUrl, **_FROM_SOURCE),
    Attribute(name="website", claim="website", in_metadata=_PageUrl, **_FROM_SOURCE),
    Attribute(name="gender", claim="gender", in_metadata=ShortName, **_FROM_SOURCE),
    Attribute(name="birthdate", claim="birthdate", in_metadata=_Birthdate, **_FROM_SOURCE),
    Attribute(name="zoneinfo", claim="zoneinfo", in_metadata=_ZoneName, **_FROM_SOURCE),
    Attribute(name="locale", claim="locale", in_metadata=_LanguageTag, **_FROM_SOURCE),
    Attribute(
        name="address",
        kind=Kind.DOCUMENT,
        owner=Owner.SOURCE,
        claim="address",
        scopes=("address",),
        in_metadata=PostalAddress,
    ),
    Attribute(
        name="user_metadata",
        kind=Kind.DOCUMENT,
        accepts=Metadata,
        owner=_ADMINISTRATOR,
        search=Search.DOCUMENT,
        importable=True,
    ),
    Attribute(
        name="app_metadata",
        kind=Kind.DOCUMENT,
        accepts=Metadata,
        owner=_ADMINISTRATOR,
        search=Search.DOCUMENT,
        importable=True,
    ),
    Attribute(
        name="blocked",
        kind=Kind.FLAG,
        accepts=bool,
        owner=_ADMINISTRATOR,
        search=Search.FLAG,
        importable=True,
        silent_at_rest=True,
    ),
    Attribute(name="created_at", kind=Kind.MOMENT, claim="created_at", scopes=("created_at",), search=Search.DATE),
    Attribute(
        name="updated_at",
        kind=Kind.MOMENT,
        claim="updated_at",
        scopes=("profile",),
        search=Search.DATE,
        claimed_in_seconds=True,
    ),
    Attribute(name="last_login", kind=Kind.MOMENT, search=Search.DATE),
    Attribute(name="last_ip", search=Search.TEXT),
    Attribute(name="logins_count", kind=Kind.NUMBER, search=Search.NUMBER, silent_at_rest=True),
    Attribute(name="last_password_reset", kind=Kind.MOMENT),
)
BY_NAME: Mapping[str, Attribute] = {attribute.name: attribute for attribute in ATTRIBUTES}


def names(rows: Iterable[Attribute]) -> tuple[str, ...]:
    """Their names, in the table's order."""
    return tuple(row.name for row in rows)


ROOT = names(row for row in ATTRIBUTES if row.owner is Owner.ROOT)
IDENTIFIERS = names(row for row in ATTRIBUTES if row.owner is Owner.IDENTIFIER)
LINKED = names(row for row in ATTRIBUTES if row.linked)
PERSONAL = names(row for row in ATTRIBUTES if row.personal)
STORED = names(row for row in ATTRIBUTES if row.column is not None)
"""Attributes with a column of their own; all others are members of the ``profile`` document."""
COLUMNLESS = names(row for row in ATTRIBUTES if row.settable and row.column is None)
"""Those of them that administrators set."""
METADATA = names(row for row in ATTRIBUTES if row.search is Search.DOCUMENT)

STANDARD_CLAIMS = frozenset(row.claim for row in ATTRIBUTES if row.claim is not None)
"""What there is to learn of a person."""
SCOPE_CLAIMS: Mapping[str, tuple[str, ...]] = {
    scope: tuple(dict.fromkeys(row.claim for row in ATTRIBUTES if row.claim is not None and scope in row.scopes))
    for scope in dict.fromkeys(scope for row in ATTRIBUTES if row.claim is not None for scope in row.scopes)
}
"""The claims that a scope opens. Auth0 also takes single claims as scopes."""
STANDARD_SCOPES = OIDC_SCOPES | SCOPE_CLAIMS.keys() | {"identities"}
"""Scopes that every client may ask for, whatever the API; discovery lists them."""
