"""To what a token is bound: the key of DPoP proofs (RFC 9449) or a client certificate (RFC 8705), when it has to be,
and whether one that comes is bound as client and API want it now.

Pure decisions: what a request proved is read by :mod:`idp.protocol.possession`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

import msgspec

from idp.applications.clients.runtime import ClientConfig
from idp.applications.resource_servers.runtime import ResourceServerConfig
from idp.foundation.kernel.errors import OAuthError, invalid_request

JKT: Final = "jkt"
X5T: Final = "x5t#S256"
"""Members of ``cnf`` (RFC 9449 6.1, RFC 8705 3.1)."""
MECHANISMS: Final[Mapping[str, str]] = {"dpop": JKT, "mtls": X5T}
"""Auth0's names of them (``proof_of_possession.mechanism`` of an API)."""
UNKNOWN: Final = "unknown"
"""What a token says that is bound to something we know nothing of: nobody proves it."""


class Binding(msgspec.Struct, frozen=True):
    """``method`` is the member of ``cnf``; ``thumbprint`` the SHA-256 that it holds, in base64url."""

    method: str
    thumbprint: str

    @property
    def cnf(self) -> dict[str, str]:
        """The claim."""
        return {self.method: self.thumbprint}

    @property
    def token_type(self) -> str:
        """The ``token_type`` of an answer."""
        return "DPoP" if self.method == JKT else "Bearer"


def _nothing() -> None:
    """Nothing was shown that could be spent."""


@dataclass(frozen=True)
class Shown:
    """What a request proved to possess: a key, a certificate, both or neither, by their thumbprints.

    ``spend`` makes the proof good for nothing else: whoever issues something for it calls it once. ``next_nonce`` is
    what the next proof shall hold, where the caller is to be told a new one.
    """

    jkt: str | None = None
    x5t: str | None = None
    spend: Callable[[], None] = _nothing
    next_nonce: str | None = None

    def proves(self, bound: Binding) -> bool:
        """Whether the request came with what something is bound to."""
        return bound.thumbprint == {JKT: self.jkt, X5T: self.x5t}.get(bound.method)

    def by(self, method: str) -> Binding | None:
        """The binding to what was shown of that kind."""
        thumbprint = {JKT: self.jkt, X5T: self.x5t}[method]
        return Binding(method, thumbprint) if thumbprint is not None else None


NOTHING: Final = Shown()


def of_claims(claims: Mapping[str, Any]) -> Binding | None:
    """To what the holder of these claims is bound; None: to nothing."""
    if "cnf" not in claims:
        return None
    said = claims["cnf"]
    for method in (JKT, X5T):
        if isinstance(said, dict) and isinstance(said.get(method), str):
            return Binding(method, said[method])
    return Binding(UNKNOWN, "")


def methods(client: ClientConfig, api: ResourceServerConfig | None) -> frozenset[str]:
    """What tokens of that client for that API have to be bound to; :data:`UNKNOWN` stands for either of the two."""
    data = client.data
    wanted = {
        JKT: data.dpop_bound_access_tokens,
        X5T: data.tls_client_certificate_bound_access_tokens,
        _mechanism(api): _required(client, api),
    }
    found = frozenset(method for method, needed in wanted.items() if needed and method is not None)
    return found or (frozenset({UNKNOWN}) if data.require_proof_of_possession else found)


def wanted(client: ClientConfig, api: ResourceServerConfig | None, shown: Shown) -> Binding | None:
    """To what a token is bound that is issued now; None: to nothing.

    :raises OAuthError: client or API want it bound to what the request did not prove.
    """
    needed = methods(client, api)
    if len(needed) > 1:
        raise invalid_request("The client wants its tokens bound in one way, and the API in another")
    by_choice = shown.by(JKT) or (shown.by(X5T) if needed or _mechanism(api) == X5T else None)
    if not needed:
        return by_choice
    (method,) = needed
    found = by_choice if method == UNKNOWN else shown.by(method)
    if found is None:
        raise _missing(method)
    return found


def fits(client: ClientConfig, api: ResourceServerConfig | None, bound: Binding | None) -> bool:
    """Whether a token that is bound so would be given out today."""
    needed = methods(client, api)
    if not needed:
        return True
    return bound is not None and all(method in (bound.method, UNKNOWN) for method in needed)


def check_front_channel(client: ClientConfig, api: ResourceServerConfig | None) -> None:
    """Access tokens that come through the browser are bound to nothing.

    :raises OAuthError: ``invalid_request`` where client or API want them bound.
    """
    if methods(client, api):
        raise invalid_request("Access tokens have to be bound to a key or a certificate: none comes in the answer")


def check(bound: Binding | None, shown: Shown, what: str) -> None:
    """What is bound is the caller's alone.

    :raises OAuthError: ``invalid_grant`` where the request proved something else, or nothing.
    """
    if bound is not None and not shown.proves(bound):
        raise OAuthError("invalid_grant", f"The {what} is bound to another {_named(bound.method)}, or none was shown")


def _mechanism(api: ResourceServerConfig | None) -> str | None:
    said = (api.data.proof_of_possession or {}) if api is not None else {}
    return MECHANISMS.get(str(said.get("mechanism")))


def _required(client: ClientConfig, api: ResourceServerConfig | None) -> bool:
    """``proof_of_possession`` of the API: ``required``, and of whom (everybody, unless it says so)."""
    said = (api.data.proof_of_possession or {}) if api is not None else {}
    return bool(said.get("required")) and (client.public or said.get("required_for") != "public_clients")


def _missing(method: str) -> OAuthError:
    if method == JKT:
        return OAuthError("invalid_dpop_proof", "A DPoP proof is required, and there is none")
    if method == X5T:
        return invalid_request("A client certificate is required, and there is none")
    return invalid_request("Proof of possession is required: a DPoP proof or a client certificate")


def _named(method: str) -> str:
    return "key" if method == JKT else "certificate"
