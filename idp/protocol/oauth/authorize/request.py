"""The authorization request while its checks run, and its checked form."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import msgspec

from idp.applications.clients.runtime import ClientConfig
from idp.applications.resource_servers.runtime import ResourceServerConfig
from idp.directory.connections.runtime import ConnectionConfig
from idp.foundation.kernel.errors import OAuthError
from idp.foundation.tenancy.work import Work


class AuthorizeRequest(msgspec.Struct, frozen=True, omit_defaults=True):
    """A request all of whose checks passed. Kept in the login transaction as it is."""

    client_id: str
    redirect_uri: str
    scope: str
    response_type: str = "code"
    response_mode: str = "query"
    state: str | None = None
    nonce: str | None = None
    audience: str | None = None
    code_challenge: str | None = None
    code_challenge_method: str | None = None
    prompt: tuple[str, ...] = ()
    max_age: int | None = None
    login_hint: str | None = None
    screen_hint: str | None = None
    hinted_user: str | None = None
    acr_values: tuple[str, ...] = ()
    connection_id: str | None = None
    connection_scope: str | None = None
    ui_locales: str | None = None
    id_token_claims: dict[str, Any] | None = None
    userinfo_claims: dict[str, Any] | None = None
    details: list[dict[str, Any]] | None = None
    """``authorization_details`` (RFC 9396)."""
    dpop_jkt: str | None = None
    """The key that the code is bound to (RFC 9449 10)."""
    pushed: str | None = None
    """The URI under which the client pushed it; the answer uses it up."""
    signed: bool = False
    """Whether the client signed it."""

    @property
    def scopes(self) -> list[str]:
        """The scopes that will be granted, in the order asked for."""
        return self.scope.split()

    @property
    def words(self) -> frozenset[str]:
        """What the answer holds: ``code``, ``token``, ``id_token``."""
        return frozenset(self.response_type.split())

    @property
    def offline(self) -> bool:
        """Whether a refresh token is part of the answer."""
        return "offline_access" in self.scopes

    def as_params(self) -> dict[str, str]:
        """The parameters that are checked again when the person comes back."""
        sent = {
            "client_id": self.client_id,
            "redirect_uri": self.redirect_uri,
            "response_type": self.response_type,
            "response_mode": self.response_mode,
            "code_challenge": self.code_challenge,
            "code_challenge_method": self.code_challenge_method,
            "audience": self.audience,
            "authorization_details": msgspec.json.encode(self.details).decode() if self.details else None,
        }
        return {name: value for name, value in sent.items() if value is not None}


@dataclass
class Draft:
    """What the steps have found so far. Each step reads ``params`` and fills in what it proved."""

    work: Work
    params: dict[str, str]
    client: ClientConfig | None = None
    api: ResourceServerConfig | None = None
    connection: ConnectionConfig | None = None
    pushed: str | None = None
    pushing: bool = False
    """Whether it is just being pushed."""
    looking: bool = False
    """Whether it is only looked at, now and perhaps again later: nothing of it is used up."""
    jkt: str | None = None
    """The key of the proof that it was pushed with."""
    signed: bool = False
    problem: OAuthError | None = None
    """What is wrong with the request as a whole, until it may be said."""
    checked: dict[str, Any] = field(default_factory=dict)

    @property
    def known_client(self) -> ClientConfig:
        """The client; the first step proved it."""
        if self.client is None:
            raise AssertionError("load_client runs first")
        return self.client

    def finish(self) -> AuthorizeRequest:
        """The request in its checked form."""
        return AuthorizeRequest(
            client_id=self.known_client.client_id, pushed=self.pushed, signed=self.signed, **self.checked
        )
