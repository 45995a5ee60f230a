"""What a connector declares about itself: one :class:`Strategy`, with the options it takes as a typed struct.

The secret options of a strategy are of type :data:`Secret`. That is all it takes: whoever stores, logs or shows options
reads the declaration, and an option that no declaration names is treated as a secret too (decision 0070).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

Kind = Literal["database", "passwordless", "social", "enterprise"]
"""What sort of source it is; log entries call it ``strategy_type``."""
Attribute = Literal["email", "phone_number"]
Sync = Literal["on_each_login", "on_first_login", "never_on_login"]
"""``set_user_root_attributes``: when a source's profile replaces what is known of somebody."""

Secret = Annotated[
    str, Meta(extra={"secret": True}, extra_json_schema={"format": "password", "writeOnly": True}, max_length=65_536)
]
"""The content of a secret option. The same words as :mod:`idp.foundation.kernel.secret`, which ``connectors`` does not
import.
"""
SecretFile = Annotated[
    str,
    Meta(
        extra={"secret": True, "file": True},
        extra_json_schema={"format": "password", "writeOnly": True},
        max_length=65_536,
    ),
]
"""The content of a file in base64, a secret: pages ask for the file itself."""
SecretText = Annotated[
    str,
    Meta(
        extra={"secret": True, "multiline": True},
        extra_json_schema={"format": "password", "writeOnly": True},
        max_length=65_536,
    ),
]
"""A secret of several lines, such as a private key in PEM: one line of it would be another one."""
ScriptSource = Annotated[
    str,
    Meta(
        extra={"secret": True, "multiline": True},
        extra_json_schema={"format": "password", "writeOnly": True},
        max_length=102_400,
    ),
]
"""The source of a script: a secret, since people write passwords into theirs."""
SecretDocument = Annotated[dict[str, Any], Meta(extra={"secret": True}, extra_json_schema={"writeOnly": True})]
"""An object that is secret as a whole."""
SecretTexts = Annotated[
    dict[str, Any], Meta(extra={"secret": True, "shape": dict[str, Secret]}, extra_json_schema={"writeOnly": True})
]
"""The same, which pages ask for as secret texts by their names."""
Harmless = Annotated[Any, Meta(extra={"secret": False})]
"""Whatever stands there is no secret, whole as it is."""
HarmlessMap = Annotated[Any, Meta(extra={"secret": False, "shape": dict[str, Any]})]
"""The same, which pages ask for as values by their names."""


@dataclass(frozen=True)
class PasswordRules:
    """What a source asks of passwords.

    ``level`` names one of the product's levels, None the usual one; ``min_length`` replaces the level's; ``words`` are
    refused besides the common ones; ``remembered`` is how many of somebody's last passwords are refused.
    """

    level: str | None = None
    min_length: int | None = None
    words: tuple[str, ...] = ()
    no_personal_data: bool = False
    remembered: int = 0


Asked = Literal["required", "optional", "inactive"]
"""Whether sign-up asks for an attribute."""


@dataclass(frozen=True)
class SignUpRules:
    """What sign-up asks for, by attribute; ``verify``: whether a mail goes out that proves the address, ``by_code``:
    with a code instead of a link, without which nobody gets in. ``phone_by_code``: a number is proven with a code, too.
    """

    email: Asked = "required"
    username: Asked = "inactive"
    phone_number: Asked = "inactive"
    verify: bool = True
    by_code: bool = False
    phone_by_code: bool = False


Name = Literal["email", "phone_number", "username"]
"""What an account may be known by."""


@dataclass(frozen=True)
class AccountRules:
    """What a source that keeps accounts asks of them. ``username_length`` (least, most) is None where accounts have no
    username; ``asks`` is what people are asked for who register themselves.

    ``known_by`` are the attributes that people sign in with, in the order in which they are tried; ``needs`` those that
    nobody is without. ``unique_email``: no two accounts have one address. ``resets_by_code``: whoever forgot their
    password is mailed a code instead of a link.

    ``passwords``: people sign in with a password, and choose one when they register themselves
    (``passwords_at_signup``); ``password_required``: so does whoever makes them an account by API. ``by_code`` are the
    attributes that a code is sent to for a sign-in, ``code_first`` those of them where that is asked for first.
    """

    signup: bool = True
    username_length: tuple[int, int] | None = None
    asks: SignUpRules = field(default_factory=SignUpRules)
    password: PasswordRules = field(default_factory=PasswordRules)
    passwords: bool = True
    passwords_at_signup: bool = True
    password_required: bool = True
    by_code: tuple[Name, ...] = ()
    code_first: tuple[Name, ...] = ()
    known_by: tuple[Name, ...] = ("email", "username")
    needs: tuple[Name, ...] = ()
    unique_email: bool = True
    resets_by_code: bool = False


@dataclass(frozen=True)
class PasskeyRules:
    """How people sign in with passkeys to accounts of a source: by a ``button``, by what browsers offer in the field
    for the name (``autofill``); ``progressive`` and ``local``: whoever signed in otherwise, or with a passkey of
    another device, is offered one for this device.
    """

    button: bool = True
    autofill: bool = True
    progressive: bool = True
    local: bool = True


@dataclass(frozen=True)
class CodeRules:
    """What a source asks that knows its people by an address they prove with a code: its digits, how long it is good
    for in seconds, and whether somebody new gets an account. ``newcomers`` is how many codes an hour go to people of
    one country who have none yet.
    """

    length: int = 6
    lifetime_s: int = 180
    signup: bool = True
    newcomers: int = 50


class Contradiction(str):
    """What keeps options from being stored together, in words for the caller, and ``where`` it is: the path of a member
    of the connection.
    """

    __slots__ = ("where",)
    where: str

    @classmethod
    def at(cls, where: str, why: str) -> Contradiction:
        """``where: why``."""
        said = cls(f"{where}: {why}")
        said.where = where
        return said


class Options(msgspec.Struct, frozen=True, kw_only=True):
    """The options of a strategy: one attribute each, under Auth0's name. Those that nobody declared are kept and
    sealed, and no code reads them.
    """

    def accounts(self) -> AccountRules | None:
        """The rules of accounts, or None for a source whose accounts live elsewhere."""
        return None

    def held(self, name: str) -> Sequence[str]:
        """What a file among the options (:data:`SecretFile`) holds, a line each, for administrators: nothing secret."""
        return ()

    def codes(self) -> CodeRules | None:
        """The rules of codes, or None for a source that sends none."""
        return None

    def passkeys(self) -> PasskeyRules | None:
        """The rules of passkeys, or None for a source whose accounts have none."""
        return None

    def domains(self) -> tuple[str, ...]:
        """Domains of addresses whose owners belong here (``domain_aliases``): home-realm discovery."""
        return tuple(getattr(self, "domain_aliases", None) or ())

    def icon(self) -> str | None:
        """The address of a picture for the button (``icon_url``), where it is one under TLS."""
        address = getattr(self, "icon_url", None) or ""
        return address if address.startswith("https://") else None

    def locks_out(self) -> bool:
        """Whether failed sign-ins count towards the brute-force lockout."""
        return True

    def changes_passwords(self) -> bool:
        """Whether people may change here the password that the source keeps."""
        return False

    def negotiates(self) -> Sequence[str]:
        """Networks and addresses whose browsers are asked for a ticket of the source first."""
        return ()

    def contradiction(self) -> str | None:
        """What keeps these options from being stored together, in words for the caller."""
        return None

    def sync(self) -> Sync:
        """When the source's profile replaces what is known of somebody."""
        return "on_each_login"

    def never_stored(self) -> Sequence[str]:
        """Attributes of the source that are never kept (``non_persistent_attrs``)."""
        return ()

    def signs_with(self) -> str | None:
        """The algorithm of the key that the connection shows its source who it is with, None where it needs none."""
        return None

    def conflict_with(self, before: Options) -> str | None:
        """What keeps these options from following those that stand, in words for the caller."""
        return None


@dataclass(frozen=True)
class Mark:
    """What stands on the button of a source: one to three ``letters`` on a tile of the ``color`` (``#rrggbb``)."""

    letters: str
    color: str

    @property
    def ink(self) -> str:
        """The colour of the letters: whichever of dark and light stands out more (WCAG 2.2, 1.4.3)."""
        parts = (int(self.color[start : start + 2], 16) / 255 for start in (1, 3, 5))
        red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
        light = 0.2126 * red + 0.7152 * green + 0.0722 * blue
        return "#ffffff" if 1.05 / (light + 0.05) >= (light + 0.05) / 0.0526 else "#111111"


@dataclass(frozen=True, kw_only=True)
class Entry:
    """Something that an operator copies from a source into the ``option`` of a connection; ``label`` is the source's
    word for it.
    """

    option: str
    label: str
    help: str = ""
    secret: bool = False
    required: bool = True
    default: str | None = None


def entries(labels: Mapping[str, str | tuple[str, str]]) -> tuple[Entry, ...]:
    """Entries that none has to be filled of, since the options say what they lack together: by option, the label, or
    the label and a sentence of help.
    """
    said = {name: (each, "") if isinstance(each, str) else each for name, each in labels.items()}
    return tuple(Entry(option=name, label=label, help=words, required=False) for name, (label, words) in said.items())


@dataclass(frozen=True, kw_only=True)
class Guide:
    """How a connection is set up: what to do at the source (``steps``, at its ``console``), what it calls our
    ``callback`` URL, what to enter here, and what comes back. ``email`` says what becomes of addresses: there are
    ``none``, all are ``unproven`` or ``proven``, or the source says which are (``told``).
    """

    console: str
    documentation: str
    callback: str
    steps: tuple[str, ...]
    entries: tuple[Entry, ...]
    scopes: tuple[str, ...]
    switches: tuple[str, ...]
    attributes: tuple[str, ...]
    email: Literal["none", "unproven", "told", "proven"]
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class NativeTokens:
    """What applications with a sign-in of the source's own get there and exchange here: the ``token_type`` by which
    they say so (RFC 8693 3), the ``switch`` of an application that allows it, and what it is. ``inspected`` is the
    address where the source says whose access token one is, and for which application.
    """

    token_type: str
    switch: str
    kind: Literal["code", "id_token", "access_token"]
    inspected: str = ""


@dataclass(frozen=True, kw_only=True)
class Strategy:
    """One kind of source.

    ``open`` is the class of its connector, made with a :class:`connectors.contract.ConnectorContext`; None for one
    whose connections can be configured and not used, ``unusable`` says why. ``amr`` is the method a sign-in proves (RFC
    8176). ``account_key`` is the attribute somebody needs to get an account there, None where the source itself makes
    accounts. ``defaults`` are the options of a new connection, ``installed`` what the one that every tenant begins with
    spells out beside them. ``provider`` begins the ids of its users (``provider|account id``). ``ids_by_connection``:
    every connection is a source of its own, whose ids mean nothing elsewhere; the name of the connection stands before
    them (``provider|connection|id at the source``). ``mark`` is what stands on its buttons, ``guide`` what its
    operators have to know; one without a guide has a ``page`` below ``docs/connections``. ``choose`` answers the class
    of the connector where that depends on the options. ``shown_sealed`` are options whose values are told to nobody
    again, each shown as a sealed text that may be sent back. ``sees_passwords`` are options that decide who else sees
    the passwords that people type. ``lasting`` are options that stay when they are not sent again. ``key_algorithms``
    are those that keys of a connection's own may sign with, the usual one first; none where it has no use for keys.
    ``native`` is what applications of its own kind bring, where they do. ``called`` is what operators know it as, where
    that is not what people read on buttons; ``asks`` is what they enter first where no guide says so. ``script_sets``
    are the sets of scripts to begin with, each with its events, where a tenant's own scripts may answer; ``scripts_of``
    reads one. ``trusted_until`` reads out of a connection's options when the first of the certificates that its source
    is believed by expires; None where they hold none. ``unmapped`` says why nothing is mapped of a profile
    (:class:`connectors.contract.Maps`) where its usual connector does not.
    """

    name: str
    kind: Kind
    amr: str
    options: type[Options] = Options
    open: type[Any] | None = None
    display_name: str = ""
    account_key: Attribute | None = None
    defaults: Mapping[str, Any] = field(default_factory=dict)
    installed: Mapping[str, Any] = field(default_factory=dict)
    ids_by_connection: bool = False
    mark: Mark | None = None
    guide: Guide | None = None
    page: str = ""
    choose: Callable[[Any], type[Any]] | None = None
    shown_sealed: frozenset[str] = frozenset()
    sees_passwords: frozenset[str] = frozenset()
    lasting: frozenset[str] = frozenset()
    key_algorithms: tuple[str, ...] = ()
    unusable: str = ""
    native: NativeTokens | None = None
    called: str = ""
    asks: tuple[Entry, ...] = ()
    script_sets: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    scripts_of: Callable[[str], Mapping[str, str]] | None = None
    trusted_until: Callable[[Mapping[str, Any]], datetime | None] | None = None
    unmapped: str = ""

    @property
    def known_as(self) -> str:
        """What operators know it as."""
        return self.called or self.display_name or self.name

    @property
    def asked(self) -> tuple[Entry, ...]:
        """What they enter first."""
        return self.guide.entries if self.guide is not None else self.asks

    @property
    def provider(self) -> str:
        """What ids of its users begin with."""
        return self.name

    def connector(self, options: Options | None = None) -> type[Any] | None:
        """The class of its connector under these options."""
        return self.choose(options) if self.choose is not None and options is not None else self.open

    def can(self, capability: type[Any], options: Options | None = None) -> bool:
        """Whether its connector has that capability: one of the Protocols of :mod:`connectors.contract`."""
        found = self.connector(options)
        return found is not None and issubclass(found, capability)

    def read(self, document: Mapping[str, Any]) -> Options:
        """Stored options, typed. One that was stored before its type was known and does not fit counts as absent."""
        try:
            return msgspec.convert(document, self.options)
        except msgspec.ValidationError:
            fitting = {name: value for name, value in document.items() if self._fits(name, value)}
            return msgspec.convert(fitting, self.options)

    def _fits(self, name: str, value: object) -> bool:
        try:
            msgspec.convert({name: value}, self.options)
        except msgspec.ValidationError:
            return False
        return True
