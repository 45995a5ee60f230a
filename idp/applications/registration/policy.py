"""What a client that makes itself known may be. Each rule is one function that raises one error (RFC 7591 3.2.2)."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from idp.applications.registration import metadata
from idp.applications.registration.metadata import LOOPBACK, Metadata
from idp.foundation.kernel.errors import OAuthError
from idp.foundation.tenancy.settings import ClientRegistration

PEOPLE = frozenset({"authorization_code", "implicit"})
"""Grants whose answer goes to a redirect URI."""
PATTERN = frozenset("*{}")
SHARED_SECRET = frozenset({"client_secret_basic", "client_secret_post", "client_secret_jwt"})


@dataclass(frozen=True)
class Allowed:
    """What the tenant, or the token that lets a client in, allows; no ``redirect_hosts``: any."""

    grant_types: frozenset[str]
    redirect_hosts: tuple[str, ...] = ()

    @classmethod
    def of(cls, settings: ClientRegistration, narrower: Mapping[str, Any] | None = None) -> Allowed:
        """The tenant's rules, with those of an initial access token in their place."""
        own = narrower or {}
        grants = own.get("grant_types") or settings.grant_types
        return cls(frozenset(grants), tuple(own.get("redirect_hosts") or settings.redirect_hosts))


def check(said: Metadata, allowed: Allowed) -> None:
    """Raises OAuthError ``invalid_redirect_uri`` or ``invalid_client_metadata``."""
    for rule in RULES:
        rule(said, allowed)


def _grants(said: Metadata, allowed: Allowed) -> None:
    refused = sorted(set(metadata.grant_types(said)) - allowed.grant_types)
    if refused:
        raise _metadata(f"Grant types that clients may not register with here: {', '.join(refused)}"[:300])


def _responses(said: Metadata, _allowed: Allowed) -> None:
    words = {word for each in said.response_types or () for word in each.split()}
    needed = {metadata.RESPONSE_GRANTS.get(word) for word in words - {"none"}}
    if None in needed:
        raise _metadata("response_types holds one that is not supported")
    if not needed <= set(metadata.grant_types(said)):
        raise _metadata("response_types needs a grant type that grant_types does not hold")


def _redirects(said: Metadata, allowed: Allowed) -> None:
    if not said.redirect_uris and not PEOPLE.isdisjoint(metadata.grant_types(said)):
        raise _redirect("redirect_uris is missing")
    for uri in said.redirect_uris:
        if not PATTERN.isdisjoint(uri):
            raise _redirect("A redirect URI is one address, no pattern of several")
        parts = urlsplit(uri)
        if parts.scheme == "http" and parts.hostname not in LOOPBACK:
            raise _redirect("A redirect URI has to use https, but for this machine itself")
        if not metadata.on_own_machine(uri) and not hosted(parts.hostname or "", allowed.redirect_hosts):
            raise _redirect(f"Clients may not register with redirect URIs at {parts.hostname}"[:300])


def _web_redirects(said: Metadata, _allowed: Allowed) -> None:
    """OpenID Connect Registration 2, ``application_type``."""
    if said.application_type == "web":
        own_scheme = any(urlsplit(uri).scheme not in {"http", "https"} for uri in said.redirect_uris)
        local = any(map(metadata.on_own_machine, said.redirect_uris))
        if own_scheme or (local and "implicit" in metadata.grant_types(said)):
            raise _redirect("A web application has redirect URIs with https that lead to a host of the web")


def _keys(said: Metadata, _allowed: Allowed) -> None:
    if said.jwks is not None and said.jwks_uri is not None:
        raise _metadata("jwks and jwks_uri exclude each other")


def _shared_secrets(said: Metadata, _allowed: Allowed) -> None:
    by_secret = "HS256" in (said.id_token_signed_response_alg, said.authorization_signed_response_alg)
    if by_secret and said.token_endpoint_auth_method not in SHARED_SECRET:
        raise _metadata("HS256 needs a client that authenticates with a secret")


RULES: tuple[Callable[[Metadata, Allowed], None], ...] = (
    _grants,
    _responses,
    _redirects,
    _web_redirects,
    _keys,
    _shared_secrets,
)


def hosted(host: str, patterns: Collection[str]) -> bool:
    """Whether the host is one of ``patterns``: a name, or ``*.`` and a name for everything below it."""
    lowered = host.lower()
    return not patterns or any(
        lowered == pattern.lower() or (pattern.startswith("*.") and lowered.endswith(pattern[1:].lower()))
        for pattern in patterns
    )


def _metadata(text: str) -> OAuthError:
    return OAuthError("invalid_client_metadata", text)


def _redirect(text: str) -> OAuthError:
    return OAuthError("invalid_redirect_uri", text)
