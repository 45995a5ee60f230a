"""A provider as data: one file of such a declaration is all that most of them need
(docs/decisions/0151-providers-are-data.md).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Literal

from connectors.oauth2.paths import Path, Source
from connectors.oauth2.quirks import Call, Quirks
from connectors.strategy import Kind, NativeTokens

NONE: Mapping[str, Any] = MappingProxyType({})
BEARER: Mapping[str, str] = MappingProxyType({"Authorization": "Bearer {access_token}"})
JSON: Mapping[str, str] = MappingProxyType({"Accept": "application/json"})


@dataclass(frozen=True, kw_only=True)
class Fetch:
    """A call that brings the profile, or a part of it.

    ``{...}`` in texts is filled with ``access_token``, ``client_id``, ``client_secret``, any text of the token answer
    and any operator's field; quoted in ``url``. ``at`` is the part of the answer that is the profile, ``into`` the
    name under which it is put (``""``: merged at the top). One that is ``optional`` may fail.
    """

    url: str
    method: Literal["get", "post_form", "post_json"] = "get"
    headers: Mapping[str, str] = field(default_factory=lambda: BEARER)
    params: Mapping[str, str] = field(default_factory=lambda: NONE)
    body: Mapping[str, Any] | None = None
    at: Path = ""
    into: str = ""
    optional: bool = False


@dataclass(frozen=True, kw_only=True)
class Fault:
    """An error that comes in an answer of status 200: at ``path`` stands something that is none of ``fine``.
    ``message`` is where its words are looked for, for the log.
    """

    path: Path
    fine: tuple[Any, ...] = ()
    message: tuple[Path, ...] = ("error_description", "error.message", "message", "errmsg")


@dataclass(frozen=True, kw_only=True)
class IdToken:
    """What an ID token of the provider must be like (OIDC Core 3.1.3.7).

    ``issuer`` is compared whole, once the claims of ``issuer_claims`` were filled in (``{tid}``); ``also`` are further
    spellings of it. ``HS256`` is checked with the client's secret. ``nonce`` is False only where a provider documents
    that it does not give it back.
    """

    issuer: str
    jwks_uri: str
    algorithms: tuple[str, ...] = ("RS256",)
    issuer_claims: tuple[str, ...] = ()
    also: tuple[str, ...] = ()
    nonce: bool = True


@dataclass(frozen=True, kw_only=True)
class Field:
    """A further thing that an operator enters: an option of that ``name``, which endpoints use as ``{name}``."""

    name: str
    label: str
    help: str = ""
    secret: bool = False
    required: bool = True
    default: str | None = None
    pattern: str = r"^[A-Za-z0-9][A-Za-z0-9._-]{0,252}\Z"
    multiline: bool = False


@dataclass(frozen=True, kw_only=True)
class Setup:
    """What an operator does at the provider. ``callback``, ``client_id`` and ``client_secret`` are its own words for
    those; ``client_secret`` is None where it has none.
    """

    console: str
    documentation: str
    callback: str = "Redirect URI"
    client_id: str = "Client ID"
    client_secret: str | None = "Client secret"  # noqa: S105 - a word, no secret
    steps: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Provider:
    """One provider.

    ``profile`` says which of our attributes is found where, ``id`` where the account's id is: something that stays, and
    no address. Both look into the documents of ``profile_from``, merged in that order. ``email_verified`` is where
    JSON true says that the address was proven, or True where the provider documents that it gives proven ones only.
    ``told_once`` are attributes that it says at somebody's first sign-in alone. ``scope_options`` are switches of a
    connection and the scopes they ask for (``""``: kept, asks for nothing), ``other_options`` are further ones that are
    kept and hold no secret. ``issuer`` is what the provider calls itself in its answers (RFC 9207). ``mark`` and
    ``color`` are those of :class:`connectors.strategy.Mark`; without letters it is the first of the name. ``kind`` and
    ``ids_by_connection``: see :class:`connectors.strategy.Strategy`. One with a ``request_token_endpoint`` speaks OAuth
    1.0a (:mod:`connectors.oauth1`); what is about OAuth 2.0 alone means nothing to it. ``choose`` answers the
    class of another connector where the options ask for another protocol.
    """

    name: str
    display_name: str
    authorization_endpoint: str
    token_endpoint: str
    setup: Setup
    id: Source
    profile: Mapping[str, Source]
    fetch: tuple[Fetch, ...] = ()
    id_token: IdToken | None = None
    profile_from: tuple[Literal["token", "id_token", "userinfo"], ...] = ("id_token", "userinfo")
    told_once: tuple[str, ...] = ()
    email_verified: Path | bool = False
    scopes: tuple[str, ...] = ()
    scope_options: Mapping[str, str] = field(default_factory=lambda: NONE)
    other_options: Mapping[str, Literal["text", "list", "number", "switch"]] = field(default_factory=lambda: NONE)
    scope_separator: str = " "
    scope_param: str = "scope"
    client_id_param: str = "client_id"
    client_secret_param: str = "client_secret"  # noqa: S105 - a word, no secret
    client_auth: Literal["basic", "post", "none"] = "post"
    pkce: bool | Literal["plain"] = True
    response_mode: Literal["query", "form_post"] = "query"
    authorize_params: Mapping[str, str] = field(default_factory=lambda: NONE)
    authorize_fragment: str = ""
    login_hint: bool = False
    token_method: Literal["post_form", "post_json", "get"] = "post_form"  # noqa: S105 - a word, no secret
    token_headers: Mapping[str, str] = field(default_factory=lambda: JSON)
    token_params: Mapping[str, str] = field(default_factory=lambda: NONE)
    token_at: Path = ""
    token_format: Literal["json", "form", "either"] = "either"  # noqa: S105 - a word, no secret
    access_token: Path = "access_token"  # noqa: S105 - a word, no secret
    refresh_token: Path = "refresh_token"  # noqa: S105 - a word, no secret
    expires_in: Path = "expires_in"
    refreshes: bool = True
    issuer: str | None = None
    end_session_endpoint: str | None = None
    faults: tuple[Fault, ...] = ()
    fields: tuple[Field, ...] = ()
    mark: str = ""
    color: str = ""
    quirks: Callable[[Call], Quirks] = Quirks
    kind: Kind = "social"
    ids_by_connection: bool = False
    request_token_endpoint: str = ""
    choose: Callable[[Any], type[Any] | None] | None = None
    native: NativeTokens | None = None
